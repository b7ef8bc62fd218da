// SPDX-License-Identifier: GPL-2.0-or-later
#include "hw/ipmi/bt.h"

#include <algorithm>

#include "hw/ipmi/bmc-bits.h"
#include "migration/vmstate/fields.h"

namespace hw {
namespace {

// BT_CTRL (section 11.6.1).
enum : u8 {
    clear_write_pointer = 1 << 0,
    clear_read_pointer = 1 << 1,
    h2b_attention = 1 << 2,
    b2h_attention = 1 << 3,
    sms_attention = 1 << 4,
    host_busy = 1 << 6,
};
// INTMASK (section 11.6.3).
constexpr u8 irq_enable = 1 << 0, irq_pending = 1 << 1, bmc_reset = 1 << 7;

// A frame is its length, netFn/LUN, the request's number, command, and so on.
constexpr std::size_t frame_overhead = 4;
// Get BT Interface Capabilities (section 22.10), which the interface answers itself.
constexpr u8 get_capabilities = 0x36;

constexpr auto properties = ipmi_isa_properties<IpmiIsaConfig>();

using S = IpmiBtState;
using M = IpmiMessages;
template <auto Member>
consteval vmstate::Field message(std::string_view name) {
    return vmstate::field<&S::messages, Member>(name);
}
constexpr auto bt_fields = vmstate::fields(
    message<&M::obf_irq_set>("obf_irq_set"), message<&M::atn_irq_set>("atn_irq_set"),
    message<&M::irqs_enabled>("irqs_enabled"), message<&M::outpos>("outpos"),
    message<&M::outlen>("outlen"), message<&M::outmsg>("outmsg"), message<&M::inlen>("inlen"),
    message<&M::inmsg>("inmsg"), vmstate::field<&S::control_reg>("control_reg"),
    vmstate::field<&S::mask_reg>("mask_reg"), vmstate::field<&S::waiting_rsp>("waiting_rsp"),
    vmstate::field<&S::waiting_seq>("waiting_seq"));
static_assert(vmstate::covers<S>(bt_fields));
constexpr vmstate::Table bt_table{.name = "ipmi-interface-bt", .fields = bt_fields};
constexpr auto fields = vmstate::fields(vmstate::self<S>("bt", bt_table));
constexpr vmstate::Table table{
    .name = "ipmi-interface-isa-bt", .version = 2, .minimum_version = 2, .fields = fields};

constexpr auto ops =
    exec::memory_ops<&IpmiBt::read, &IpmiBt::write>({.impl = {.min = 1, .max = 1}});

}  // namespace

const DeviceType IpmiBt::device_type_ =
    isa_type<IpmiBt>("isa-ipmi-bt", properties, Category::Misc, true);

IpmiBt::IpmiBt() : DeviceOf(device_type_) {
    config_.ioport = 0xe4;
}

const vmstate::Table& IpmiBt::vmstate() const {
    return table;
}

Result<void> IpmiBt::realize(Platform&) {
    IpmiBmc* bmc = TRY(find_bmc(*this, config_.bmc));
    IsaBus& bus = isa_bus(*this);
    if (config_.irq < 0 || config_.irq >= int(IsaBus::irq_count))
        return fail("isa-ipmi-bt: there is no IRQ {}", config_.irq);
    TRY(bmc->attach(*this));
    irq_.line.connect(bus.irq(unsigned(config_.irq)));
    ports_ = bus.add_io(config_.ioport, "ipmi-bt", 4, ops, this);
    return {};
}

Result<void> IpmiBt::check_state(const S& s, int) const {
    return s.messages.check();
}

u64 IpmiBt::read(u64 offset, unsigned) {
    M& m = state_.messages;
    switch (offset) {
        case 0: return state_.control_reg;
        case 1: return m.outpos < m.outlen ? m.outmsg[m.outpos++] : 0xff;
        case 2: return state_.mask_reg;
        default: return 0xff;
    }
}

void IpmiBt::write(u64 offset, u64 value, unsigned) {
    switch (offset) {
        case 0: control(u8(value)); break;
        case 1: state_.messages.take(u8(value)); break;  // what is too long is cut, and refused
        case 2: mask(u8(value)); break;
        default: break;
    }
}

void IpmiBt::control(u8 value) {
    S& s = state_;
    if (value & clear_write_pointer) s.messages.inlen = 0;
    if (value & clear_read_pointer) s.messages.outpos = 0;
    if (value & b2h_attention) {
        s.control_reg &= u8(~b2h_attention);
        set_irq(&M::obf_irq_set, false);
    }
    if (value & sms_attention) {
        s.control_reg &= u8(~sms_attention);
        set_irq(&M::atn_irq_set, false);
    }
    if (value & host_busy) s.control_reg ^= host_busy;
    if (value & h2b_attention) process();
}

void IpmiBt::mask(u8 value) {
    S& s = state_;
    s.mask_reg = u8((s.mask_reg & ~irq_enable) | (value & irq_enable));
    s.messages.irqs_enabled = value & irq_enable;
    if (value & irq_pending || !(value & irq_enable)) {
        set_irq(&M::obf_irq_set, false);
        set_irq(&M::atn_irq_set, false);
    }
    if (value & bmc_reset) {
        s.control_reg = s.mask_reg = 0;
        s.messages.inlen = s.messages.outlen = s.messages.outpos = 0;
        s.messages.irqs_enabled = false;
        set_irq(&M::obf_irq_set, false);
        set_irq(&M::atn_irq_set, false);
    }
}

void IpmiBt::set_irq(bool M::*reason, bool on) {
    if (on)
        irq_.raise(reason);
    else
        irq_.lower(reason);
    const M& m = state_.messages;
    state_.mask_reg = u8(m.obf_irq_set || m.atn_irq_set ? state_.mask_reg | irq_pending
                                                        : state_.mask_reg & ~irq_pending);
}

std::vector<u8> IpmiBt::capabilities() const {
    // One request at a time, both buffers of 255 bytes, ten seconds, no retry.
    return {u8((application | 1) << 2), get_capabilities, u8(Completion::Ok), 1, 255, 255, 10, 0};
}

void IpmiBt::process() {
    M& m = state_.messages;
    const std::size_t length = m.inlen;
    m.inlen = 0;
    if (length < frame_overhead || m.inmsg[0] != length - 1) return;  // no frame
    state_.waiting_rsp++;
    state_.waiting_seq = m.inmsg[2];
    std::vector<u8> request{m.inmsg[1]};
    request.insert(request.end(), m.inmsg.begin() + 3, m.inmsg.begin() + std::ptrdiff_t(length));
    const bool own = request[0] >> 2 == application && request[1] == get_capabilities;
    const auto answer = own ? capabilities() : bmc_->answer(request);
    if (answer.empty()) return;
    // The frame's length has eight bits.
    const std::size_t size = std::min<std::size_t>(answer.size(), 254);
    m.outmsg[0] = u8(size + 1);
    m.outmsg[1] = answer[0];
    m.outmsg[2] = state_.waiting_seq;
    std::copy_n(answer.begin() + 1, size - 1, m.outmsg.begin() + 3);
    m.outlen = u32(size + 2);
    m.outpos = 0;
    state_.control_reg |= b2h_attention;
    set_irq(&M::obf_irq_set, true);
}

void IpmiBt::set_attention(bool on, bool interrupts) {
    S& s = state_;
    const bool was = s.control_reg & sms_attention;
    s.control_reg = u8(on ? s.control_reg | sms_attention : s.control_reg & ~sms_attention);
    if (on && !was && interrupts)
        set_irq(&M::atn_irq_set, true);
    else if (!on)
        set_irq(&M::atn_irq_set, false);
}

// The host has a switch of its own here, INTMASK.
void IpmiBt::enable_interrupts(bool) {}

}  // namespace hw
