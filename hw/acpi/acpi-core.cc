// SPDX-License-Identifier: GPL-2.0-or-later
#include "hw/acpi/acpi-core.h"

#include "migration/vmstate/fields.h"

namespace hw {
namespace {

constexpr u16 cnt_sci_enable = 1 << 0, cnt_sleep_enable = 1 << 13;
constexpr u16 sci_events = AcpiCore::rtc_status | AcpiCore::power_button_status |
                           AcpiCore::global_status | AcpiCore::timer_status;
/// The status bit is set whenever bit 23 of the 24-bit counter changes (4.8.3.3).
constexpr u64 half_range = 0x800000;

using G = AcpiGpeState;
constexpr auto gpe_fields =
    vmstate::fields(vmstate::field<&G::sts>("sts"), vmstate::field<&G::en>("en"));
static_assert(vmstate::covers<G>(gpe_fields));

i64 ns_of(i64 pm_ticks) {
    return i64(muldiv(u64(pm_ticks), nanoseconds_per_second, AcpiCore::pm_timer_frequency));
}

}  // namespace

constinit const vmstate::Table acpi_gpe_table{.name = "gpe", .fields = gpe_fields};

AcpiCore::AcpiCore(AcpiState& state, Clock& clock, Requests requests, u8 s4_type)
    : state_(state),
      clock_(clock),
      requests_(std::move(requests)),
      s4_type_(s4_type),
      timer_(clock, [this] { update(); }) {}

void AcpiCore::reset() {
    state_ = {};
    update();
}

void AcpiCore::post_load() {
    timer_.restore(state_.tmr_timer);
}

u64 AcpiCore::ticks() const {
    return muldiv(u64(clock_.now_ns()), pm_timer_frequency, nanoseconds_per_second);
}

u32 AcpiCore::read_timer() const {
    return u32(ticks() & 0xffffff);
}

u16 AcpiCore::status() {
    // Compared in ns, as the alarm is, so that the alarm finds it set.
    if (clock_.now_ns() >= ns_of(state_.tmr_overflow_time)) state_.pm1_sts |= timer_status;
    return state_.pm1_sts;
}

void AcpiCore::update() {
    const u16 events = status() & state_.pm1_en & sci_events;
    sci.set(events || state_.gpe.sts & state_.gpe.en);
    if (state_.pm1_en & timer_status && !(state_.pm1_sts & timer_status))
        timer_.set(ns_of(state_.tmr_overflow_time));
    else
        timer_.cancel();
}

u16 AcpiCore::read_event(u64 offset) {
    return offset == 0 ? status() : state_.pm1_en;
}

void AcpiCore::write_event(u64 offset, u16 value) {
    if (offset == 0) {
        if (status() & value & timer_status)
            state_.tmr_overflow_time = i64((ticks() + half_range) & ~(half_range - 1));
        state_.pm1_sts &= u16(~value);
    } else {
        state_.pm1_en = value;
    }
    update();
}

void AcpiCore::write_control(u16 value) {
    state_.pm1_cnt = value & u16(~cnt_sleep_enable);
    if (!(value & cnt_sleep_enable)) return;
    const u8 type = value >> 10 & 7;  // as the DSDT's \_Sx packages say
    if (type == 0)
        requests_.soft_off();
    else if (type == 1)
        requests_.suspend_to_ram();
    else if (type == s4_type_)
        requests_.suspend_to_disk();
}

void AcpiCore::set_sci_enabled(bool on) {
    state_.pm1_cnt = on ? state_.pm1_cnt | cnt_sci_enable : state_.pm1_cnt & u16(~cnt_sci_enable);
}

u8 AcpiCore::read_gpe(u64 offset) const {
    const u16 half = offset < 2 ? state_.gpe.sts : state_.gpe.en;
    return u8(half >> 8 * (offset & 1));
}

void AcpiCore::write_gpe(u64 offset, u8 value) {
    const unsigned shift = 8 * unsigned(offset & 1);
    if (offset < 2)
        state_.gpe.sts &= u16(~(value << shift));  // write 1 to clear
    else
        state_.gpe.en = u16((state_.gpe.en & ~(0xff << shift)) | value << shift);
    update();
}

void AcpiCore::raise_gpe(unsigned bit) {
    state_.gpe.sts |= u16(1 << bit);
    update();
}

void AcpiCore::press_power_button() {
    state_.pm1_sts |= power_button_status;
    update();
}

void AcpiCore::wake_up(u16 reason_status) {
    state_.pm1_sts |= u16(wake_status | reason_status);
    update();
}

}  // namespace hw
