// SPDX-License-Identifier: GPL-2.0-or-later
//
// The command unit of an 8255x, which walks a list of action commands, and its receive unit, which
// walks a list of frames to fill. (Sections 6.3.2, 6.4 and 6.6.)
#include <zlib.h>

#include <algorithm>
#include <vector>

#include "hw/net/i82557.h"

namespace hw {

using namespace i82557;

namespace {

// Commands to the units, in the SCB.
enum : unsigned {
    cu_nop,
    cu_start,
    cu_resume,
    cu_dump_address = 4,
    cu_dump,
    cu_base_address,
    cu_dump_and_reset,
    cu_static_resume = 10
};
enum : unsigned { ru_nop, ru_start, ru_resume, ru_abort = 4, ru_header_size, ru_base_address };
constexpr u32 dumped = 0xa005, dumped_and_reset = 0xa007;

// An entry of either list: status, command, link.
constexpr u16 complete = 0x8000, ok = 0x2000;
constexpr u16 end_of_list = 0x8000, suspend = 0x4000, interrupt = 0x2000, flexible = 0x0008;
enum Action : unsigned {
    nop,
    address_setup,
    configure,
    multicast_setup,
    transmit_,
    microcode,
    dump,
    diagnose
};
/// Of a frame's status.
constexpr u16 no_address_match = 0x0004, not_individual = 0x0002, out_of_space = 0x0200;

constexpr std::size_t longest = 2600, shortest = 60, usual_longest = 1518, header = 16;
/// A list that never ends is left after so many entries; a guest that makes one wants no more.
constexpr unsigned patience = 1024;

u16 get16(std::span<const u8> b, unsigned at) {
    return u16(b[at] | b[at + 1] << 8);
}
u32 get32(std::span<const u8> b, unsigned at) {
    return get16(b, at) | u32{get16(b, at + 2)} << 16;
}
std::array<u8, 2> two(u16 v) {
    return {u8(v), u8(v >> 8)};
}

/// Which of the 64 bits: bits 2 to 7 of the CRC, whose highest bit is the last one shifted in.
unsigned hash(std::span<const u8> address) {
    u32 crc = ~u32(crc32(0, address.data(), 6)), mirrored = 0;
    for (unsigned i = 0; i < 8; i++)
        mirrored |= (crc >> (31 - i) & 1) << i;
    return mirrored >> 2;
}

}  // namespace

void I82557::set_cu(Unit u) {
    state_.mem[scb_status] = u8((state_.mem[scb_status] & 0x3f) | unsigned(u) << 6);
}
void I82557::set_ru(Unit u) {
    state_.mem[scb_status] = u8((state_.mem[scb_status] & 0xc0) | unsigned(u) << 2);
}

void I82557::command(u8 value) {
    // A list that leads into the card's own registers could have it command itself for ever.
    if (at_work_) return platform().log.guest_error("{}: a command by its own DMA", type_name());
    at_work_ = true;
    command_unit(value >> 4);
    receive_unit(value & 7);
    at_work_ = false;
}

void I82557::command_unit(unsigned what) {
    auto& s = state_;
    const u32 pointer = reg(scb_pointer, 4);
    switch (what) {
        case cu_nop: break;
        case cu_start:
            s.cu_offset = pointer;
            run();
            break;
        case cu_static_resume:
        case cu_resume:
            if (cu() == Unit::Suspended) run();
            break;
        case cu_dump_address: s.statsaddr = pointer; break;
        case cu_dump: dump_statistics(dumped); break;
        case cu_base_address: s.cu_base = pointer; break;
        case cu_dump_and_reset:
            dump_statistics(dumped_and_reset);
            s.statistics = {};
            break;
        default: platform().log.guest_error("{}: CU command {}", type_name(), what);
    }
}

void I82557::receive_unit(unsigned what) {
    auto& s = state_;
    const u32 pointer = reg(scb_pointer, 4);
    switch (what) {
        case ru_nop: return;
        case ru_start: s.ru_offset = pointer; break;
        case ru_resume:
            if (ru() != Unit::Suspended) return;
            break;
        case ru_abort: set_ru(Unit::Idle); return raise(RNR);
        case ru_base_address: s.ru_base = pointer; return;
        default: return platform().log.guest_error("{}: RU command {}", type_name(), what);
    }
    set_ru(Unit::Ready);
    flush_incoming();
}

// ---- the command unit -------------------------------------------------------------------------

void I82557::run() {
    auto& s = state_;
    set_cu(Unit::Busy_or_no_resources);
    for (unsigned n = 0; n < patience; n++) {
        const u32 at = s.cu_base + s.cu_offset;
        std::array<u8, 8> entry{};
        dma_read(at, entry);
        const u16 what = get16(entry, 2);
        const bool done = execute(at, what);
        dma_write(at, two(complete | (done ? ok : u16(0))));
        s.cu_offset = get32(entry, 4);
        if (what & interrupt) raise(CX);
        if (!(what & (end_of_list | suspend))) continue;
        set_cu(what & end_of_list ? Unit::Idle : Unit::Suspended);
        return raise(CNA);
    }
    set_cu(Unit::Idle);
    platform().log.guest_error("{}: a list of commands without an end", type_name());
}

/// False: the command could not be done.
bool I82557::execute(u32 at, u16 what) {
    auto& s = state_;
    switch (what & 7) {
        case nop:
        case diagnose:
        case microcode: return true;  // which is for a processor that is not there
        case address_setup: dma_read(at + 8, s.macaddr); return true;
        case configure: {
            std::array<u8, 22> c{};
            dma_read(at + 8, c);
            std::copy_n(c.begin(), std::min<std::size_t>(c[0] & 0x3f, c.size()),
                        s.configuration.begin());
            return true;
        }
        case multicast_setup: set_multicast(at); return true;
        case transmit_: transmit(at, what); return true;
        default: return false;
    }
}

void I82557::set_multicast(u32 at) {
    std::array<u8, 2> count{};
    dma_read(at + 8, count);
    std::vector<u8> list(get16(count, 0) & 0x3fff);
    dma_read(at + 10, list);
    state_.mult = {};
    for (std::size_t i = 0; i + 6 <= list.size(); i += 6) {
        const unsigned bit = hash(std::span(list).subspan(i, 6));
        state_.mult[bit / 8] |= u8(1 << bit % 8);
    }
}

/// The frame stands behind the command, or in buffers that an array names, or first the one and
/// then the other. (Section 6.4.2.5.)
void I82557::transmit(u32 at, u16 what) {
    std::array<u8, 8> b{};
    dma_read(at + 8, b);
    const u32 array = get32(b, 0);
    std::vector<u8> frame(std::min<std::size_t>(get16(b, 4) & 0x3fff, longest));
    dma_read(at + header, frame);
    const unsigned buffers = what & flexible && array != ~0u ? b[7] : 0;
    for (unsigned n = 0; n < buffers; n++) {
        std::array<u8, 8> d{};
        dma_read(array + 8 * n, d);
        const std::size_t old = frame.size();
        frame.resize(std::min<std::size_t>(old + (get32(d, 4) & 0x3fff), longest));
        dma_read(get32(d, 0), std::span(frame).subspan(old));
        if (get32(d, 4) & 0x10000) break;  // EL
    }
    state_.statistics.tx_good_frames++;
    constexpr u8 loopback = 0xc0;
    if (!(state_.configuration[10] & loopback))
        send(frame);
    else if (ready())
        receive(frame);
}

void I82557::dump_statistics(u32 mark) {
    const auto& t = state_.statistics;
    const std::array<u32, 19> words{t.tx_good_frames,       t.tx_max_collisions,
                                    t.tx_late_collisions,   t.tx_underruns,
                                    t.tx_lost_crs,          t.tx_deferred,
                                    t.tx_single_collisions, t.tx_multiple_collisions,
                                    t.tx_total_collisions,  t.rx_good_frames,
                                    t.rx_crc_errors,        t.rx_alignment_errors,
                                    t.rx_resource_errors,   t.rx_overrun_errors,
                                    t.rx_cdt_errors,        t.rx_short_frame_errors,
                                    t.fc_xmt_pause,         t.fc_rcv_pause,
                                    t.fc_rcv_unsupported};
    std::vector<u8> out;
    auto put = [&](u32 v) {
        for (unsigned i = 0; i < 4; i++)
            out.push_back(u8(v >> 8 * i));
    };
    // Byte 6 of the configuration: bit 5 is off for those of the 82558, bit 2 on for the 82559's.
    const u8 how = state_.configuration[6];
    const std::size_t count = how & 0x20 ? 16 : words.size();
    for (std::size_t i = 0; i < count; i++)
        put(words[i]);
    if (!(how & 0x20) && how & 0x04) put(t.xmt_tco_frames | u32{t.rcv_tco_frames} << 16);
    put(mark);
    dma_write(state_.statsaddr, out);
}

// ---- the receive unit -------------------------------------------------------------------------

bool I82557::ready() {
    return ru() == Unit::Ready;
}

bool I82557::accepts(std::span<const u8> frame, u16& status) const {
    const auto& c = state_.configuration;
    const auto to = frame.first(6);
    if (std::ranges::equal(to, state_.macaddr)) return true;
    status |= not_individual;
    if (std::ranges::all_of(to, [](u8 b) { return b == 0xff; }))
        return !(c[15] & 0x02) || c[15] & 0x01;  // unless broadcasts are disabled
    if (to[0] & 1) {
        const unsigned bit = hash(to);
        if (c[21] & 0x08 || state_.mult[bit / 8] >> bit % 8 & 1) return true;
    }
    status |= no_address_match;
    return c[15] & 0x01;  // promiscuous
}

void I82557::lacks_resources() {
    state_.statistics.rx_resource_errors++;
    set_ru(Unit::Busy_or_no_resources);
    raise(RNR);
}

void I82557::receive(std::span<const u8> given) {
    auto& s = state_;
    u16 status = complete | ok;
    constexpr u8 long_frames = 0x08;
    if (!ready() || given.size() < 14 || !accepts(given, status)) return;
    if (given.size() > (s.configuration[18] & long_frames ? longest : usual_longest)) return;
    std::vector<u8> frame(given.begin(), given.end());
    if (frame.size() < shortest) frame.resize(shortest);

    const u32 at = s.ru_base + s.ru_offset;
    std::array<u8, header> d{};
    dma_read(at, d);
    const u16 what = get16(d, 2), size = get16(d, 14) & 0x3fff;
    if (what & flexible) {
        platform().log.guest_error("{}: receive buffers in flexible mode", type_name());
        return lacks_resources();
    }
    if (frame.size() > size) {
        frame.resize(size);
        status = u16((status & ~ok) | out_of_space);
    }
    dma_write(at + header, frame);
    constexpr u16 end_of_frame = 0x8000, filled = 0x4000;
    dma_write(at + 12, two(u16(frame.size() | end_of_frame | filled)));
    dma_write(at, two(status));
    s.statistics.rx_good_frames++;
    s.ru_offset = get32(d, 4);
    u8 stat = FR;
    if (what & (end_of_list | suspend)) {
        set_ru(what & end_of_list ? Unit::Busy_or_no_resources : Unit::Suspended);
        stat |= RNR;
    }
    raise(stat);
}

}  // namespace hw
