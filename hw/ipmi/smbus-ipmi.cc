// SPDX-License-Identifier: GPL-2.0-or-later
#include "hw/ipmi/smbus-ipmi.h"

#include <algorithm>

#include "migration/vmstate/fields.h"

namespace hw {
namespace {

// SMBus command codes (table 12-2).
enum : u8 {
    write_single = 0x02,
    read_first = 0x03,
    write_start = 0x06,
    write_middle = 0x07,
    write_last = 0x08,
    read_next = 0x09,
};
// A first block begins so when more follow; the last one has this number.
constexpr u8 multi_part[] = {0x00, 0x01};
constexpr u8 last_block = 0xff;

constexpr auto properties = qom::properties(qom::property<&SmbusIpmiConfig::address>("address"),
                                            qom::property<&SmbusIpmiConfig::bmc>("bmc")
                                                .as("link<ipmi-bmc>", qom::PropertyKind::String)
                                                .of_object());

using S = SmbusIpmiState;
constexpr auto slave_fields = vmstate::fields(vmstate::field<&S::address>("address"));
constexpr vmstate::Table slave_table{.name = "I2CSlave", .fields = slave_fields};
constexpr auto device_fields = vmstate::fields(
    vmstate::self<S>("i2c", slave_table, 1), vmstate::field<&S::mode>("mode"),
    vmstate::field<&S::data_len>("data_len"), vmstate::field<&S::data_buf>("data_buf"));
constexpr vmstate::Table device_table{.name = "smbus-device", .fields = device_fields};
constexpr auto fields = vmstate::fields(
    vmstate::self<S>("parent", device_table, 4), vmstate::field<&S::waiting_rsp>("waiting_rsp"),
    vmstate::field<&S::outlen>("outlen"), vmstate::field<&S::currblk>("currblk"),
    vmstate::field<&S::outmsg>("outmsg"), vmstate::field<&S::outpos>("outpos"),
    vmstate::field<&S::outbuf>("outbuf"), vmstate::field<&S::inlen>("inlen"),
    vmstate::field<&S::inmsg>("inmsg"));
static_assert(vmstate::covers<S>(fields));
constexpr vmstate::Table table{.name = "smbus-ipmi", .fields = fields};

}  // namespace

const DeviceType SmbusIpmi::device_type_{
    {.name = "smbus-ipmi", .parent = "smbus-device", .properties = properties},
    "i2c-bus",
    Category::Misc,
    true,
    false,
    []() -> std::unique_ptr<Device> { return std::make_unique<SmbusIpmi>(); }};

const vmstate::Table& SmbusIpmi::vmstate() const {
    return table;
}

Result<void> SmbusIpmi::realize(Platform&) {
    IpmiBmc* bmc = TRY(find_bmc(*this, config_.bmc));
    TRY(bmc->attach(*this));
    state_.address = config_.address;
    return {};
}

Result<void> SmbusIpmi::check_state(const S& s, int) const {
    if (s.outlen > s.outmsg.size() || s.outpos > s.outlen || s.inlen > s.inmsg.size())
        return fail("a position is beyond its message: outpos {}, outlen {}, inlen {}", s.outpos,
                    s.outlen, s.inlen);
    if (s.outbuf[0] > S::block) return fail("a block of {} bytes", s.outbuf[0]);
    return {};
}

void SmbusIpmi::write(std::span<const u8> bytes) {
    if (bytes.empty()) return;
    const u8 code = bytes[0];
    // Of a block write: how many bytes, and they.
    std::span<const u8> block;
    if (bytes.size() >= 2)
        block = bytes.subspan(2, std::min<std::size_t>(bytes[1], bytes.size() - 2));
    switch (code) {
        case write_single: take(block, true, true); break;
        case write_start: take(block, true, false); break;
        case write_middle: take(block, false, false); break;
        case write_last: take(block, false, true); break;
        case read_first: fill_first(); break;
        case read_next: fill_next(); break;
        default: break;
    }
}

void SmbusIpmi::take(std::span<const u8> block, bool first, bool last) {
    S& s = state_;
    if (first) s.inlen = 0;
    // What gets too long is no request: it ends as one that nobody answers.
    if (block.size() > s.inmsg.size() - s.inlen) {
        s.inlen = s.outlen = 0;
        return;
    }
    std::copy(block.begin(), block.end(), s.inmsg.begin() + s.inlen);
    s.inlen += u32(block.size());
    if (last) process();
}

void SmbusIpmi::process() {
    S& s = state_;
    s.waiting_rsp++;
    const auto answer = bmc_->answer(std::span(s.inmsg).first(s.inlen));
    s.inlen = 0;
    s.outlen = u32(std::min(answer.size(), s.outmsg.size()));
    std::copy_n(answer.begin(), s.outlen, s.outmsg.begin());
    s.outpos = s.currblk = 0;
    s.outbuf = {};
}

void SmbusIpmi::put(std::span<const u8> head, std::size_t count) {
    S& s = state_;
    s.outbuf[0] = u8(head.size() + count);
    auto to = std::copy(head.begin(), head.end(), s.outbuf.begin() + 1);
    std::copy_n(s.outmsg.begin() + s.outpos, count, to);
    s.outpos += u32(count);
    s.data_len = 0;
}

void SmbusIpmi::fill_first() {
    S& s = state_;
    s.outpos = s.currblk = 0;
    if (s.outlen <= S::block)
        put({}, s.outlen);
    else
        put(multi_part, S::block - std::size(multi_part));
}

void SmbusIpmi::fill_next() {
    S& s = state_;
    const std::size_t left = s.outlen - s.outpos;
    const bool last = left < S::block;
    const u8 number = last ? last_block : u8(s.currblk++);
    put(std::span(&number, 1), last ? left : S::block - 1);
}

/// Length first, then the block; a host that reads on gets zeros.
u8 SmbusIpmi::read_byte() {
    S& s = state_;
    if (s.data_len > s.outbuf[0]) return 0;
    return s.outbuf[std::size_t(s.data_len++)];
}

}  // namespace hw
