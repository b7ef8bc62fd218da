// SPDX-License-Identifier: GPL-2.0-or-later
//
// RTL8139C+: transmission, from the four buffers of the RTL8139 or the two lists of the C+ mode
// with its checksums and the division of large TCP segments.
#include <algorithm>

#include "hw/net/rtl8139.h"

namespace hw {

using namespace rtl8139;

namespace {

constexpr std::uint32_t tsd_owned = 0x2000, tsd_sent = 0x8000, tsd_size = 0x1fff;

// A transmit descriptor's first word (RTL8139C+ data sheet, 8.2.1).
constexpr std::uint32_t cp_owned = 1u << 31, cp_last_in_ring = 1u << 30, cp_first = 1u << 29,
                        cp_last = 1u << 28, cp_large = 1u << 27, cp_ip_sum = 1u << 18,
                        cp_udp_sum = 1u << 17, cp_tcp_sum = 1u << 16, cp_size = 0xffff;
constexpr unsigned cp_mss_shift = 16;
constexpr std::uint32_t cp_mss = 0x7ff;
// Its second word.
constexpr std::uint32_t cp_add_tag = 1u << 17;

/// Descriptors looked at in one go: as many as a list can have.
constexpr unsigned most_descriptors = 64;
constexpr std::size_t most_gathered = 0x10000 + 64;

constexpr std::size_t ethernet = 14;
constexpr std::uint8_t tcp = 6, udp = 17;
constexpr std::uint8_t tcp_fin = 0x01, tcp_psh = 0x08;

using Bytes = std::span<std::uint8_t>;

std::uint32_t le32(const std::uint8_t* p) {
    return p[0] | p[1] << 8 | p[2] << 16 | static_cast<std::uint32_t>(p[3]) << 24;
}
unsigned be16(const std::uint8_t* p) {
    return p[0] << 8 | p[1];
}
void put_be16(std::uint8_t* p, std::uint32_t v) {
    p[0] = static_cast<std::uint8_t>(v >> 8);
    p[1] = static_cast<std::uint8_t>(v);
}

/// RFC 1071, of big endian words; an odd byte is a word's upper half.
std::uint32_t sum(std::span<const std::uint8_t> bytes, std::uint32_t start = 0) {
    std::uint64_t total = start;
    for (std::size_t n = 0; n < bytes.size(); n++)
        total += std::uint32_t{bytes[n]} << (n & 1 ? 0 : 8);
    while (total >> 16)
        total = (total & 0xffff) + (total >> 16);
    return static_cast<std::uint32_t>(total);
}

/// The IPv4 datagram in a frame, cut to the length it says; empty where there is none.
Bytes datagram(Bytes frame) {
    if (frame.size() < ethernet + 20 || be16(&frame[12]) != 0x0800) return {};
    Bytes ip = frame.subspan(ethernet);
    const std::size_t head = (ip[0] & 0xfu) * 4, total = be16(&ip[2]);
    if (ip[0] >> 4 != 4 || head < 20 || total < head || total > ip.size()) return {};
    return ip.first(total);
}

std::size_t header_length(Bytes ip) {
    return (ip[0] & 0xfu) * 4;
}

void fill_ip_sum(Bytes ip) {
    put_be16(&ip[10], 0);
    put_be16(&ip[10], ~sum(ip.first(header_length(ip))));
}

/// Of TCP and UDP, over a pseudo header (RFC 793, section 3.1; RFC 768).
void fill_payload_sum(Bytes ip) {
    const std::uint8_t protocol = ip[9];
    Bytes payload = ip.subspan(header_length(ip));
    const std::size_t at = protocol == tcp ? 16 : 6;
    if (payload.size() < at + 2) return;
    put_be16(&payload[at], 0);
    const std::uint32_t pseudo =
        sum(ip.subspan(12, 8), protocol + static_cast<std::uint32_t>(payload.size()));
    const std::uint32_t value = ~sum(payload, pseudo) & 0xffff;
    // UDP knows 0 as "no checksum".
    put_be16(&payload[at], protocol == udp && !value ? 0xffff : value);
}

}  // namespace

// ---- the RTL8139's four buffers ---------------------------------------------------------------

/// In turn, as long as the next one was given to the chip.
void Rtl8139::transmit() {
    Rtl8139State& s = state_;
    for (unsigned n = 0; n < s.TxStatus.size(); n++) {
        std::uint32_t& status = s.TxStatus[s.currTxDesc];
        if (!enabled(cr_transmit) || status & tsd_owned) break;
        std::vector<std::uint8_t> frame(status & tsd_size);
        dma_read(s.TxAddr[s.currTxDesc], frame);
        status |= tsd_owned | tsd_sent;
        s.currTxDesc = (s.currTxDesc + 1) % s.TxStatus.size();
        send(frame);
        s.tally_counters.TxOk++;
        s.IntrStatus |= isr_tx_ok;
    }
    update_irq();
}

// ---- the lists --------------------------------------------------------------------------------

void Rtl8139::transmit_list(bool high_priority) {
    Rtl8139State& s = state_;
    if (!enabled(cr_transmit) || !(s.CpCmd & cp_transmit)) return;
    const unsigned first = high_priority ? 2 : 0;
    const std::uint64_t list = std::uint64_t{s.TxAddr[first + 1]} << 32 | s.TxAddr[first];
    // Of the list of high priority the chip keeps no place between two looks.
    std::uint32_t high = 0;
    std::uint32_t& place = high_priority ? high : s.currCPlusTxDesc;
    for (unsigned n = 0; n < most_descriptors; n++) {
        bool last = false;
        if (!transmit_descriptor(list + std::uint64_t{place} * 16, last)) break;
        place = last || place + 1 >= most_descriptors ? 0 : place + 1;
    }
    update_irq();
}

/// False: the guest has not given it to the chip.
bool Rtl8139::transmit_descriptor(std::uint64_t at, bool& last) {
    Rtl8139State& s = state_;
    std::array<std::uint8_t, 16> d{};
    if (dma_read(at, d) != exec::MemTx::Ok) return false;
    const std::uint32_t control = le32(d.data()), vlan = le32(&d[4]);
    if (!(control & cp_owned)) return false;
    last = control & cp_last_in_ring;
    if (control & cp_first) {
        gathered_.clear();
        gathered_flags_ = control;
    }
    const std::size_t size = control & cp_size, before = gathered_.size();
    if (before + size <= most_gathered) {
        gathered_.resize(before + size);
        const std::uint64_t buffer = std::uint64_t{le32(&d[12])} << 32 | le32(&d[8]);
        dma_read(buffer, Bytes(gathered_).subspan(before));
    }
    if (control & cp_last) {
        if (vlan & cp_add_tag && gathered_.size() >= 12) {
            const std::uint8_t tag[] = {0x81, 0x00, static_cast<std::uint8_t>(vlan),
                                        static_cast<std::uint8_t>(vlan >> 8)};
            gathered_.insert(gathered_.begin() + 12, std::begin(tag), std::end(tag));
        }
        send_gathered(gathered_flags_);
        gathered_.clear();
        s.tally_counters.TxOk++;
        s.IntrStatus |= isr_tx_ok;
    }
    // The size and what went wrong go, nothing did; the rest is the driver's.
    const std::uint32_t done = control & ~cp_owned;
    for (unsigned n = 0; n < 4; n++)
        d[n] = static_cast<std::uint8_t>(done >> 8 * n);
    dma_write(at, Bytes(d).first(4));
    return true;
}

void Rtl8139::send_gathered(std::uint32_t flags) {
    Bytes ip = datagram(gathered_);
    const std::size_t mss = flags >> cp_mss_shift & cp_mss;
    if (!(flags & cp_large) || ip.empty() || ip[9] != tcp || !mss) {
        if (!ip.empty() && !(flags & cp_large)) {
            if (flags & cp_ip_sum) fill_ip_sum(ip);
            if ((flags & cp_tcp_sum && ip[9] == tcp) || (flags & cp_udp_sum && ip[9] == udp))
                fill_payload_sum(ip);
        }
        send(gathered_);
        return;
    }
    // A large segment: every frame has its headers, with its own length, number and sums.
    const std::size_t ip_head = header_length(ip);
    if (ip.size() < ip_head + 20) return;
    const std::size_t head = ethernet + ip_head + (ip[ip_head + 12] >> 4) * 4u;
    if (head > ethernet + ip.size()) return;
    const std::vector<std::uint8_t> whole(
        gathered_.begin(), gathered_.begin() + static_cast<long>(ethernet + ip.size()));
    const std::uint32_t first_id = be16(&ip[4]);
    const std::uint8_t* number = &whole[ethernet + ip_head + 4];
    const std::uint32_t sequence = be16(number) << 16 | be16(number + 2);
    for (std::size_t at = head, n = 0; at < whole.size(); at += mss, n++) {
        const std::size_t length = std::min(mss, whole.size() - at);
        std::vector<std::uint8_t> frame(whole.begin(), whole.begin() + static_cast<long>(head));
        frame.insert(frame.end(), whole.begin() + static_cast<long>(at),
                     whole.begin() + static_cast<long>(at + length));
        Bytes part = Bytes(frame).subspan(ethernet);
        put_be16(&part[2], static_cast<std::uint32_t>(part.size()));
        put_be16(&part[4], first_id + static_cast<std::uint32_t>(n));
        const auto moved = sequence + static_cast<std::uint32_t>(at - head);
        put_be16(&part[ip_head + 4], moved >> 16);
        put_be16(&part[ip_head + 6], moved);
        // Only the last one pushes and ends.
        if (at + length < whole.size())
            part[ip_head + 13] &= static_cast<std::uint8_t>(~(tcp_fin | tcp_psh));
        fill_ip_sum(part);
        fill_payload_sum(part);
        send(frame);
    }
}

}  // namespace hw
