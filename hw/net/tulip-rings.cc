// SPDX-License-Identifier: GPL-2.0-or-later
//
// The descriptors of a 21143. (Manual, section 4.2.)
#include <zlib.h>

#include <algorithm>
#include <vector>

#include "hw/net/tulip.h"

namespace hw {

using namespace tulip;

namespace {

constexpr u32 own = 1u << 31;
// Second word of what is sent.
constexpr u32 interrupt = 1u << 31, last = 1u << 30, first = 1u << 29, filter_high = 1u << 28,
              set_up_frame = 1u << 27, end_of_ring = 1u << 25, chained = 1u << 24,
              filter_low = 1u << 22;
// First word of what was received.
constexpr u32 filter_failed = 1u << 30, error = 1u << 15, no_descriptor = 1u << 14,
              multicast = 1u << 10, first_received = 1u << 9, last_received = 1u << 8,
              is_type = 1u << 5;
constexpr u32 set_up_done = 0x7fffffff;
constexpr u32 set_up_bytes = 192;
constexpr std::size_t shortest = 60, checksum_bytes = 4;
/// A ring without an end is left after so many.
constexpr unsigned patience = 4096;

u32 first_size(u32 control) {
    return control & 0x7ff;
}
u32 second_size(u32 control) {
    return control >> 11 & 0x7ff;
}

}  // namespace

Tulip::Descriptor Tulip::read_descriptor(u64 at) {
    std::array<u8, 16> b{};
    dma_read(at, b);
    const auto word = [&](unsigned n) {
        return u32{b[n]} | u32{b[n + 1]} << 8 | u32{b[n + 2]} << 16 | u32{b[n + 3]} << 24;
    };
    return {word(0), word(4), word(8), word(12)};
}

void Tulip::write_status(u64 at, u32 status) {
    const std::array<u8, 4> b{u8(status), u8(status >> 8), u8(status >> 16), u8(status >> 24)};
    dma_write(at, b);
}

u64 Tulip::next(u64 at, const Descriptor& d, bool end, bool chain, unsigned base) const {
    if (end) return state_.csr[base];
    if (chain) return d.buffer2 & ~3u;
    return at + 16 + 4 * (state_.csr[0] >> 2 & 31);  // DSL: words between them
}

// ---- sending ----------------------------------------------------------------------------------

void Tulip::transmit() {
    auto& s = state_;
    if (transmitting_) return;
    transmitting_ = true;
    for (unsigned n = 0; n < patience && s.csr[6] & ST; n++) {
        const u64 at = s.current_tx_desc;
        const Descriptor d = read_descriptor(at);
        if (!(d.status & own)) {
            s.csr[5] |= TU;
            break;
        }
        const bool sets_up = d.control & set_up_frame;
        if (sets_up)
            set_up(d);
        else
            gather(d);
        write_status(at, sets_up ? set_up_done : 0);
        if (d.control & interrupt && (sets_up || d.control & last)) s.csr[5] |= TI;
        s.current_tx_desc = next(at, d, d.control & end_of_ring, d.control & chained, 4);
    }
    if (s.csr[6] & ST) set_transmit_state(transmit_suspended);
    transmitting_ = false;
    update_irq();
}

void Tulip::gather(const Descriptor& d) {
    auto& s = state_;
    if (d.control & first) s.tx_frame_len = 0;
    const auto add = [&](u32 address, u32 size) {
        const auto room = std::span(s.tx_frame).subspan(s.tx_frame_len);
        const auto part = room.first(std::min<std::size_t>(size, room.size()));
        dma_read(address, part);
        s.tx_frame_len = u16(s.tx_frame_len + part.size());
    };
    add(d.buffer1, first_size(d.control));
    if (!(d.control & chained)) add(d.buffer2, second_size(d.control));
    if (!(d.control & last) || s.tx_frame_len == 0) return;
    const std::vector<u8> frame(s.tx_frame.begin(), s.tx_frame.begin() + s.tx_frame_len);
    if (!(s.csr[6] & OM)) {
        send(frame);
    } else if (ready()) {
        looping_ = true;
        receive(frame);
        looping_ = false;
    }
}

/// Sixteen addresses, two bytes in each word; or a hash table, behind which stands one address.
void Tulip::set_up(const Descriptor& d) {
    auto& s = state_;
    std::array<u8, set_up_bytes> b{};
    dma_read(d.buffer1, std::span(b).first(std::min(first_size(d.control), set_up_bytes)));
    const bool hash = d.control & filter_low, high = d.control & filter_high;
    s.csr[6] &= ~(HP | HO | IF);
    if (hash) s.csr[6] |= high ? HP | HO : HP;
    if (high && !hash) s.csr[6] |= IF;
    const auto take = [&](unsigned slot, unsigned from) {
        for (unsigned i = 0; i < 6; i++)
            s.filter[6 * slot + i] = b[from + i / 2 * 4 + i % 2];
    };
    constexpr unsigned address_behind_hash = 156;
    for (unsigned n = 0; n < 16; n++)
        take(n, hash ? address_behind_hash : 12 * n);
}

// ---- receiving --------------------------------------------------------------------------------

bool Tulip::ready() {
    return state_.csr[6] & SR && (state_.csr[5] & receive_states) == receive_waiting;
}

bool Tulip::accepts(std::span<const u8> frame, u32& status) const {
    const auto& s = state_;
    const auto to = frame.first(6);
    const bool group = to[0] & 1;
    if (group) status |= multicast;
    bool listed = false;
    for (unsigned n = 0; n < 16; n++)
        listed |= std::ranges::equal(to, std::span(s.filter).subspan(6 * n, 6));
    if (s.csr[6] & IF) listed = !listed;
    if (group && s.csr[6] & (HP | PM)) listed = true;
    if (std::ranges::all_of(to, [](u8 b) { return b == 0xff; }))
        listed = true;  // what drivers list themselves
    if (!listed) status |= filter_failed;
    return listed || s.csr[6] & (PR | RA);
}

void Tulip::receive(std::span<const u8> given) {
    auto& s = state_;
    u32 status = 0;
    if (!ready() || given.size() < 14 || (s.csr[6] & OM && !looping_)) return;
    if (!accepts(given, status)) return;
    std::vector<u8> frame(given.begin(), given.end());
    if (frame.size() < shortest) frame.resize(shortest);
    if (frame.size() > s.rx_frame.size()) return;
    if ((frame[12] << 8 | frame[13]) > 1500) status |= is_type;
    const auto sum = u32(crc32(0, frame.data(), unsigned(frame.size())));
    for (unsigned i = 0; i < checksum_bytes; i++)
        frame.push_back(u8(sum >> 8 * i));

    std::span<const u8> rest = frame;
    const auto store = [&](u32 address, u32 size) {
        const auto part = rest.first(std::min<std::size_t>(size, rest.size()));
        dma_write(address, part);
        rest = rest.subspan(part.size());
    };
    u32 begins = first_received;
    for (unsigned n = 0; n < patience; n++) {
        const u64 at = s.current_rx_desc;
        const Descriptor d = read_descriptor(at);
        if (!(d.status & own)) {  // none for what is left, or for all of it
            s.csr[5] |= RU;
            set_receive_state(receive_suspended);
            break;
        }
        store(d.buffer1, first_size(d.control));
        if (!(d.control & chained)) store(d.buffer2, second_size(d.control));
        s.current_rx_desc = next(at, d, d.control & end_of_ring, d.control & chained, 3);
        u32 written = status | begins | u32(frame.size()) << 16;
        begins = 0;
        const bool more = !rest.empty();
        if (more && !(read_descriptor(s.current_rx_desc).status & own))
            written |= last_received | error | no_descriptor;
        else if (!more)
            written |= last_received;
        write_status(at, written);
        if (written & last_received) {
            s.csr[5] |= RI;
            break;
        }
    }
    update_irq();
}

}  // namespace hw
