// SPDX-License-Identifier: GPL-2.0-or-later
//
// The BMC's watchdog timer (section 27), its sensor (35) and the events it makes (29).
#include "hw/ipmi/bmc-bits.h"
#include "hw/ipmi/bmc-sim.h"

namespace hw {

namespace {

constexpr i64 ns_per_count = nanoseconds_per_second / 10;
constexpr u8 system_event = 0x02, event_revision = 0x04;  // of a record, table 32-1

}  // namespace

// ---- the timer --------------------------------------------------------------------------------

void BmcSim::start_watchdog() {
    BmcSimState& s = state_;
    i64 wait = i64{s.watchdog_timeout} * ns_per_count;
    const i64 ahead = i64{s.watchdog_pretimeout} * nanoseconds_per_second;
    s.watchdog_preaction_ran = false;
    const bool warns = (s.watchdog_action >> pretimeout_shift & pretimeout_mask) != pretimeout_none;
    if (warns && ahead < wait)
        wait -= ahead;
    else
        s.watchdog_preaction_ran = true;
    s.watchdog_running = true;
    s.watchdog_expiry = timer_->clock().now_ns() + wait;
    timer_->set(s.watchdog_expiry);
}

void BmcSim::watchdog_due() {
    BmcSimState& s = state_;
    if (!s.watchdog_running) return;
    if (s.watchdog_preaction_ran) {
        watchdog_expired();
        return;
    }
    s.watchdog_preaction_ran = true;
    s.watchdog_expiry += i64{s.watchdog_pretimeout} * nanoseconds_per_second;
    timer_->set(s.watchdog_expiry);
    s.msg_flags |= flag_watchdog_pretimeout;
    update_flags();
    watchdog_event(offset_timer_interrupt, !(s.watchdog_use & do_not_log));
}

Completion BmcSim::reset_watchdog(Call&) {
    if (!state_.watchdog_initialized) return watchdog_uninitialized;
    start_watchdog();
    return Completion::Ok;
}

Completion BmcSim::set_watchdog(Call& c) {
    const unsigned use = c.in[0] & use_mask, action = c.in[1] & action_mask;
    const unsigned warning = c.in[1] >> pretimeout_shift & pretimeout_mask;
    if (use < 1 || use > 5 || action > action_power_cycle) return Completion::InvalidField;
    if (warning != pretimeout_none && warning != pretimeout_message)
        return Completion::InvalidField;  // it has no wire to SMI or NMI
    BmcSimState& s = state_;
    const bool goes_on = s.watchdog_running && c.in[0] & do_not_stop;
    s.watchdog_initialized = true;
    s.watchdog_use = c.in[0] & (use_mask | do_not_log);
    s.watchdog_action = c.in[1] & (action_mask | pretimeout_mask << pretimeout_shift);
    s.watchdog_pretimeout = c.in[2];
    s.watchdog_expired &= u8(~c.in[3]);
    s.watchdog_timeout = u16(c.get16(4));
    s.watchdog_running = false;
    timer_->cancel();
    s.msg_flags &= u8(~flag_watchdog_pretimeout);
    update_flags();
    if (goes_on) start_watchdog();
    return Completion::Ok;
}

Completion BmcSim::get_watchdog(Call& c) {
    const BmcSimState& s = state_;
    constexpr u8 running = 1 << 6;
    c.out.insert(c.out.end(), {u8(s.watchdog_use | (s.watchdog_running ? running : 0)),
                               s.watchdog_action, s.watchdog_pretimeout, s.watchdog_expired});
    c.put16(s.watchdog_timeout);
    i64 left = 0;
    if (s.watchdog_running) {
        left = s.watchdog_expiry - timer_->clock().now_ns();
        if (!s.watchdog_preaction_ran) left += i64{s.watchdog_pretimeout} * nanoseconds_per_second;
        left = std::max<i64>(left, 0) / ns_per_count;
    }
    c.put16(unsigned(left));
    return Completion::Ok;
}

// ---- its sensor -------------------------------------------------------------------------------

Completion BmcSim::set_event_enable(Call& c) {
    if (c.in[0] != watchdog_sensor_number) return Completion::NotPresent;
    IpmiSensor& s = state_.watchdog_sensor;
    constexpr u8 both = sensor_scanning | sensor_events;
    s.status = u8((s.status & ~both) | (c.in[1] & both));
    const u16 mask = c.in.size() >= 4 ? u16(c.get16(2) & watchdog_assertions) : u16{0};
    switch (c.in[1] >> 4 & 3) {
        case 0: break;
        case 1: s.assert_enable |= mask; break;
        case 2: s.assert_enable &= u16(~mask); break;
        default: return Completion::InvalidField;
    }
    return Completion::Ok;
}

Completion BmcSim::get_event_enable(Call& c) {
    if (c.in[0] != watchdog_sensor_number) return Completion::NotPresent;
    const IpmiSensor& s = state_.watchdog_sensor;
    c.out.push_back(s.status & (sensor_scanning | sensor_events));
    c.put16(s.assert_enable);
    c.put16(0);
    return Completion::Ok;
}

Completion BmcSim::rearm(Call& c) {
    if (c.in[0] != watchdog_sensor_number) return Completion::NotPresent;
    state_.watchdog_sensor.states = 0;
    return Completion::Ok;
}

Completion BmcSim::event_status(Call& c) {
    if (c.in[0] != watchdog_sensor_number) return Completion::NotPresent;
    const IpmiSensor& s = state_.watchdog_sensor;
    c.out.push_back(s.status & (sensor_scanning | sensor_events));
    c.put16(s.assert_states);
    c.put16(s.deassert_states);
    return Completion::Ok;
}

Completion BmcSim::sensor_reading(Call& c) {
    if (c.in[0] != watchdog_sensor_number) return Completion::NotPresent;
    const IpmiSensor& s = state_.watchdog_sensor;
    c.out.insert(c.out.end(), {s.reading, u8(s.status & (sensor_scanning | sensor_events))});
    c.put16(s.states);
    return Completion::Ok;
}

Completion BmcSim::sensor_type(Call& c) {
    if (c.in[0] != watchdog_sensor_number) return Completion::NotPresent;
    c.out.insert(c.out.end(), {watchdog_sensor_type, sensor_specific});
    return Completion::Ok;
}

// ---- events -----------------------------------------------------------------------------------

void BmcSim::watchdog_event(unsigned offset, bool logged) {
    IpmiSensor& s = state_.watchdog_sensor;
    s.states |= u16(1u << offset);
    if (!(s.status & sensor_events) || !(s.assert_enable >> offset & 1)) return;
    s.assert_states |= u16(1u << offset);
    std::array<u8, 16> record{};
    record[2] = system_event;
    record[7] = config_.slave_addr;
    record[9] = event_revision;
    record[10] = watchdog_sensor_type;
    record[11] = watchdog_sensor_number;
    record[12] = sensor_specific;
    record[13] = u8(0xc0 | offset);  // the next byte is an extension, too
    record[14] = state_.watchdog_use & use_mask;
    record[15] = 0xff;
    record_event(record, logged);
}

void BmcSim::record_event(std::array<u8, 16> record, bool logged) {
    if (logged && state_.bmc_global_enables & log_enable) {
        const u16 id = log_event(record);
        record[0] = u8(id);
        record[1] = u8(id >> 8);
    }
    if (!(state_.bmc_global_enables & event_buffer_enable) ||
        state_.msg_flags & flag_event_buffer_full)
        return;
    state_.evtbuf = record;
    state_.msg_flags |= flag_event_buffer_full;
    update_flags();
}

Completion BmcSim::platform_event(Call& c) {
    // Over a system interface the generator's ID comes first (section 29.3).
    std::array<u8, 16> record{};
    record[2] = system_event;
    record[7] = c.in[0];
    record[9] = c.in[1];
    for (std::size_t i = 2; i < 8; i++)
        record[8 + i] = i < c.in.size() ? c.in[i] : u8{0xff};
    record_event(record, true);
    return Completion::Ok;
}

}  // namespace hw
