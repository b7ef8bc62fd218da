// SPDX-License-Identifier: GPL-2.0-or-later
//
// e1000: reception (manual order 317453, section 3.2).
#include <algorithm>
#include <cstring>

#include "hw/net/e1000.h"

namespace hw {

using namespace e1000;

std::uint64_t E1000::ring(unsigned low, unsigned high) const {
    return std::uint64_t{state_.mac[high]} << 32 | (state_.mac[low] & ~15u);
}

bool E1000::has_buffers(std::size_t bytes) {
    const unsigned descriptors = reg(RDLEN) / 16;
    if (!descriptors || !state_.rxbuf_size || reg(RDH) >= descriptors) return false;
    const unsigned head = reg(RDH), tail = reg(RDT);
    const unsigned free = head <= tail ? tail - head : descriptors - head + tail;
    return bytes <= std::size_t{free} * state_.rxbuf_size;
}

bool E1000::ready() {
    return realized() && reg(STATUS) & status_link_up && reg(RCTL) & rctl_en && bus_master() &&
           has_buffers(1);
}

/// Address filtering (section 3.2.1).
bool E1000::wanted(std::span<const std::uint8_t> f) {
    const std::uint32_t control = reg(RCTL);
    const bool group = f[0] & 1;
    if (control & (group ? rctl_mpe : rctl_upe)) return true;
    if (control & rctl_bam &&
        std::all_of(f.begin(), f.begin() + 6, [](auto b) { return b == 0xff; }))
        return true;
    const std::uint32_t low = std::uint32_t{f[0]} | std::uint32_t{f[1]} << 8 |
                              std::uint32_t{f[2]} << 16 | std::uint32_t{f[3]} << 24;
    const std::uint32_t high = f[4] | f[5] << 8;
    for (unsigned n = 0; n < 16; n++) {
        const std::uint32_t rah = reg(RA + 2 * n + 1);
        if (rah & rah_valid && reg(RA + 2 * n) == low && (rah & 0xffff) == high) return true;
    }
    // The multicast table: 12 bits of the address, taken from where RCTL.MO says.
    constexpr unsigned shifts[] = {4, 3, 2, 0};
    const unsigned hash = (high >> shifts[control >> 12 & 3]) & 0xfff;
    return group && reg(MTA + (hash >> 5)) >> (hash & 31) & 1;
}

void E1000::receive(std::span<const std::uint8_t> frame) {
    constexpr std::size_t shortest = 60, fcs = 4;
    if (frame.size() < 14 || frame.size() > 16384 - fcs || !wanted(frame)) return;
    std::vector<std::uint8_t> bytes(frame.begin(), frame.end());
    if (bytes.size() < shortest) bytes.resize(shortest);
    const std::size_t total = bytes.size() + (reg(RCTL) & rctl_secrc ? 0 : fcs);
    bytes.resize(total);
    if (!has_buffers(total)) {
        raise(cause_rxo);
        return;
    }
    const std::uint64_t base = ring(RDBAL, RDBAH);
    const unsigned descriptors = reg(RDLEN) / 16, first = reg(RDH);
    for (std::size_t at = 0; at < total;) {
        const std::size_t n = std::min<std::size_t>(total - at, state_.rxbuf_size);
        const std::uint64_t where = base + std::uint64_t{reg(RDH)} * 16;
        std::uint8_t d[16] = {};
        dma_read(where, d);
        std::uint64_t buffer;
        std::memcpy(&buffer, d, 8);
        if (buffer) dma_write(buffer, std::span(bytes).subspan(at, n));
        at += n;
        d[8] = static_cast<std::uint8_t>(n);
        d[9] = static_cast<std::uint8_t>(n >> 8);
        d[12] = rxd_dd | rxd_ixsm | (at == total ? rxd_eop : 0);
        dma_write(where, d);
        if (++reg(RDH) >= descriptors) reg(RDH) = 0;
        if (reg(RDH) == first) break;  // a ring that the guest moved under us
    }
    count(TPR);
    count(GPRC);
    count_bytes(TORL, bytes.size());
    std::uint32_t causes = cause_rxt0;
    const unsigned tail = reg(RDT) < reg(RDH) ? reg(RDT) + descriptors : reg(RDT);
    if ((tail - reg(RDH)) * 16 <= reg(RDLEN) >> state_.rxbuf_min_shift) causes |= cause_rxdmt0;
    raise(causes);
}

}  // namespace hw
