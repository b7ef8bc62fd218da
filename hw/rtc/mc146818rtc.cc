// SPDX-License-Identifier: GPL-2.0-or-later
#include "hw/rtc/mc146818rtc.h"

#include <algorithm>
#include <ctime>

#include "hw/rtc/rtc-registers.h"
#include "migration/vmstate/fields.h"

namespace hw {
using namespace rtc;
namespace {

constexpr i64 second = nanoseconds_per_second;
constexpr u64 oscillator = 32768;
/// UIP rises 244 us before an update ("UPDATE CYCLE"): eight clocks.
constexpr i64 uip_lead = second * 8 / i64(oscillator);
constexpr i64 day = 24 * 60 * 60;

constexpr std::string_view policy_words[] = {"discard", "delay", "slew"};
constexpr qom::EnumTable policies{"LostTickPolicy", policy_words};
constexpr auto properties = qom::properties(
    qom::property<&RtcConfig::base_year>("base_year"), qom::property<&RtcConfig::iobase>("iobase"),
    qom::property<&RtcConfig::irq>("irq"),
    qom::enum_property<&RtcConfig::lost_tick_policy>("lost_tick_policy", policies));

using S = RtcState;
constexpr auto fields = vmstate::fields(
    vmstate::buffer<&S::cmos_data>("cmos_data"), vmstate::field<&S::cmos_index>("cmos_index"),
    vmstate::unused(28, "unused[0]"), vmstate::timer<&S::periodic_timer>("periodic_timer"),
    vmstate::field<&S::next_periodic_time>("next_periodic_time"), vmstate::unused(24, "unused[1]"),
    vmstate::field<&S::irq_coalesced>("irq_coalesced").from_version(2),
    vmstate::field<&S::period>("period").from_version(2),
    vmstate::field<&S::base_rtc>("base_rtc").from_version(3),
    vmstate::field<&S::last_update>("last_update").from_version(3),
    vmstate::field<&S::offset>("offset").from_version(3),
    vmstate::timer<&S::update_timer>("update_timer").from_version(3),
    vmstate::field<&S::next_alarm_time>("next_alarm_time").from_version(3));
static_assert(vmstate::covers<S>(fields));
Result<void> check(const S& s, int) {
    if (s.cmos_index > 127) return fail("cmos_index {} is beyond the RAM", s.cmos_index);
    if (s.offset < 0 || s.offset > i64{3600} * second) return fail("offset is out of range");
    if (s.base_rtc > u64{1} << 40) return fail("base_rtc is beyond the year 9999");
    return {};
}
constexpr vmstate::Table table{.name = "mc146818rtc",
                               .version = 3,
                               .minimum_version = 1,
                               .fields = fields,
                               .check = vmstate::check<S, check>};

constexpr auto index_ops =
    exec::memory_ops<&Rtc::index_read, &Rtc::index_write>({.impl = {.min = 1, .max = 1}});
constexpr auto data_ops =
    exec::memory_ops<&Rtc::data_read, &Rtc::data_write>({.impl = {.min = 1, .max = 1}});

}  // namespace

Mc146818::Mc146818(RtcState& state, const RtcConfig& config, const RtcSource& source)
    : state_(state),
      config_(config),
      clock_(source.clock),
      follows_host_(source.follows_host),
      host_epoch_(source.seconds - source.clock.now_ns() / second),
      periodic_timer_(clock_, [this] { periodic(); }),
      update_timer_(clock_, [this] { update(); }) {
    state_.cmos_data[A] = a_dv_32768 | a_rs_1024;
    state_.cmos_data[B] = b_24h;
    state_.cmos_data[D] = d_vrt;
    state_.base_rtc = u64(source.seconds);
    state_.last_update = u64(clock_.now_ns());
    store_time(source.seconds);
    schedule_update();
}

/// RESET# clears the interrupt enables and flags, nothing of the time ("RESET").
void Mc146818::reset() {
    state_.cmos_data[B] &= u8(~(b_pie | b_aie | b_sqwe));
    state_.cmos_data[C] &= u8(~(c_uf | c_irqf | c_pf | c_af));
    schedule_update();
    state_.irq_coalesced = 0;
    irq.lower();
}

void Mc146818::pre_save() {
    show_time();
    state_.periodic_timer = periodic_timer_.deadline_ns();
    state_.update_timer = update_timer_.deadline_ns();
}

void Mc146818::post_load() {
    periodic_timer_.restore(state_.periodic_timer);
    update_timer_.restore(state_.update_timer);
    // A monotonic host clock means nothing on another host or after a reboot.
    if (follows_host_ && i64(state_.last_update) > clock_.now_ns()) {
        set_time_from_cmos();
        state_.offset = 0;
        schedule_update();
    }
}

// ---- the time ---------------------------------------------------------------------------------

bool Mc146818::running() const {
    return !(state_.cmos_data[B] & b_set) && (state_.cmos_data[A] & a_dv) <= a_dv_32768;
}

/// ns; the whole seconds that were set are apart, for their year may be one that ns do not reach.
i64 Mc146818::since_set() const {
    return i64(u64(clock_.now_ns()) - state_.last_update + u64(state_.offset));
}

i64 Mc146818::guest_fraction() const {
    const i64 rest = since_set() % second;
    return rest < 0 ? rest + second : rest;
}

i64 Mc146818::guest_seconds() const {
    // A loaded state may have any numbers: rounded down without a step over the smallest, and a sum
    // that wraps.
    const i64 since = since_set(), whole = since / second - (since % second < 0);
    return i64(u64(state_.base_rtc) + u64(whole));
}

u8 Mc146818::encode(int value) const {
    return state_.cmos_data[B] & b_dm ? u8(value) : u8(value / 10 << 4 | value % 10);
}

int Mc146818::decode(u8 value) const {
    return state_.cmos_data[B] & b_dm ? value : (value >> 4) * 10 + (value & 15);
}

int Mc146818::decode_hour(u8 value) const {
    if (state_.cmos_data[B] & b_24h) return decode(value);
    return decode(value & 0x7f) % 12 + (value & hour_pm ? 12 : 0);
}

void Mc146818::store_time(i64 seconds) {
    const std::time_t t = seconds;
    std::tm tm{};
    gmtime_r(&t, &tm);
    auto& ram = state_.cmos_data;
    ram[Seconds] = encode(tm.tm_sec);
    ram[Minutes] = encode(tm.tm_min);
    if (ram[B] & b_24h)
        ram[Hours] = encode(tm.tm_hour);
    else
        ram[Hours] =
            u8(encode(tm.tm_hour % 12 ? tm.tm_hour % 12 : 12) | (tm.tm_hour >= 12 ? hour_pm : 0));
    ram[DayOfWeek] = encode(tm.tm_wday + 1);
    ram[DayOfMonth] = encode(tm.tm_mday);
    ram[Month] = encode(tm.tm_mon + 1);
    const int year = tm.tm_year + 1900 - config_.base_year;
    ram[Year] = encode(year % 100);
    ram[Century] = encode(year / 100);
}

i64 Mc146818::time_from_cmos() const {
    const auto& ram = state_.cmos_data;
    std::tm tm{};
    tm.tm_sec = decode(ram[Seconds]);
    tm.tm_min = decode(ram[Minutes]);
    tm.tm_hour = decode_hour(ram[Hours]);
    tm.tm_mday = decode(ram[DayOfMonth]);
    tm.tm_mon = decode(ram[Month]) - 1;
    tm.tm_year = decode(ram[Century]) * 100 + decode(ram[Year]) + config_.base_year - 1900;
    return std::max<i64>(timegm(&tm), 0);
}

void Mc146818::set_time_from_cmos() {
    state_.base_rtc = u64(time_from_cmos());
    state_.last_update = u64(clock_.now_ns());
    if (on_time_set) on_time_set(i64(state_.base_rtc) - host_epoch_ - clock_.now_ns() / second);
}

/// Brings the visible registers to the present. While SET is on they stand still.
void Mc146818::show_time() {
    if (running()) store_time(guest_seconds());
}

// ---- update cycle and alarm -------------------------------------------------------------------

bool Mc146818::update_in_progress() {
    if (!running()) return false;
    if (update_timer_.pending() && clock_.now_ns() >= update_timer_.deadline_ns() - uip_lead) {
        // Keep it up until the update is done, however late the timer runs: a guest that saw UIP
        // waits for it to fall and then reads registers that must be the new second's.
        state_.cmos_data[A] |= a_uip;
        return true;
    }
    return guest_fraction() >= second - uip_lead;
}

/// To the next time that matches the alarm bytes, in which C0h-FFh match anything ("ALARM"). Up to
/// a day ahead, counted from the next second.
i64 Mc146818::seconds_to_alarm() const {
    const auto& ram = state_.cmos_data;
    auto any = [](u8 byte) { return (byte & alarm_any) == alarm_any; };
    auto matches = [&](Index alarm, int now, int value) { return any(ram[alarm]) || now == value; };
    const int alarm_hour = decode_hour(ram[HoursAlarm]);
    const int alarm_minute = decode(ram[MinutesAlarm]), alarm_second = decode(ram[SecondsAlarm]);
    const i64 now = guest_seconds() % day;
    for (i64 minute = now / 60; minute <= now / 60 + day / 60; minute++) {
        if (!matches(HoursAlarm, int(minute / 60 % 24), alarm_hour) ||
            !matches(MinutesAlarm, int(minute % 60), alarm_minute))
            continue;
        for (i64 t = std::max(minute * 60, now + 1); t < (minute + 1) * 60; t++)
            if (matches(SecondsAlarm, int(t % 60), alarm_second)) return t - now;
    }
    return day;  // no such time; look again tomorrow, when nothing matches either
}

/// Sets the timer to the end of the second, or to the alarm when nothing else would change: a
/// guest that does not read register C would otherwise cost a wakeup each second.
void Mc146818::schedule_update() {
    auto& ram = state_.cmos_data;
    // Dividers held in reset: no update cycles, UIP low ("DV2, DV1, DV0").
    if ((ram[A] & 0x60) == 0x60) return update_timer_.cancel();

    const i64 next_second = clock_.now_ns() + second - guest_fraction();
    state_.next_alarm_time = u64(next_second + (seconds_to_alarm() - 1) * second);

    i64 at = next_second;
    if (!(ram[A] & a_uip) && ram[C] & c_uf) {
        if (ram[B] & b_set || ram[C] & c_af) return update_timer_.cancel();
        at = i64(state_.next_alarm_time);
    }
    if (at != update_timer_.deadline_ns()) update_timer_.set(at);
}

void Mc146818::update() {
    auto& ram = state_.cmos_data;
    show_time();
    ram[A] &= u8(~a_uip);
    u8 flags = c_uf;
    if (clock_.now_ns() >= i64(state_.next_alarm_time)) {
        flags |= c_af;
        if (ram[B] & b_aie && on_wakeup) on_wakeup();
    }
    const u8 fresh = flags & ~ram[C];
    ram[C] |= flags;
    if (fresh & ram[B]) {  // enables and flags have the same bits
        ram[C] |= c_irqf;
        irq.raise();
    }
    schedule_update();
}

// ---- periodic interrupt -----------------------------------------------------------------------

u32 Mc146818::periodic_clocks() const {
    if (!(state_.cmos_data[B] & b_pie)) return 0;
    const unsigned rate = state_.cmos_data[A] & a_rs;
    if (rate == 0) return 0;
    // Rates 1 and 2 are those of 8 and 9 with a 32 kHz time base (table 5).
    return 1u << ((rate <= 2 ? rate + 7 : rate) - 1);
}

void Mc146818::schedule_periodic(i64 now, bool restarted) {
    const u32 old_period = state_.period;
    state_.period = periodic_clocks();
    if (!state_.period) {
        state_.irq_coalesced = 0;
        return periodic_timer_.cancel();
    }
    const i64 clocks = i64(muldiv(u64(now), oscillator, u64(second)));
    i64 next = clocks + state_.period;
    if (old_period) {
        // Keep the phase, so that neither late timers nor a guest that changes the rate drift.
        const i64 last =
            i64(muldiv(u64(std::max<i64>(state_.next_periodic_time, 0)), oscillator, u64(second))) -
            (restarted ? i64(old_period) : 0);
        const i64 lost = std::clamp<i64>(clocks - last, 0, state_.period);
        next -= restarted || lost < state_.period ? lost : 0;
        if (next <= clocks) next = clocks + 1;
    }
    // Rounded up: at the deadline the clock must have been passed.
    state_.next_periodic_time = i64(muldiv(u64(next), u64(second), oscillator)) + 1;
    periodic_timer_.set(state_.next_periodic_time);
}

void Mc146818::periodic() {
    auto& ram = state_.cmos_data;
    schedule_periodic(state_.next_periodic_time, false);
    const bool missed = ram[C] & c_pf;
    ram[C] |= c_pf;
    if (!(ram[B] & b_pie)) return;
    ram[C] |= c_irqf;
    if (missed && config_.lost_tick_policy == LostTickPolicy::Slew) state_.irq_coalesced++;
    irq.raise();
}

// ---- registers --------------------------------------------------------------------------------

void Mc146818::write_a(u8 value) {
    auto& ram = state_.cmos_data;
    const bool rate_changes = (ram[A] ^ value) & a_rs;
    const bool was_held = (ram[A] & 0x60) == 0x60;
    if ((value & 0x60) == 0x60) {
        show_time();
        ram[A] &= u8(~a_uip);
    } else if (was_held && (value & a_dv) <= a_dv_32768) {
        // "the first update cycle begins one-half second" after the dividers are let go
        if (!(ram[B] & b_set)) {
            state_.offset = second / 2;
            set_time_from_cmos();
        }
        ram[A] &= u8(~a_uip);
    }
    ram[A] = u8((value & ~a_uip) | (ram[A] & a_uip));
    if (rate_changes) schedule_periodic(clock_.now_ns(), true);
    schedule_update();
}

void Mc146818::write_b(u8 value) {
    auto& ram = state_.cmos_data;
    const bool enable_changes = (ram[B] ^ value) & b_pie;
    if (value & b_set) {
        show_time();
        ram[A] &= u8(~a_uip);
        value &= u8(~b_uie);  // SET clears UIE
    } else if (ram[B] & b_set && (ram[A] & a_dv) <= a_dv_32768) {
        state_.offset = guest_fraction();
        set_time_from_cmos();
    }
    // A flag that is up interrupts when its enable comes.
    if (value & ram[C] & (c_pf | c_af | c_uf)) {
        ram[C] |= c_irqf;
        irq.raise();
    } else {
        ram[C] &= u8(~c_irqf);
        irq.lower();
    }
    ram[B] = value;
    if (enable_changes) schedule_periodic(clock_.now_ns(), true);
    schedule_update();
}

void Mc146818::write_data(u8 value) {
    auto& ram = state_.cmos_data;
    u8 index = state_.cmos_index;
    switch (index) {
        case SecondsAlarm:
        case MinutesAlarm:
        case HoursAlarm:
            ram[index] = value;
            schedule_update();
            break;
        case Ps2Century: index = Century; [[fallthrough]];
        case Century:
        case Seconds:
        case Minutes:
        case Hours:
        case DayOfWeek:
        case DayOfMonth:
        case Month:
        case Year:
            ram[index] = value;
            if (running()) {
                set_time_from_cmos();
                schedule_update();
            }
            break;
        case A: write_a(value); break;
        case B: write_b(value); break;
        case C:
        case D: break;  // read-only
        default: ram[index] = value; break;
    }
}

u8 Mc146818::read_data() {
    auto& ram = state_.cmos_data;
    u8 index = state_.cmos_index;
    switch (index) {
        case Ps2Century: index = Century; [[fallthrough]];
        case Century:
        case Seconds:
        case Minutes:
        case Hours:
        case DayOfWeek:
        case DayOfMonth:
        case Month:
        case Year: show_time(); return ram[index];
        case A: return u8(ram[A] | (update_in_progress() ? a_uip : 0));
        case C: {
            const u8 flags = ram[C];
            irq.lower();
            ram[C] = 0;
            if (flags & (c_uf | c_af)) schedule_update();
            if (state_.irq_coalesced && ram[B] & b_pie) {
                // slew: hand a lost tick on as soon as the guest has taken the one before
                state_.irq_coalesced--;
                ram[C] |= c_irqf | c_pf;
                irq.raise();
            }
            return flags;
        }
        default: return ram[index];
    }
}

// ---- the ISA device ---------------------------------------------------------------------------

const DeviceType Rtc::device_type_ = isa_type<Rtc>("mc146818rtc", properties, Category::Misc, true);

const vmstate::Table& Rtc::vmstate() const {
    return table;
}

Result<void> Rtc::realize(Platform& platform) {
    const IsaBus& bus = isa_bus(*this);
    if (config_.irq >= IsaBus::irq_count)
        return fail("Maximum value for \"irq\" is: {}", IsaBus::irq_count - 1);
    chip_.emplace(state_, config_, source_ ? *source_ : RtcSource{platform.clocks.virt, 0});
    chip_->irq.connect(bus.irq(config_.irq));
    registers_ = bus.add_io(config_.iobase, "rtc", 2, data_ops, this);
    index_ = exec::MemoryRegion::io(registers_->map(), "rtc-index", 1, index_ops, this);
    registers_->add_subregion(0, *index_);
    return {};
}

}  // namespace hw
