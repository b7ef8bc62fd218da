// SPDX-License-Identifier: GPL-2.0-or-later
#include "hw/ipmi/kcs.h"

#include <algorithm>

#include "migration/vmstate/fields.h"

namespace hw {
namespace {

// Status register (section 9.2); the phase is in its two highest bits.
constexpr u8 status_obf = 1 << 0, status_ibf = 1 << 1, status_attention = 1 << 2,
             status_command = 1 << 3;
// Control codes (section 9.10) and what GET_STATUS answers.
constexpr u8 get_status_abort = 0x60, write_start = 0x61, write_end = 0x62, read_next = 0x68;
constexpr u8 error_aborted = 0x01, error_illegal_control = 0x02, error_length = 0x06;

constexpr auto properties = ipmi_isa_properties<IpmiIsaConfig>();

using S = IpmiKcsState;
using M = IpmiMessages;
template <auto Member>
consteval vmstate::Field message(std::string_view name) {
    return vmstate::field<&S::messages, Member>(name);
}
constexpr auto kcs_fields = vmstate::fields(
    message<&M::obf_irq_set>("obf_irq_set"), message<&M::atn_irq_set>("atn_irq_set"),
    message<&M::irqs_enabled>("irqs_enabled"), message<&M::outpos>("outpos"),
    message<&M::outlen>("outlen"), message<&M::outmsg>("outmsg"), message<&M::inlen>("inlen"),
    message<&M::inmsg>("inmsg"), vmstate::field<&S::write_end>("write_end"),
    vmstate::field<&S::status_reg>("status_reg"), vmstate::field<&S::data_out_reg>("data_out_reg"),
    vmstate::field<&S::data_in_reg>("data_in_reg"), vmstate::field<&S::cmd_reg>("cmd_reg"),
    vmstate::field<&S::waiting_rsp>("waiting_rsp"));
static_assert(vmstate::covers<S>(kcs_fields));
constexpr vmstate::Table kcs_table{
    .name = "ipmi-interface-kcs", .version = 2, .minimum_version = 2, .fields = kcs_fields};
constexpr auto fields = vmstate::fields(vmstate::self<S>("kcs[1]", kcs_table).at_version(2));
constexpr vmstate::Table table{
    .name = "ipmi-interface", .version = 2, .minimum_version = 2, .fields = fields};

constexpr auto ops =
    exec::memory_ops<&IpmiKcs::read, &IpmiKcs::write>({.impl = {.min = 1, .max = 1}});

}  // namespace

Result<void> IpmiMessages::check() const {
    if (outlen > outmsg.size() || outpos > outlen)
        return fail("outpos {} and outlen {} are beyond the message", outpos, outlen);
    if (inlen > inmsg.size()) return fail("inlen {} is beyond the message", inlen);
    return {};
}

const DeviceType IpmiKcs::device_type_ =
    isa_type<IpmiKcs>("isa-ipmi-kcs", properties, Category::Misc, true);

IpmiKcs::IpmiKcs() : DeviceOf(device_type_) {
    config_.ioport = 0xca2;
}

const vmstate::Table& IpmiKcs::vmstate() const {
    return table;
}

Result<void> IpmiKcs::realize(Platform&) {
    IpmiBmc* bmc = TRY(find_bmc(*this, config_.bmc));
    IsaBus& bus = isa_bus(*this);
    if (config_.irq < 0 || config_.irq >= int(IsaBus::irq_count))
        return fail("isa-ipmi-kcs: there is no IRQ {}", config_.irq);
    TRY(bmc->attach(*this));
    irq_.line.connect(bus.irq(unsigned(config_.irq)));
    ports_ = bus.add_io(config_.ioport, "ipmi-kcs", 2, ops, this);
    return {};
}

Result<void> IpmiKcs::check_state(const S& s, int) const {
    return s.messages.check();
}

u64 IpmiKcs::read(u64 offset, unsigned) {
    S& s = state_;
    if (offset == 0) {
        s.status_reg &= u8(~status_obf);
        irq_.lower(&M::obf_irq_set);
        return s.data_out_reg;
    }
    irq_.lower(&M::atn_irq_set);
    return s.status_reg;
}

void IpmiKcs::write(u64 offset, u64 value, unsigned) {
    // Each byte is dealt with at once, so that the guest never sees IBF.
    S& s = state_;
    if (offset == 0) {
        s.status_reg &= u8(~status_command);
        take(u8(value));
    } else {
        s.status_reg |= status_command;
        command(u8(value));
    }
    s.data_in_reg = s.cmd_reg = -1;
    s.status_reg &= u8(~status_ibf);
}

void IpmiKcs::put(u8 byte) {
    state_.data_out_reg = byte;
    state_.status_reg |= status_obf;
    irq_.raise(&M::obf_irq_set);
}

void IpmiKcs::refuse(u8 why) {
    M& m = state_.messages;
    m.outmsg[0] = why;  // for GET_STATUS
    m.outpos = 0;
    m.outlen = 1;
    m.inlen = 0;
    state_.write_end = false;
    set_phase(Phase::Error);
    put(0);
}

void IpmiKcs::command(u8 code) {
    M& m = state_.messages;
    if (code == get_status_abort) {
        if (phase() != Phase::Error) m.outmsg[0] = phase() == Phase::Idle ? u8{0} : error_aborted;
        m.outpos = 0;
        m.outlen = 1;
        m.inlen = 0;
        // The host writes one more byte, then reads the status as a message of one byte.
        state_.write_end = true;
        set_phase(Phase::Error);
        put(0);
    } else if (code == write_start) {
        m.inlen = 0;
        state_.write_end = false;
        set_phase(Phase::Write);
        put(0);
    } else if (code == write_end && phase() == Phase::Write) {
        state_.write_end = true;
        put(0);
    } else {
        refuse(error_illegal_control);
    }
}

void IpmiKcs::take(u8 byte) {
    M& m = state_.messages;
    switch (phase()) {
        case Phase::Write:
            if (!m.take(byte)) {
                refuse(error_length);
            } else if (state_.write_end) {
                process();
            } else {
                put(0);
            }
            break;
        case Phase::Read:
            if (byte != read_next) {
                refuse(error_illegal_control);
            } else if (m.outpos < m.outlen) {
                put(m.outmsg[m.outpos++]);
            } else {
                set_phase(Phase::Idle);
                put(0);
            }
            break;
        case Phase::Error:
            if (!state_.write_end) {
                refuse(error_illegal_control);
                break;
            }
            state_.write_end = false;
            set_phase(Phase::Read);
            put(m.outmsg[m.outpos++]);
            break;
        case Phase::Idle: refuse(error_illegal_control); break;
    }
}

void IpmiKcs::process() {
    M& m = state_.messages;
    state_.write_end = false;
    state_.waiting_rsp++;
    const auto answer = bmc_->answer(m.request());
    m.inlen = 0;
    if (answer.empty()) {
        refuse(error_length);
        return;
    }
    m.outlen = u32(std::min(answer.size(), m.outmsg.size()));
    std::copy_n(answer.begin(), m.outlen, m.outmsg.begin());
    m.outpos = 0;
    set_phase(Phase::Read);
    put(m.outmsg[m.outpos++]);
}

void IpmiKcs::set_attention(bool on, bool interrupts) {
    S& s = state_;
    const bool was = s.status_reg & status_attention;
    s.status_reg = u8(on ? s.status_reg | status_attention : s.status_reg & ~status_attention);
    if (on && !was && interrupts)
        irq_.raise(&M::atn_irq_set);
    else if (!on)
        irq_.lower(&M::atn_irq_set);
}

void IpmiKcs::enable_interrupts(bool on) {
    state_.messages.irqs_enabled = on;
}

}  // namespace hw
