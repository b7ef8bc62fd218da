// SPDX-License-Identifier: GPL-2.0-or-later
//
// The rings of a PCnet: descriptors of buffers, which belong to the chip while OWN is set.
// (Data sheet, "Descriptor Management".)
#include <zlib.h>

#include <algorithm>

#include "hw/net/pcnet.h"

namespace hw {

using namespace pcnet;

namespace {

// The upper half of the second word, the same for both rings but where noted.
enum : u32 {
    OWN = 0x8000,
    ERR_ = 0x4000,
    OFLO = 0x1000,   // received
    LTINT = 0x1000,  // sent
    BUFF = 0x0400,   // received
    STP = 0x0200,
    ENP = 0x0100,
    PAM = 0x0040,
    LAFM = 0x0020,
    BAM = 0x0010,
};
constexpr std::size_t shortest = 60, checksum_bytes = 4;
/// 65536 clocks of 33 MHz.
constexpr i64 poll_ns = 1'966'080;

u16 get16(std::span<const u8> b, unsigned at) {
    return u16(b[at] | b[at + 1] << 8);
}
u32 get32(std::span<const u8> b, unsigned at) {
    return get16(b, at) | u32{get16(b, at + 2)} << 16;
}
void put16(std::span<u8> b, unsigned at, u32 v) {
    b[at] = u8(v);
    b[at + 1] = u8(v >> 8);
}
void put32(std::span<u8> b, unsigned at, u32 v) {
    put16(b, at, v);
    put16(b, at + 2, v >> 16);
}
/// Lengths are written as negative numbers of twelve bits.
u32 byte_count(u32 v) {
    return 4096 - (v & 0xfff);
}

}  // namespace

// ---- descriptors ------------------------------------------------------------------------------

/// The counter goes down from the ring's length to 1.
u64 Pcnet::descriptor_at(u32 ring, unsigned length, unsigned counter) const {
    const auto& csr = state_.state.csr;
    const unsigned at = csr[length] - std::min(csr[counter], csr[length]);
    return ring + u64{at} * (wide() ? 16 : 8);
}

Pcnet::Descriptor Pcnet::read_descriptor(u64 at) {
    std::array<u8, 16> b{};
    Descriptor d;
    if (!wide()) {
        dma_read(at, std::span(b).first(8));
        d.address = get16(b, 0) | u32{b[2]} << 16 | (u32{state_.state.csr[2]} << 16 & 0xff000000);
        d.status = u32{b[3]} << 8;
        d.length = byte_count(get16(b, 4));
        return d;
    }
    dma_read(at, b);
    d.address = get32(b, style() == 3 ? 8 : 0);
    d.length = byte_count(get16(b, 4));
    d.status = get16(b, 6);
    return d;
}

/// `extra` is a received frame's length.
void Pcnet::write_back(u64 at, const Descriptor& d, bool received) {
    std::array<u8, 4> b{};
    const bool ends = received && d.status & ENP;
    if (!wide()) {
        put16(b, 0, d.extra);
        if (ends) dma_write(at + 6, std::span(b).first(2));
        b[0] = u8(d.status >> 8);
        dma_write(at + 3, std::span(b).first(1));
        return;
    }
    put32(b, 0, d.extra);
    if (ends || !received) dma_write(at + (style() == 3 ? 0 : 8), b);
    // OWN goes last.
    put16(b, 0, d.status);
    dma_write(at + 6, std::span(b).first(2));
}

void Pcnet::next(unsigned counter, unsigned length) {
    auto& csr = state_.state.csr;
    csr[counter] = csr[counter] <= 1 ? csr[length] : u16(csr[counter] - 1);
}

void Pcnet::poll() {
    auto& s = state_.state;
    constexpr u16 no_polling = 0x1000;  // DPOLL, in CSR4
    if (!(s.csr[0] & (TXON | RXON))) return;
    if (s.csr[0] & TXON && !(s.csr[4] & no_polling)) transmit();
    flush_incoming();
    poll_->set(poll_->clock().now_ns() + poll_ns);
}

// ---- sending ----------------------------------------------------------------------------------

void Pcnet::transmit() {
    auto& s = state_.state;
    if (transmitting_ || s.csr[5] & SPND) return;
    transmitting_ = true;
    for (unsigned left = s.csr[XMTRL]; left && s.csr[0] & TXON; left--) {
        const u64 at = descriptor_at(s.tdra, XMTRL, XMTRC);
        Descriptor d = read_descriptor(at);
        if (!(d.status & OWN)) break;
        if (d.status & STP) s.xmit_pos = 0;
        // Buffers without a beginning are passed over.
        if (s.xmit_pos >= 0) {
            const auto room = std::span(s.buffer).subspan(size_t(s.xmit_pos));
            const auto part = room.first(std::min<std::size_t>(d.length, room.size()));
            dma_read(d.address, part);
            s.xmit_pos += i32(part.size());
        }
        if (d.status & ENP) send_frame(d.status);
        d.status &= ~u32{OWN | ERR_};
        write_back(at, d, false);
        next(XMTRC, XMTRL);
    }
    transmitting_ = false;
    update_irq();
}

void Pcnet::send_frame(u32 status) {
    auto& s = state_.state;
    if (s.xmit_pos > 0) {
        const auto frame = std::span<const u8>(s.buffer).first(size_t(s.xmit_pos));
        s.csr[4] |= 0x0008;  // TXSTRT
        if (s.csr[15] & LOOP) {
            looping_ = true;
            const std::vector<u8> copy(frame.begin(), frame.end());
            if (ready()) receive(copy);
            looping_ = false;
        } else {
            send(frame);
        }
    }
    s.xmit_pos = -1;
    if (!(s.csr[5] & LTINTEN) || status & LTINT) s.csr[0] |= TINT;
}

// ---- receiving --------------------------------------------------------------------------------

bool Pcnet::ready() {
    const auto& s = state_.state;
    return s.csr[0] & RXON && !(s.csr[0] & STOP) && !(s.csr[5] & SPND);
}

/// How the destination matched; 0: not at all.
u32 Pcnet::accepts(std::span<const u8> frame) const {
    const auto& csr = state_.state.csr;
    const auto to = frame.first(6);
    if (std::ranges::all_of(to, [](u8 b) { return b == 0xff; }) && !(csr[15] & DRCVBC)) return BAM;
    if (to[0] & 1) {
        const auto hash = u32(~crc32(0, to.data(), 6)) >> 26;
        if (csr[8 + hash / 16] >> hash % 16 & 1) return LAFM;
    } else if (!(csr[15] & DRCVPA)) {
        bool mine = true;
        for (unsigned i = 0; i < 6; i++)
            mine &= to[i] == u8(csr[12 + i / 2] >> 8 * (i % 2));
        if (mine) return PAM;
    }
    return csr[15] & PROM ? u32{STP} : 0;  // anything that is none of the three
}

void Pcnet::receive(std::span<const u8> frame) {
    auto& s = state_.state;
    if (!ready() || frame.size() < 14 || (s.csr[15] & LOOP && !looping_)) return;
    const u32 matched = accepts(frame);
    if (!matched) return;
    store(frame, matched & (PAM | LAFM | BAM));
    update_irq();
}

void Pcnet::store(std::span<const u8> frame, u32 matched) {
    auto& s = state_.state;
    std::vector<u8> bytes(frame.begin(), frame.end());
    if (bytes.size() < shortest) bytes.resize(shortest);
    const auto sum = u32(crc32(0, bytes.data(), unsigned(bytes.size())));
    for (unsigned i = 0; i < checksum_bytes; i++)
        bytes.push_back(u8(sum >> 8 * i));
    std::span<const u8> rest = bytes;
    for (u32 first = STP; !rest.empty(); first = 0) {
        const u64 at = descriptor_at(s.rdra, RCVRL, RCVRC);
        Descriptor d = read_descriptor(at);
        if (!(d.status & OWN)) {
            s.csr[0] |= MISS;
            s.csr[missed_frames]++;
            return;
        }
        const auto part = rest.first(std::min<std::size_t>(d.length, rest.size()));
        dma_write(d.address, part);
        rest = rest.subspan(part.size());
        d.status = first | (wide() ? matched : 0);
        next(RCVRC, RCVRL);
        if (rest.empty()) {
            d.status |= ENP;
            d.extra = u32(bytes.size());
        } else if (!(read_descriptor(descriptor_at(s.rdra, RCVRL, RCVRC)).status & OWN)) {
            d.status |= ERR_ | OFLO | BUFF;
            rest = {};
        }
        write_back(at, d, true);
    }
    s.csr[0] |= RINT;
}

}  // namespace hw
