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
    constexpr std::size_t shortest = 60, fcs = 4, header = 14, longest = 1522, longest_long = 16384;
    const std::uint32_t control = reg(RCTL);
    if (frame.size() < header) return;
    const bool tagged = (frame[12] << 8 | frame[13]) == static_cast<int>(reg(VET) & 0xffff) &&
                        frame.size() >= header + 4;
    const auto tag = static_cast<std::uint16_t>(tagged ? frame[14] << 8 | frame[15] : 0);
    // VLAN filtering: a bit for each of 4096 identifiers (section 9.3).
    if (tagged && control & rctl_vfe && !(reg(VFTA + (tag >> 5 & 0x7f)) >> (tag & 31) & 1)) return;
    if (!wanted(frame)) return;
    const std::size_t whole = std::max(frame.size(), shortest) + fcs;
    if (whole > (control & rctl_lpe ? longest_long : longest) && !(control & rctl_sbp)) {
        count(ROC);
        return;
    }
    if (whole > longest_long) return;
    received_.assign(frame.begin(), frame.end());
    std::uint8_t status = rxd_dd | rxd_ixsm;
    if (tagged && reg(CTRL) & ctrl_vme) {
        received_.erase(received_.begin() + 12, received_.begin() + 16);
        status |= rxd_vp;
    }
    if (received_.size() < shortest) received_.resize(shortest);
    if (!(control & rctl_secrc)) received_.resize(received_.size() + fcs);
    if (!has_buffers(received_.size())) {
        count(RNBC);
        count(MPC);
        raise(cause_rxo);
        return;
    }
    store(received_, status, tag);
    count(TPR);
    count(GPRC);
    count_bytes(TORL, whole);
    count_bytes(GORCL, whole);
    count_size(PRC64, whole);
    if (std::all_of(frame.begin(), frame.begin() + 6, [](auto b) { return b == 0xff; }))
        count(BPRC);
    else if (frame[0] & 1)
        count(MPRC);
    std::uint32_t causes = cause_rxt0;
    const unsigned descriptors = reg(RDLEN) / 16;
    const unsigned tail = reg(RDT) < reg(RDH) ? reg(RDT) + descriptors : reg(RDT);
    if ((tail - reg(RDH)) * 16 <= reg(RDLEN) >> state_.rxbuf_min_shift) causes |= cause_rxdmt0;
    raise(causes);
}

/// Into as many buffers as it takes; the caller knows that there are enough.
void E1000::store(std::span<const std::uint8_t> bytes, std::uint8_t status, std::uint16_t tag) {
    const std::uint64_t base = ring(RDBAL, RDBAH);
    const unsigned descriptors = reg(RDLEN) / 16, first = reg(RDH);
    const std::size_t size = state_.rxbuf_size;
    while (!bytes.empty()) {
        const std::size_t n = std::min(bytes.size(), size);
        const std::uint64_t where = base + std::uint64_t{reg(RDH)} * 16;
        std::uint8_t d[16] = {};
        dma_read(where, d);
        std::uint64_t buffer;
        std::memcpy(&buffer, d, 8);
        if (buffer) dma_write(buffer, bytes.first(n));
        bytes = bytes.subspan(n);
        d[8] = static_cast<std::uint8_t>(n);
        d[9] = static_cast<std::uint8_t>(n >> 8);
        d[12] = static_cast<std::uint8_t>(status | (bytes.empty() ? rxd_eop : 0));
        d[14] = static_cast<std::uint8_t>(tag);
        d[15] = static_cast<std::uint8_t>(tag >> 8);
        dma_write(where, d);
        if (++reg(RDH) >= descriptors) reg(RDH) = 0;
        if (reg(RDH) == first) break;  // a ring that the guest moved under us
    }
}

}  // namespace hw
