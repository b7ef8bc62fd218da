// SPDX-License-Identifier: GPL-2.0-or-later
//
// The list of commands, the global ones, and messages.
#include "hw/ipmi/bmc-sim.h"

#include "hw/acpi/acpi-core.h"
#include "hw/core/system-requests.h"
#include "hw/ipmi/bmc-bits.h"
#include "migration/vmstate/fields.h"
#include "qapi/context.h"
#include "qapi/qapi-types-run-state.h"

namespace hw {

namespace {

using C = BmcSimConfig;
constexpr auto properties = qom::properties(
    qom::property<&C::device_id>("device_id"), qom::property<&C::ipmi_version>("ipmi_version"),
    qom::property<&C::device_rev>("device_rev"), qom::property<&C::fwrev1>("fwrev1"),
    qom::property<&C::fwrev2>("fwrev2"), qom::property<&C::mfg_id>("mfg_id"),
    qom::property<&C::product_id>("product_id"), qom::property<&C::fruareasize>("fruareasize"),
    qom::property<&C::slave_addr>("slave_addr"));

using S = BmcSimState;
template <auto M>
consteval vmstate::Field sensor_field(std::string_view name) {
    return vmstate::field<&S::watchdog_sensor, M>(name);
}
constexpr auto fields = vmstate::fields(
    vmstate::field<&S::bmc_global_enables>("bmc_global_enables"),
    vmstate::field<&S::msg_flags>("msg_flags"),
    vmstate::field<&S::watchdog_initialized>("watchdog_initialized"),
    vmstate::field<&S::watchdog_use>("watchdog_use"),
    vmstate::field<&S::watchdog_action>("watchdog_action"),
    vmstate::field<&S::watchdog_pretimeout>("watchdog_pretimeout"),
    vmstate::field<&S::watchdog_expired>("watchdog_expired"),
    vmstate::field<&S::watchdog_timeout>("watchdog_timeout"),
    vmstate::field<&S::watchdog_running>("watchdog_running"),
    vmstate::field<&S::watchdog_preaction_ran>("watchdog_preaction_ran"),
    vmstate::field<&S::watchdog_expiry>("watchdog_expiry"), vmstate::field<&S::evtbuf>("evtbuf"),
    sensor_field<&IpmiSensor::status>("sensors[0].status"),
    sensor_field<&IpmiSensor::reading>("sensors[0].reading"),
    sensor_field<&IpmiSensor::states>("sensors[0].states"),
    sensor_field<&IpmiSensor::assert_states>("sensors[0].assert_states"),
    sensor_field<&IpmiSensor::deassert_states>("sensors[0].deassert_states"),
    sensor_field<&IpmiSensor::assert_enable>("sensors[0].assert_enable"));
static_assert(vmstate::covers<S>(fields));
constexpr vmstate::Table table{.name = "ipmi-bmc-sim", .fields = fields};

constexpr u8 response = 1 << 2;  // in netFn/LUN

// Chassis control (section 28.3).
enum ChassisControl : u8 {
    PowerDown,
    PowerUp,
    PowerCycle,
    HardReset,
    PulseDiagnostic,
    SoftShutdown
};
// System restart causes (section 28.11).
constexpr u8 cause_chassis_control = 1, cause_watchdog = 4;

}  // namespace

const DeviceType BmcSim::device_type_{
    {.name = "ipmi-bmc-sim", .parent = "ipmi-bmc", .properties = properties},
    {},
    Category::Misc,
    true,
    false,
    []() -> std::unique_ptr<Device> { return std::make_unique<BmcSim>(); }};

/// A row of the list: `needs` is the least of data that the handler reads.
struct BmcSim::Command {
    u8 net_function, code, needs;
    Completion (BmcSim::*handle)(Call&);
};

std::span<const BmcSim::Command> BmcSim::commands() {
    using B = BmcSim;
    static constexpr Command all[] = {
        {chassis, 0x00, 0, &B::chassis_capabilities},
        {chassis, 0x01, 0, &B::chassis_status},
        {chassis, 0x02, 1, &B::chassis_control},
        {chassis, 0x07, 0, &B::restart_cause},
        {sensor_event, 0x02, 7, &B::platform_event},
        {sensor_event, 0x28, 2, &B::set_event_enable},
        {sensor_event, 0x29, 1, &B::get_event_enable},
        {sensor_event, 0x2a, 2, &B::rearm},
        {sensor_event, 0x2b, 1, &B::event_status},
        {sensor_event, 0x2d, 1, &B::sensor_reading},
        {sensor_event, 0x2f, 1, &B::sensor_type},
        {application, 0x01, 0, &B::device_id},
        {application, 0x02, 0, &B::cold_reset},
        {application, 0x03, 0, &B::warm_reset},
        {application, 0x06, 2, &B::set_acpi_power},
        {application, 0x07, 0, &B::get_acpi_power},
        {application, 0x22, 0, &B::reset_watchdog},
        {application, 0x24, 6, &B::set_watchdog},
        {application, 0x25, 0, &B::get_watchdog},
        {application, 0x2e, 1, &B::set_global_enables},
        {application, 0x2f, 0, &B::get_global_enables},
        {application, 0x30, 1, &B::clear_message_flags},
        {application, 0x31, 0, &B::get_message_flags},
        {application, 0x33, 0, &B::get_message},
        {application, 0x35, 0, &B::read_event_buffer},
        {storage, 0x10, 1, &B::fru_info},
        {storage, 0x11, 4, &B::read_fru},
        {storage, 0x12, 3, &B::write_fru},
        {storage, 0x20, 0, &B::sdr_info},
        {storage, 0x22, 0, &B::reserve_sdr},
        {storage, 0x23, 6, &B::get_sdr},
        {storage, 0x40, 0, &B::sel_info},
        {storage, 0x42, 0, &B::reserve_sel},
        {storage, 0x43, 6, &B::get_sel},
        {storage, 0x44, 16, &B::add_sel},
        {storage, 0x47, 6, &B::clear_sel},
        {storage, 0x48, 0, &B::get_sel_time},
        {storage, 0x49, 4, &B::set_sel_time},
    };
    return all;
}

void BmcSim::Call::put16(unsigned v) {
    out.push_back(u8(v));
    out.push_back(u8(v >> 8));
}

void BmcSim::Call::put32(u32 v) {
    put16(v & 0xffff);
    put16(v >> 16);
}

BmcSim::BmcSim() : IpmiBmc(device_type_) {}

const vmstate::Table& BmcSim::vmstate() const {
    return table;
}

Result<void> BmcSim::realize(Platform& platform) {
    requests_ = platform.services.find<SystemRequests>();
    timer_.emplace(platform.clocks.virt, [this] { watchdog_due(); });
    fru_.assign(config_.fruareasize, 0);
    state_.bmc_global_enables = log_enable;
    state_.watchdog_sensor.status = sensor_present | sensor_scanning | sensor_events;
    state_.watchdog_sensor.assert_enable = watchdog_assertions;
    return {};
}

void BmcSim::post_load(int) {
    if (state_.watchdog_running)
        timer_->set(state_.watchdog_expiry);
    else
        timer_->cancel();
    if (interface()) interface()->enable_interrupts(state_.bmc_global_enables & interrupt_enables);
}

std::vector<u8> BmcSim::answer(std::span<const u8> request) {
    if (request.size() < 2) return {};
    const u8 function = u8(request[0] >> 2), code = request[1];
    std::vector<u8> out{u8(request[0] | response), code, 0};
    Call call{request.subspan(2), out};
    Completion done = Completion::InvalidCommand;
    for (const Command& c : commands())
        if (c.net_function == function && c.code == code)
            done = call.in.size() < c.needs ? Completion::LengthInvalid : (this->*c.handle)(call);
    if (done != Completion::Ok) out.resize(3);
    out[2] = u8(done);
    return out;
}

// ---- chassis ----------------------------------------------------------------------------------

Completion BmcSim::chassis_capabilities(Call& c) {
    c.out.push_back(0);
    // Who keeps FRU, SDR, log and system management: this controller, all of it.
    c.out.insert(c.out.end(), 5, config_.slave_addr);
    return Completion::Ok;
}

Completion BmcSim::chassis_status(Call& c) {
    constexpr u8 power_is_on = 1 << 0, stays_off_after_failure = 0;
    c.out.insert(c.out.end(), {u8(power_is_on | stays_off_after_failure), 0, 0});
    return Completion::Ok;
}

Completion BmcSim::chassis_control(Call& c) {
    if (!requests_) return Completion::InvalidField;
    switch (c.in[0] & 0x0f) {
        case PowerDown:
            requests_->request_shutdown(qapi::ShutdownCause::guest_shutdown);
            return Completion::Ok;
        case PowerCycle:
        case HardReset:
            restart_cause_ = cause_chassis_control;
            requests_->request_reset(qapi::ShutdownCause::guest_reset);
            return Completion::Ok;
        case SoftShutdown:
            if (auto* acpi = platform().services.find<AcpiCore>()) {
                acpi->press_power_button();
                return Completion::Ok;
            }
            return Completion::InvalidField;
        default: return Completion::InvalidField;  // power up: it is; no diagnostic interrupt
    }
}

Completion BmcSim::restart_cause(Call& c) {
    c.out.insert(c.out.end(), {restart_cause_, 0});
    return Completion::Ok;
}

// ---- global -----------------------------------------------------------------------------------

Completion BmcSim::device_id(Call& c) {
    // SDR repository, event log, FRU and sensors: table 20-2, byte 7.
    constexpr u8 has_sdrs = 1 << 7, supports = 0x0f;
    c.out.insert(c.out.end(),
                 {config_.device_id, u8((config_.device_rev & 0x0f) | has_sdrs),
                  u8(config_.fwrev1 & 0x7f), config_.fwrev2, config_.ipmi_version, supports,
                  u8(config_.mfg_id), u8(config_.mfg_id >> 8), u8(config_.mfg_id >> 16)});
    c.put16(config_.product_id);
    return Completion::Ok;
}

Completion BmcSim::cold_reset(Call&) {
    // Back to what it was when power came; the log stays.
    const IpmiSensor sensor{.status = sensor_present | sensor_scanning | sensor_events,
                            .assert_enable = watchdog_assertions};
    state_ = {.bmc_global_enables = log_enable, .watchdog_sensor = sensor};
    timer_->cancel();
    update_flags();
    if (interface()) interface()->enable_interrupts(false);
    return Completion::Ok;
}

Completion BmcSim::warm_reset(Call&) {
    return Completion::Ok;
}

Completion BmcSim::set_acpi_power(Call& c) {
    acpi_power_ = {c.in[0], c.in[1]};
    return Completion::Ok;
}

Completion BmcSim::get_acpi_power(Call& c) {
    c.out.insert(c.out.end(), acpi_power_.begin(), acpi_power_.end());
    return Completion::Ok;
}

// ---- messages ---------------------------------------------------------------------------------

void BmcSim::update_flags() {
    if (interface())
        interface()->set_attention(state_.msg_flags != 0,
                                   state_.bmc_global_enables & interrupt_enables);
}

Completion BmcSim::set_global_enables(Call& c) {
    state_.bmc_global_enables = c.in[0];
    if (interface()) interface()->enable_interrupts(c.in[0] & interrupt_enables);
    return Completion::Ok;
}

Completion BmcSim::get_global_enables(Call& c) {
    c.out.push_back(state_.bmc_global_enables);
    return Completion::Ok;
}

Completion BmcSim::clear_message_flags(Call& c) {
    state_.msg_flags &= u8(~(c.in[0] & (flag_event_buffer_full | flag_watchdog_pretimeout)));
    update_flags();
    return Completion::Ok;
}

Completion BmcSim::get_message_flags(Call& c) {
    c.out.push_back(state_.msg_flags);
    return Completion::Ok;
}

Completion BmcSim::get_message(Call&) {
    return queue_empty;  // nobody else is on the management bus
}

Completion BmcSim::read_event_buffer(Call& c) {
    if (!(state_.msg_flags & flag_event_buffer_full)) return queue_empty;
    c.out.insert(c.out.end(), state_.evtbuf.begin(), state_.evtbuf.end());
    state_.msg_flags &= u8(~flag_event_buffer_full);
    update_flags();
    return Completion::Ok;
}

// ---- the watchdog's doings --------------------------------------------------------------------

void BmcSim::watchdog_expired() {
    const unsigned action = state_.watchdog_action & action_mask;
    state_.watchdog_running = false;
    state_.watchdog_expired |= u8(1u << (state_.watchdog_use & use_mask));
    watchdog_event(action, !(state_.watchdog_use & do_not_log));
    if (!requests_) return;
    if (action == action_power_down) {
        requests_->request_shutdown(qapi::ShutdownCause::guest_shutdown);
    } else if (action == action_reset || action == action_power_cycle) {
        restart_cause_ = cause_watchdog;
        requests_->request_reset(qapi::ShutdownCause::guest_reset);
    }
}

}  // namespace hw
