// SPDX-License-Identifier: GPL-2.0-or-later
//
// RTL8139C+: reception, into the ring of the RTL8139 or to the descriptors of the C+ mode.
#include <zlib.h>

#include <algorithm>
#include <cstring>

#include "hw/net/rtl8139.h"

namespace hw {

using namespace rtl8139;

namespace {

constexpr std::size_t shortest = 60, longest = 0x1ffc, header = 14, fcs = 4, address_bytes = 6;

// RCR.
constexpr std::uint32_t rcr_all = 0x01, rcr_physical = 0x02, rcr_multicast = 0x04,
                        rcr_broadcast = 0x08, rcr_no_wrap = 0x80;
// The ring's header.
constexpr std::uint32_t rx_ok = 0x0001, rx_broadcast = 0x2000, rx_physical = 0x4000,
                        rx_multicast = 0x8000;
// A receive descriptor's first word.
constexpr std::uint32_t cp_owned = 1u << 31, cp_last_in_ring = 1u << 30, cp_first = 1u << 29,
                        cp_last = 1u << 28, cp_multicast = 1u << 26, cp_physical = 1u << 25,
                        cp_broadcast = 1u << 24, cp_size = 0x1fff, cp_status = 0x1fffe000;
// Its second word.
constexpr std::uint32_t cp_tagged = 1u << 16;

std::uint32_t le32(const std::uint8_t* p) {
    return p[0] | p[1] << 8 | p[2] << 16 | static_cast<std::uint32_t>(p[3]) << 24;
}
void put_le32(std::uint8_t* p, std::uint32_t v) {
    for (unsigned n = 0; n < 4; n++)
        p[n] = static_cast<std::uint8_t>(v >> 8 * n);
}

}  // namespace

bool Rtl8139::enabled(std::uint8_t command) const {
    return state_.bChipCmdState & command;
}

bool Rtl8139::ready() {
    const Rtl8139State& s = state_;
    if (!realized() || !s.clock_enabled || !enabled(cr_receive)) return false;
    // A list of descriptors says only by itself that it is full.
    if (s.cplus_enabled && s.CpCmd & cp_receive) return bus_master();
    const std::uint32_t free = (s.RxBufferSize + s.RxBufPtr - s.RxBufAddr) % s.RxBufferSize;
    return bus_master() && (free == 0 || free >= 1514);
}

Rtl8139::Kind Rtl8139::classify(std::span<const std::uint8_t> f) const {
    const Rtl8139State& s = state_;
    const bool all = s.RxConfig & rcr_all;
    if (std::all_of(f.begin(), f.begin() + address_bytes, [](auto b) { return b == 0xff; }))
        return all || s.RxConfig & rcr_broadcast ? Kind::Broadcast : Kind::Unwanted;
    if (f[0] & 1) {
        if (all) return Kind::Multicast;
        if (!(s.RxConfig & rcr_multicast)) return Kind::Unwanted;
        // The upper six bits of the address's CRC, most significant bit first.
        const auto crc = static_cast<std::uint32_t>(~crc32(0, f.data(), address_bytes));
        unsigned hash = 0;
        for (unsigned n = 0; n < 6; n++)
            hash = hash << 1 | (crc >> n & 1);
        return s.mult[hash >> 3] >> (hash & 7) & 1 ? Kind::Multicast : Kind::Unwanted;
    }
    if (s.RxConfig & rcr_physical && std::equal(s.phys.begin(), s.phys.end(), f.begin()))
        return Kind::Physical;
    return all ? Kind::Physical : Kind::Unwanted;
}

void Rtl8139::receive(std::span<const std::uint8_t> frame) {
    if (frame.size() < header || frame.size() > longest) return;
    const Kind kind = classify(frame);
    if (kind == Kind::Unwanted) return;
    Rtl8139Tally& t = state_.tally_counters;
    if (kind == Kind::Physical) t.RxOkPhy++;
    if (kind == Kind::Broadcast) t.RxOkBrd++;
    if (kind == Kind::Multicast) t.RxOkMul++;
    std::vector<std::uint8_t> padded(frame.begin(), frame.end());
    padded.resize(std::max(padded.size(), shortest));
    if (state_.cplus_enabled && state_.CpCmd & cp_receive)
        receive_to_list(padded, kind);
    else
        receive_to_ring(padded, kind);
    update_irq();
}

void Rtl8139::missed(std::uint16_t cause) {
    state_.IntrStatus |= cause;
    state_.RxMissed = (state_.RxMissed + 1) & 0xffffff;
    state_.tally_counters.MissPkt++;
}

// ---- the ring ---------------------------------------------------------------------------------

/// At the write pointer, around the end of the ring or on beyond it, as RCR says.
void Rtl8139::store(std::span<const std::uint8_t> bytes) {
    Rtl8139State& s = state_;
    const std::size_t room = s.RxBufferSize - s.RxBufAddr;
    const bool wraps = s.RxBufferSize == 65536 || !(s.RxConfig & rcr_no_wrap);
    const auto first = wraps ? bytes.first(std::min(bytes.size(), room)) : bytes;
    dma_write(s.RxBuf + s.RxBufAddr, first);
    if (first.size() < bytes.size()) dma_write(s.RxBuf, bytes.subspan(first.size()));
    s.RxBufAddr = static_cast<std::uint32_t>((s.RxBufAddr + bytes.size()) % s.RxBufferSize);
}

void Rtl8139::receive_to_ring(std::span<const std::uint8_t> frame, Kind kind) {
    Rtl8139State& s = state_;
    const std::uint32_t free = (s.RxBufferSize + s.RxBufPtr - s.RxBufAddr) % s.RxBufferSize;
    if (free && ((frame.size() + 8 + 3) & ~std::size_t{3}) >= free) {
        missed(isr_rx_overflow);
        return;
    }
    std::vector<std::uint8_t> out(4);
    put_le32(out.data(), static_cast<std::uint32_t>(frame.size() + fcs) << 16 | rx_ok |
                             (kind == Kind::Physical    ? rx_physical
                              : kind == Kind::Broadcast ? rx_broadcast
                                                        : rx_multicast));
    out.insert(out.end(), frame.begin(), frame.end());
    out.resize(out.size() + fcs);
    put_le32(&out[out.size() - fcs], static_cast<std::uint32_t>(crc32(
                                         0, frame.data(), static_cast<unsigned>(frame.size()))));
    // A whole number of words is taken, whatever the last one's bytes are.
    store(out);
    s.RxBufAddr = ((s.RxBufAddr + 3) & ~3u) % s.RxBufferSize;
    s.tally_counters.RxOk++;
    s.IntrStatus |= isr_rx_ok;
}

// ---- descriptors ------------------------------------------------------------------------------

void Rtl8139::receive_to_list(std::span<const std::uint8_t> frame, Kind kind) {
    Rtl8139State& s = state_;
    constexpr std::uint32_t most = 64, bytes_each = 16;
    const std::uint64_t at = (std::uint64_t{s.RxRingAddrHI} << 32 | s.RxRingAddrLO) +
                             std::uint64_t{s.currCPlusRxDesc} * bytes_each;
    std::array<std::uint8_t, bytes_each> d{};
    dma_read(at, d);
    std::uint32_t status = le32(d.data()), vlan = le32(&d[4]);
    const std::uint64_t buffer = std::uint64_t{le32(&d[12])} << 32 | le32(&d[8]);

    // A tag moves from the frame to the descriptor, where its bytes stand as on the wire.
    std::vector<std::uint8_t> out(frame.begin(), frame.end());
    const bool tagged = s.CpCmd & cp_rx_vlan && out.size() >= 18 && out[12] == 0x81 && out[13] == 0;
    vlan &= ~(cp_tagged | 0xffff);
    if (tagged) {
        vlan |= cp_tagged | out[14] | out[15] << 8;
        out.erase(out.begin() + 12, out.begin() + 16);
        out.resize(std::max(out.size(), shortest));
    }
    const auto sum =
        static_cast<std::uint32_t>(crc32(0, out.data(), static_cast<unsigned>(out.size())));
    out.resize(out.size() + fcs);
    put_le32(&out[out.size() - fcs], sum);
    if (!(status & cp_owned) || out.size() > (status & cp_size)) {
        missed(isr_rx_overflow);
        return;
    }
    dma_write(buffer, out);
    const bool last = status & cp_last_in_ring || s.currCPlusRxDesc + 1 >= most;
    status &= ~(cp_owned | cp_status | cp_size);
    status |= cp_first | cp_last | static_cast<std::uint32_t>(out.size()) |
              (kind == Kind::Physical    ? cp_physical
               : kind == Kind::Broadcast ? cp_broadcast
                                         : cp_multicast);
    put_le32(d.data(), status);
    put_le32(&d[4], vlan);
    dma_write(at, std::span(d).first(8));
    s.currCPlusRxDesc = last ? 0 : s.currCPlusRxDesc + 1;
    s.tally_counters.RxOk++;
    s.IntrStatus |= isr_rx_ok;
}

}  // namespace hw
