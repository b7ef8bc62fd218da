// SPDX-License-Identifier: GPL-2.0-or-later
#include "hw/timer/hpet.h"

#include <array>
#include <limits>

#include "exec/address-space.h"
#include "migration/vmstate/fields.h"

namespace hw {
namespace {

constexpr u64 clock_period_ns = 10;

// 2.3.1: register offsets, as 32-bit halves
enum : u64 {
    general_capabilities = 0x000,
    counter_clock_period = 0x004,  // in femtoseconds
    general_configuration = 0x010,
    general_interrupt_status = 0x020,
    main_counter = 0x0f0,
    main_counter_high = 0x0f4,
    first_timer = 0x100,
    timer_stride = 0x20,
};
enum TimerRegister : unsigned {
    tn_config = 0x00,
    tn_config_high = 0x04,
    tn_comparator = 0x08,
    tn_comparator_high = 0x0c,
    tn_fsb_value = 0x10,
    tn_fsb_address = 0x14,
};
// 2.3.8: timer N configuration and capabilities
constexpr u64 tn_level = 1 << 1, tn_int_enable = 1 << 2, tn_periodic = 1 << 3,
              tn_periodic_cap = 1 << 4, tn_size_cap = 1 << 5, tn_value_set = 1 << 6,
              tn_32bit = 1 << 8, tn_fsb_enable = 1 << 14, tn_fsb_cap = 1 << 15;
constexpr u64 tn_writable = 0x7f4e;
constexpr u64 config_writable = 0x3;

constexpr auto properties = qom::properties(
    qom::property<&HpetConfig::timers>("timers"), qom::property<&HpetConfig::msi>("msi"),
    qom::property<&HpetConfig::intcap>("hpet-intcap"),
    qom::property<&HpetConfig::offset_saved>("hpet-offset-saved"));

using T = HpetTimer;
constexpr auto timer_fields = vmstate::fields(
    vmstate::field<&T::tn>("tn"), vmstate::field<&T::config>("config"),
    vmstate::field<&T::cmp>("cmp"), vmstate::field<&T::fsb>("fsb"),
    vmstate::field<&T::period>("period"), vmstate::field<&T::wrap_flag>("wrap_flag"),
    vmstate::timer<&T::qemu_timer>("qemu_timer"));
static_assert(vmstate::covers<T>(timer_fields));
constexpr vmstate::Table timer_table{.name = "hpet_timer", .fields = timer_fields};

using S = HpetState;
std::uint32_t timer_count(const S& s) {
    return s.num_timers;
}
constexpr auto fields = vmstate::fields(
    vmstate::field<&S::config>("config"), vmstate::field<&S::isr>("isr"),
    vmstate::field<&S::hpet_counter>("hpet_counter"),
    vmstate::field<&S::num_timers>("num_timers").from_version(2),
    vmstate::counted<S, timer_count>(vmstate::structs<&S::timers>("timer", timer_table)));
constexpr auto offset_fields = vmstate::fields(vmstate::field<&S::hpet_offset>("hpet_offset"));
static_assert(vmstate::covers<S>(fields, offset_fields));
bool offset_needed(const S& s) {
    return s.config & 1;
}
constexpr vmstate::Table offset_table{
    .name = "hpet/offset", .fields = offset_fields, .needed = vmstate::needed<S, offset_needed>};
constexpr auto subsections = vmstate::subsections(offset_table);
constexpr vmstate::Table table{.name = "hpet",
                               .version = 2,
                               .minimum_version = 1,
                               .fields = fields,
                               .subsections = subsections};

constexpr auto mmio_ops = exec::memory_ops<&Hpet::mmio_read, &Hpet::mmio_write>(
    {.valid = {4, 8, false}, .impl = {4, 4, false}});

}  // namespace

const DeviceType Hpet::device_type_{
    {.name = "hpet", .parent = "sys-bus-device", .properties = properties},
    "System",
    Category::Uncategorized,
    false,
    false,
    []() -> std::unique_ptr<Device> { return std::make_unique<Hpet>(); }};

const vmstate::Table& Hpet::vmstate() const {
    return table;
}

void Hpet::attach(Clock& clock, exec::AddressSpace* memory) {
    clock_ = &clock;
    memory_ = memory;
    state_.num_timers =
        u8(std::min<unsigned>(std::max<unsigned>(config_.timers, 3), S::max_timers));
    for (unsigned i = 0; i < state_.num_timers; i++)
        alarms_.push_back(std::make_unique<Timer>(clock, [this, i] { expired(state_.timers[i]); }));
}

Result<void> Hpet::realize(Platform& platform) {
    if (!config_.intcap) return fail("Hpet's intcap not initialized");
    attach(platform.clocks.virt, &platform.memory_space);
    mmio_ = exec::MemoryRegion::io(platform.memory, "hpet", 0x400, mmio_ops, this);
    platform.system_memory.add_subregion(default_address, *mmio_);
    return {};
}

void Hpet::hold_reset() {
    const u8 count = state_.num_timers;
    state_ = {};
    state_.num_timers = count;
    for (unsigned i = 0; i < count; i++) {
        T& t = state_.timers[i];
        t.tn = u8(i);
        t.config = tn_periodic_cap | tn_size_cap | (config_.msi ? tn_fsb_cap : 0) |
                   u64(config_.intcap) << 32;
        alarms_[i]->cancel();
    }
    rtc_level_ = 0;
    owed_.forget();
    // At once, so that the interrupt controllers, which come up after all pins have moved, do not
    // see IRQ 0 rise.
    pit_enable_.raise();
}

// ---- saved state ------------------------------------------------------------------------------

void Hpet::pre_save(HpetState& s) {
    if (enabled()) s.hpet_counter = ticks();
    for (unsigned i = 0; i < s.num_timers; i++)
        s.timers[i].qemu_timer = alarms_[i]->deadline_ns();
}

Result<void> Hpet::check_state(const HpetState& s, int) const {
    if (s.num_timers != state_.num_timers)
        return fail("num_timers is {}, this machine's HPET has {}", s.num_timers,
                    state_.num_timers);
    return {};
}

void Hpet::post_load(int) {
    owed_.forget();
    if (!config_.offset_saved)
        state_.hpet_offset = state_.hpet_counter * clock_period_ns - u64(clock_->now_ns());
    for (unsigned i = 0; i < state_.num_timers; i++) {
        state_.timers[i].tn = u8(i);
        alarms_[i]->restore(state_.timers[i].qemu_timer);
    }
}

// ---- counting ---------------------------------------------------------------------------------

u64 Hpet::ticks() const {
    return enabled() ? (u64(clock_->now_ns()) + state_.hpet_offset) / clock_period_ns
                     : state_.hpet_counter;
}

void Hpet::arm_in(T& t, u64 in_ticks) {
    constexpr u64 too_far = u64(std::numeric_limits<i64>::max()) / 2 / clock_period_ns;
    Timer& alarm = *alarms_[t.tn];
    if (in_ticks >= too_far)
        alarm.cancel();
    else
        alarm.set(clock_->now_ns() + i64(in_ticks * clock_period_ns));
}

/// To the comparator; a value that has been passed matches at the next tick. A one-shot timer of
/// 32 bits fires when the counter wraps, too (2.3.9.2.1).
void Hpet::arm(T& t) {
    const u64 now = ticks();
    t.wrap_flag = 0;
    if (t.config & tn_32bit) {
        const i32 ahead = i32(u32(t.cmp) - u32(now));
        u64 left = ahead > 0 ? u64(ahead) : 1;
        const u32 to_wrap = ~u32(now);
        if (!(t.config & tn_periodic) && to_wrap < left) {
            left = to_wrap;
            t.wrap_flag = 1;
        }
        return arm_in(t, left);
    }
    const i64 ahead = i64(t.cmp - now);
    arm_in(t, ahead > 0 ? u64(ahead) : 1);
}

/// Moves the comparator past the counter; returns how many matches went by before the last one.
u64 Hpet::next_period(T& t) {
    const u64 now = ticks();
    if (t.config & tn_32bit) {
        const u32 late = u32(now) - u32(t.cmp);
        if (i32(late) < 0) return 0;
        t.cmp = u32(t.cmp + (late / t.period + 1) * t.period);
        return late / t.period;
    }
    const u64 late = now - t.cmp;
    if (i64(late) < 0) return 0;
    t.cmp += (late / t.period + 1) * t.period;
    return late / t.period;
}

void Hpet::expired(T& t) {
    if (t.config & tn_periodic && t.period) {
        // One interrupt for any number of late periods; the others are owed if it is the tick.
        const u64 missed = next_period(t);
        arm(t);
        if (legacy() && t.tn == 0 && !(t.config & tn_level)) {
            const i64 period = i64(std::min<u64>(t.period, 1u << 30) * clock_period_ns);
            return owed_.tick(missed, period, [&] { drive(t, true); });
        }
    } else if (t.config & tn_32bit && !(t.config & tn_periodic) && t.wrap_flag) {
        t.wrap_flag = 0;
        arm_in(t, u32(t.cmp - ticks()));
    }
    drive(t, true);
}

void Hpet::drive(T& t, bool up) {
    const bool replaced = legacy() && t.tn <= 1;
    const unsigned route = replaced ? (t.tn == 0 ? 0 : 8) : unsigned(t.config >> 9 & 0x1f);
    const u64 bit = u64{1} << t.tn;
    const bool by_message = t.config & tn_fsb_enable;
    if (!up || !(t.config & tn_int_enable) || !enabled()) {
        state_.isr &= ~bit;
        if (!by_message) outputs_[route].lower();
    } else if (by_message) {
        const u32 data = u32(t.fsb);
        const std::array<u8, 4> bytes{u8(data), u8(data >> 8), u8(data >> 16), u8(data >> 24)};
        if (memory_) memory_->dma_write(t.fsb >> 32, bytes);
    } else if (t.config & tn_level) {
        state_.isr |= bit;
        outputs_[route].raise();
    } else {
        state_.isr &= ~bit;
        outputs_[route].pulse();
    }
}

void Hpet::start() {
    state_.hpet_offset = state_.hpet_counter * clock_period_ns - u64(clock_->now_ns());
    for (unsigned i = 0; i < state_.num_timers; i++)
        if (state_.timers[i].cmp != ~u64{0}) arm(state_.timers[i]);
}

void Hpet::stop() {
    owed_.forget();
    for (auto& alarm : alarms_)
        alarm->cancel();
}

void Hpet::set_rtc(int, int level) {
    rtc_level_ = level;
    if (!legacy()) outputs_[8].set(level);
}

// ---- registers --------------------------------------------------------------------------------

void Hpet::write_config(u32 value) {
    const u64 counter = ticks();
    const u64 old = state_.config;
    state_.config = (old & ~config_writable) | (value & config_writable);
    if (!(old & 1) && enabled()) {
        start();
    } else if (old & 1 && !enabled()) {
        state_.hpet_counter = counter;
        stop();
    }
    if ((old ^ state_.config) & 2) owed_.forget();
    if (!(old & 2) && legacy()) {
        pit_enable_.lower();
        outputs_[0].lower();
        outputs_[8].lower();
    } else if (old & 2 && !legacy()) {
        outputs_[0].lower();
        pit_enable_.raise();
        outputs_[8].set(rtc_level_);
    }
}

void Hpet::write_timer_config(T& t, u32 value) {
    const u64 old = t.config;
    if (t.tn == 0) owed_.forget();
    t.config = (old & ~tn_writable) | (value & tn_writable);
    if (t.config & tn_32bit) {
        t.cmp = u32(t.cmp);
        t.period = u32(t.period);
    }
    if (!(old & tn_int_enable) && t.config & tn_int_enable && state_.isr >> t.tn & 1)
        drive(t, true);
    else if (old & tn_int_enable && !(t.config & tn_int_enable))
        drive(t, false);
    if (enabled() && t.cmp != ~u64{0}) arm(t);
}

/// A periodic timer takes its period from the comparator, and the accumulator only with
/// Tn_VAL_SET_CNF, which holds for one write (2.3.9.2.2).
void Hpet::write_comparator(T& t, u32 value, bool high) {
    auto with_half = [&](u64 whole, u32 half) {
        return high ? u64(half) << 32 | u32(whole) : (whole & ~u64{0xffffffff}) | half;
    };
    if (high && t.config & tn_32bit) return;
    if (t.tn == 0) owed_.forget();
    const bool periodic = t.config & tn_periodic;
    if (!periodic || t.config & tn_value_set) t.cmp = with_half(t.cmp, value);
    // A period of more than half the range could not be told from one in the past.
    const bool top_half = high || t.config & tn_32bit;
    if (periodic) t.period = with_half(t.period, top_half ? value & 0x7fffffff : value);
    t.config &= ~tn_value_set;
    if (enabled()) arm(t);
}

u32 Hpet::read_timer(const T& t, unsigned reg) const {
    switch (reg) {
        case tn_config: return u32(t.config);
        case tn_config_high: return u32(t.config >> 32);
        case tn_comparator: return u32(t.cmp);
        case tn_comparator_high: return u32(t.cmp >> 32);
        case tn_fsb_value: return u32(t.fsb);
        case tn_fsb_address: return u32(t.fsb >> 32);
        default: return 0;
    }
}

void Hpet::write_timer(T& t, unsigned reg, u32 value) {
    switch (reg) {
        case tn_config: write_timer_config(t, value); break;
        case tn_comparator: write_comparator(t, value, false); break;
        case tn_comparator_high: write_comparator(t, value, true); break;
        case tn_fsb_value: t.fsb = (t.fsb & ~u64{0xffffffff}) | value; break;
        case tn_fsb_address: t.fsb = u64(value) << 32 | u32(t.fsb); break;
        default: break;
    }
}

u64 Hpet::mmio_read(u64 offset, unsigned) {
    if (offset >= first_timer) {
        const u64 n = (offset - first_timer) / timer_stride;
        return n < state_.num_timers ? read_timer(state_.timers[n], unsigned(offset % timer_stride))
                                     : 0;
    }
    switch (offset) {
        case general_capabilities: return block_id();
        case counter_clock_period: return clock_period_ns * 1'000'000;
        case general_configuration: return u32(state_.config);
        case general_interrupt_status: return u32(state_.isr);
        case main_counter: return u32(ticks());
        case main_counter_high: return ticks() >> 32;
        default: return 0;
    }
}

void Hpet::mmio_write(u64 offset, u64 wide, unsigned) {
    const u32 value = u32(wide);
    if (offset >= first_timer) {
        const u64 n = (offset - first_timer) / timer_stride;
        if (n < state_.num_timers)
            write_timer(state_.timers[n], unsigned(offset % timer_stride), value);
        return;
    }
    switch (offset) {
        case general_configuration: write_config(value); break;
        case general_interrupt_status:
            for (unsigned i = 0; i < state_.num_timers; i++)
                if (value & state_.isr & u64{1} << i) drive(state_.timers[i], false);
            break;
        case main_counter:
        case main_counter_high:
            if (enabled()) break;  // "should only be written while halted"
            if (offset == main_counter)
                state_.hpet_counter = (state_.hpet_counter & ~u64{0xffffffff}) | value;
            else
                state_.hpet_counter = u64(value) << 32 | u32(state_.hpet_counter);
            break;
        default: break;
    }
}

}  // namespace hw
