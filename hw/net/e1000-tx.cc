// SPDX-License-Identifier: GPL-2.0-or-later
//
// e1000: transmission with checksum and TCP segmentation offload (manual order 317453, sections 3.3
// to 3.6).
#include <algorithm>
#include <cstring>

#include "hw/net/e1000.h"

namespace hw {

using namespace e1000;

namespace {

std::uint32_t le32(const std::uint8_t* p) {
    std::uint32_t v;
    std::memcpy(&v, p, sizeof v);
    return v;
}
std::uint16_t be16(const std::uint8_t* p) {
    return static_cast<std::uint16_t>(p[0] << 8 | p[1]);
}
void put_be16(std::uint8_t* p, std::uint32_t v) {
    p[0] = static_cast<std::uint8_t>(v >> 8);
    p[1] = static_cast<std::uint8_t>(v);
}

std::uint32_t sum16(std::span<const std::uint8_t> bytes) {
    std::uint32_t sum = 0;
    for (std::size_t i = 0; i < bytes.size(); i++)
        sum += i & 1 ? bytes[i] : std::uint32_t{bytes[i]} << 8;
    return sum;
}
std::uint16_t fold(std::uint32_t sum) {
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    return static_cast<std::uint16_t>(sum);
}

/// RFC 1071 over [start, end], end included and 0 meaning the whole frame, put at `at`.
void put_sum(std::span<std::uint8_t> frame, unsigned at, unsigned start, unsigned end) {
    std::size_t length = frame.size();
    if (end && end < length) length = end + 1u;
    if (at + 2 > length || start >= length) return;
    put_be16(&frame[at],
             static_cast<std::uint16_t>(~fold(sum16(frame.subspan(start, length - start)))));
}

// The big lock is not held for longer than this many take; the rest follows from the main loop.
constexpr unsigned most_descriptors = 1024, most_frames = 4096;

}  // namespace

void E1000::transmit() {
    // A descriptor may lie in, or lead to, this very chip's registers.
    if (!(reg(TCTL) & tctl_en) || transmitting_) return;
    transmitting_ = true;
    frames_sent_ = 0;
    std::uint32_t causes = cause_txqe;
    const unsigned descriptors = reg(TDLEN) / 16, turn = std::min(descriptors, most_descriptors);
    for (unsigned n = 0; reg(TDH) != reg(TDT) && bus_master() && descriptors; n++) {
        if (n >= turn || frames_sent_ >= most_frames) {
            // A tail outside the ring is never met.
            if (reg(TDT) < descriptors) transmission_->set(platform().clocks.virt.now_ns());
            causes &= ~cause_txqe;
            break;
        }
        const std::uint64_t where = ring(TDBAL, TDBAH) + std::uint64_t{reg(TDH)} * 16;
        std::array<std::uint8_t, 16> d{};
        if (dma_read(where, d) != exec::MemTx::Ok) break;
        if (descriptor(d)) {
            causes |= cause_txdw;
            d[12] |= txd_dd;
            dma_write(where + 12, std::span(d).subspan(12, 4));
        }
        if (++reg(TDH) >= descriptors) reg(TDH) = 0;
    }
    transmitting_ = false;
    raise(causes);
}

void E1000::load_context(const std::array<std::uint8_t, 16>& d) {
    const std::uint32_t command = le32(&d[8]);
    E1000Offload o;
    o.ipcss = d[0];
    o.ipcso = d[1];
    o.ipcse = static_cast<std::uint16_t>(d[2] | d[3] << 8);
    o.tucss = d[4];
    o.tucso = d[5];
    o.tucse = static_cast<std::uint16_t>(d[6] | d[7] << 8);
    o.paylen = command & 0xfffff;
    o.hdr_len = d[13];
    o.mss = static_cast<std::uint16_t>(d[14] | d[15] << 8);
    o.ip = command & tucmd_ip ? 1 : 0;
    o.tcp = command & tucmd_tcp ? 1 : 0;
    if (command & txd_tse) {
        state_.tso_props = o;
        state_.tso_frames = 0;
    } else {
        state_.props = o;
    }
}

/// True: the driver wants to hear that this descriptor is done.
bool E1000::descriptor(const std::array<std::uint8_t, 16>& d) {
    const std::uint32_t lower = le32(&d[8]);
    const bool report = lower & (txd_rs | txd_rps);
    if (lower & txd_dext && !(lower & txd_dtyp_data)) {
        load_context(d);
        return report;
    }
    if (lower & txd_dext) {
        if (state_.tx_size == 0) state_.sum_needed = d[13];
        state_.cptse = lower & txd_tse;
    } else {
        state_.cptse = false;
        if (state_.tx_size == 0) state_.sum_needed = 0;
    }
    if (lower & txd_vle && reg(CTRL) & ctrl_vme) {
        tag_ = static_cast<std::uint16_t>(d[14] | d[15] << 8);
    }
    std::uint64_t address;
    std::memcpy(&address, d.data(), 8);
    const std::size_t length = lower & (lower & txd_dext ? 0xfffff : 0xffff);
    if (state_.cptse && state_.tso_props.mss) {
        gather_segments(address, length);
    } else {
        const std::size_t n =
            std::min<std::size_t>(length, state_.tx_data.size() - 1 - state_.tx_size);
        dma_read(address, std::span(state_.tx_data).subspan(state_.tx_size, n));
        state_.tx_size = static_cast<std::uint16_t>(state_.tx_size + n);
    }
    if (!(lower & txd_eop)) return report;
    const unsigned header = state_.tso_props.hdr_len;
    if (!(state_.cptse && state_.tx_size < header)) {
        // A segmented payload that ended on a boundary leaves only the copied header behind.
        if (!(state_.cptse && state_.tso_frames && state_.tx_size == header)) emit();
    }
    state_.tso_frames = 0;
    state_.sum_needed = 0;
    state_.tx_size = 0;
    state_.cptse = false;
    tag_.reset();
    return report;
}

/// Payload of a frame that is to be cut: whole segments go out as they fill.
void E1000::gather_segments(std::uint64_t address, std::size_t left) {
    const unsigned header = state_.tso_props.hdr_len;
    const std::size_t segment = std::min<std::size_t>(header + std::size_t{state_.tso_props.mss},
                                                      state_.tx_data.size() - 1);
    while (left && state_.tx_size < segment) {
        const std::size_t n = std::min(left, segment - state_.tx_size);
        dma_read(address, std::span(state_.tx_data).subspan(state_.tx_size, n));
        const std::size_t size = state_.tx_size + n;
        if (state_.tx_size < header && size >= header)
            std::copy_n(state_.tx_data.begin(), header, state_.tx_header.begin());
        state_.tx_size = static_cast<std::uint16_t>(size);
        address += n;
        left -= n;
        if (size < segment) break;
        emit();
        std::copy_n(state_.tx_header.begin(), header, state_.tx_data.begin());
        state_.tx_size = static_cast<std::uint16_t>(header);
    }
}

/// Sends what was gathered, with the headers of its segment and the checksums filled in.
void E1000::emit() {
    const std::span<std::uint8_t> frame{state_.tx_data.data(), state_.tx_size};
    const E1000Offload& o = state_.cptse ? state_.tso_props : state_.props;
    const unsigned ip = o.ipcss, transport = o.tucss;
    if (state_.cptse && ip + 20u <= frame.size() && transport + 8u <= frame.size()) {
        const unsigned segment = state_.tso_frames;
        if (o.ip) {
            put_be16(&frame[ip + 2], static_cast<std::uint32_t>(frame.size() - ip));
            put_be16(&frame[ip + 4], be16(&frame[ip + 4]) + segment);
        } else {
            put_be16(&frame[ip + 4], static_cast<std::uint32_t>(frame.size() - ip - 40));
        }
        const auto length = static_cast<std::uint32_t>(frame.size() - transport);
        if (o.tcp && transport + 20u <= frame.size()) {
            const std::uint32_t done = segment * o.mss;
            const std::uint32_t sequence =
                (std::uint32_t{be16(&frame[transport + 4])} << 16 | be16(&frame[transport + 6])) +
                done;
            put_be16(&frame[transport + 4], sequence >> 16);
            put_be16(&frame[transport + 6], sequence & 0xffff);
            // PSH and FIN belong to the last segment.
            if (o.paylen > done + o.mss) frame[transport + 13] &= 0xf6;
        } else if (!o.tcp) {
            put_be16(&frame[transport + 4], length);  // UDP
        }
        // The driver left the pseudo header's sum without the length.
        if (state_.sum_needed & popts_txsm && o.tucso + 2u <= frame.size())
            put_be16(&frame[o.tucso], fold(be16(&frame[o.tucso]) + length));
        state_.tso_frames++;
    }
    if (state_.sum_needed & popts_txsm) put_sum(frame, o.tucso, o.tucss, o.tucse);
    if (state_.sum_needed & popts_ixsm) {
        if (o.ipcso + 2u <= frame.size() && state_.cptse) put_be16(&frame[o.ipcso], 0);
        put_sum(frame, o.ipcso, o.ipcss, o.ipcse);
    }
    send_frame(frame);
}

void E1000::send_frame(std::span<std::uint8_t> frame) {
    constexpr std::size_t fcs = 4, addresses = 12;
    if (frame.empty()) return;
    frames_sent_++;
    std::size_t size = frame.size();
    if (tag_ && size >= addresses) {
        // The tag goes between the addresses and the type (section 9.1).
        tagged_.assign(frame.begin(), frame.begin() + addresses);
        for (std::uint32_t word : {reg(VET), std::uint32_t{*tag_}}) {
            tagged_.push_back(static_cast<std::uint8_t>(word >> 8));
            tagged_.push_back(static_cast<std::uint8_t>(word));
        }
        tagged_.insert(tagged_.end(), frame.begin() + addresses, frame.end());
        size = tagged_.size();
        send(tagged_);
    } else {
        send(frame);
    }
    count(TPT);
    count(GPTC);
    count_bytes(TOTL, size + fcs);
    count_bytes(GOTCL, size + fcs);
    count_size(PTC64, size + fcs);
    if (frame.size() >= 6 && frame[0] & 1) {
        const bool broadcast =
            std::all_of(frame.begin(), frame.begin() + 6, [](auto b) { return b == 0xff; });
        count(broadcast ? BPTC : MPTC);
    }
}

}  // namespace hw
