// SPDX-License-Identifier: GPL-2.0-or-later
#include "hw/timer/i8254.h"

#include <algorithm>

#include "migration/vmstate/fields.h"

namespace hw {
namespace {

/// RW1 RW0 of the control word; the two halves of a word access are told apart by a fourth value.
enum Access : u8 { latch_command, lsb, msb, word_low, word_high };
constexpr unsigned read_back = 3;  // SC1 SC0

constexpr auto properties = qom::properties(qom::property<&IsaPitConfig::iobase>("iobase"));

using C = PitChannel;
constexpr auto channel_fields = vmstate::fields(
    vmstate::field<&C::count>("count"), vmstate::field<&C::latched_count>("latched_count"),
    vmstate::field<&C::count_latched>("count_latched"),
    vmstate::field<&C::status_latched>("status_latched"), vmstate::field<&C::status>("status"),
    vmstate::field<&C::read_state>("read_state"), vmstate::field<&C::write_state>("write_state"),
    vmstate::field<&C::write_latch>("write_latch"), vmstate::field<&C::rw_mode>("rw_mode"),
    vmstate::field<&C::mode>("mode"), vmstate::field<&C::bcd>("bcd"),
    vmstate::field<&C::gate>("gate"), vmstate::field<&C::count_load_time>("count_load_time"),
    vmstate::field<&C::next_transition_time>("next_transition_time"));
static_assert(vmstate::covers<C>(channel_fields));

Result<void> check_channel(const C& c, int) {
    if (c.count < 1 || c.count > 0x10000) return fail("count {} is not in 1..65536", c.count);
    if (c.count_latched > word_high || c.read_state > word_high || c.write_state > word_high ||
        c.rw_mode > word_low)
        return fail("an access state is out of range");
    return {};
}
constexpr vmstate::Table channel_table{.name = "pit channel",
                                       .version = 2,
                                       .minimum_version = 2,
                                       .fields = channel_fields,
                                       .check = vmstate::check<C, check_channel>};

constexpr auto fields = vmstate::fields(
    vmstate::field<&PitState::irq_disabled>("channels[0].irq_disabled").from_version(3),
    vmstate::structs<&PitState::channels>("channels", channel_table),
    vmstate::field<&PitState::next_transition_time>("channels[0].next_transition_time"));
static_assert(vmstate::covers<PitState>(fields));
constexpr vmstate::Table table{
    .name = "i8254", .version = 3, .minimum_version = 2, .fields = fields};

constexpr auto io_ops =
    exec::memory_ops<&IsaPit::io_read, &IsaPit::io_write>({.impl = {.min = 1, .max = 1}});

unsigned from_bcd4(unsigned v) {
    return (v >> 12 & 15) * 1000 + (v >> 8 & 15) * 100 + (v >> 4 & 15) * 10 + (v & 15);
}
u16 to_bcd4(unsigned v) {
    v %= 10000;
    return u16(v / 1000 << 12 | v / 100 % 10 << 8 | v / 10 % 10 << 4 | v % 10);
}

/// The initial count in clocks.
unsigned period(const PitChannel& c) {
    if (!c.bcd) return unsigned(c.count);
    const unsigned n = c.count == 0x10000 ? 10000 : from_bcd4(unsigned(c.count));
    return n ? n : 10000;
}

/// What OUT does `ticks` after the count was written, and the tick of its next change (-1: none).
/// Modes 2, 4 and 5 mark their terminal count by one clock of high level, not of low as the pin
/// does: the rising edge, which is all that IRQ 0 looks at, comes at the terminal count either way.
struct Wave {
    bool out;
    i64 next;
};
Wave wave(const PitChannel& c, u64 ticks) {
    const u64 n = period(c);
    const u64 phase = ticks % n;
    switch (c.mode) {
        case 0:  // interrupt on terminal count
            return ticks < n ? Wave{false, i64(n)} : Wave{true, -1};
        case 1:  // hardware retriggerable one-shot
            return ticks < n ? Wave{true, i64(n)} : Wave{false, -1};
        case 3: {  // square wave; the odd clock goes to the high half
            const u64 high = (n + 1) / 2;
            return phase < high ? Wave{true, i64(ticks - phase + high)}
                                : Wave{false, i64(ticks - phase + n)};
        }
        case 4:
        case 5:  // strobes
            if (ticks == n) return {true, i64(n + 1)};
            return {false, ticks < n ? i64(n) : -1};
        default:  // 2: rate generator
            if (phase == 0 && ticks != 0) return {true, i64(ticks + n)};
            return {false, i64(ticks - phase + n + 1)};
    }
}

}  // namespace

Pit::Pit(PitState& state, Clock& clock)
    : state_(state),
      clock_(clock),
      irq_timer_(clock, [this] { update_irq(state_.channels[0].next_transition_time); }) {}

void Pit::reset() {
    const u32 irq_disabled = state_.irq_disabled;  // the HPET's to change
    state_ = {};
    state_.irq_disabled = irq_disabled;
    state_.channels[2].gate = 0;
    for (PitChannel& c : state_.channels)
        load(c, 0);
}

void Pit::post_load() {
    PitChannel& c = state_.channels[0];
    c.next_transition_time = state_.next_transition_time;
    owed_.forget();
    if (c.next_transition_time != -1 && !state_.irq_disabled)
        irq_timer_.set(c.next_transition_time);
    else
        irq_timer_.cancel();
}

u64 Pit::ticks_since_load(const PitChannel& c, i64 now) const {
    return now <= c.count_load_time
               ? 0
               : muldiv(u64(now - c.count_load_time), frequency, nanoseconds_per_second);
}

bool Pit::out(unsigned channel) const {
    const PitChannel& c = state_.channels[channel];
    return wave(c, ticks_since_load(c, clock_.now_ns())).out;
}

float Pit::share_high(unsigned channel, i64 from, i64 to) const {
    const PitChannel& c = state_.channels[channel];
    const u64 begin = ticks_since_load(c, from), end = ticks_since_load(c, to);
    if (begin >= end) return wave(c, begin).out ? 1.0f : 0.0f;
    u64 high = 0;
    for (u64 t = begin; t < end;) {
        const Wave w = wave(c, t);
        const u64 next = w.next < 0 ? end : std::min(std::max(u64(w.next), t + 1), end);
        if (w.out) high += next - t;
        t = next;
    }
    return float(high) / float(end - begin);
}

u16 Pit::current_count(const PitChannel& c) const {
    const u64 ticks = ticks_since_load(c, clock_.now_ns());
    const u64 n = period(c);
    u64 count = 0;
    switch (c.mode) {
        case 2: count = n - ticks % n; break;
        case 3: count = n - 2 * ticks % n; break;
        default: {  // the others run on through 0 (modulo 2^16 or 10^4)
            const u64 wrap = c.bcd ? 10000 : 0x10000;
            count = (n + wrap - ticks % wrap) % wrap;
        }
    }
    return c.bcd ? to_bcd4(unsigned(count)) : u16(count);
}

void Pit::connect_ticks(TickPath& path) {
    owed_.connect(path, [this] {
        const int level = irq.level();
        irq.lower();
        irq.raise();
        irq.set(level);
    });
}

void Pit::set_irq(bool level) {
    const PitChannel& c = state_.channels[0];
    const bool periodic = c.mode == 2 || c.mode == 3;
    if (!periodic || !level || irq.level()) return irq.set(level);
    // Each transition is made in its turn, however late: none is missed here.
    const u64 ns = muldiv(period(c), nanoseconds_per_second, frequency);
    owed_.tick(0, i64(ns), [this] { irq.raise(); });
}

void Pit::update_irq(i64 now) {
    PitChannel& c = state_.channels[0];
    if (state_.irq_disabled) return;
    const Wave w = wave(c, ticks_since_load(c, now));
    set_irq(w.out);
    if (w.next < 0) {
        c.next_transition_time = -1;
        irq_timer_.cancel();
        return;
    }
    // Rounded down, a deadline may lie at or before `now`; time must go on.
    const i64 at = c.count_load_time + i64(muldiv(u64(w.next), nanoseconds_per_second, frequency));
    c.next_transition_time = std::max(at, now + 1);
    irq_timer_.set(c.next_transition_time);
}

void Pit::set_irq_enabled(bool enabled) {
    state_.irq_disabled = !enabled;
    owed_.forget();
    if (enabled)
        update_irq(clock_.now_ns());
    else
        irq_timer_.cancel();
}

void Pit::load(PitChannel& c, unsigned count) {
    c.count = count ? i32(count) : 0x10000;
    c.count_load_time = clock_.now_ns();
    if (&c != &state_.channels[0]) return;
    owed_.forget();
    update_irq(c.count_load_time);
}

void Pit::set_gate(unsigned channel, bool level) {
    PitChannel& c = state_.channels[channel];
    if (channel == 2 && before_out2_changes) before_out2_changes();
    // A rising GATE starts modes 1 and 5 and restarts 2 and 3. That a low one halts the others is
    // not modelled: only GATE2 can move, and nobody counts with it in modes 0 and 4 while low.
    const bool restarts = c.mode == 1 || c.mode == 2 || c.mode == 3 || c.mode == 5;
    if (level && !c.gate && restarts) {
        c.count_load_time = clock_.now_ns();
        if (channel == 0) update_irq(c.count_load_time);
    }
    c.gate = level;
}

void Pit::latch_count(PitChannel& c) {
    if (c.count_latched) return;  // the first latch stays until it is read
    c.latched_count = current_count(c);
    c.count_latched = c.rw_mode;
}

void Pit::latch_status(PitChannel& c) {
    if (c.status_latched) return;
    // OUTPUT | NULL COUNT | RW1 RW0 | M2 M1 M0 | BCD. A count is loaded the moment it is written,
    // so NULL COUNT is always 0.
    const bool level = wave(c, ticks_since_load(c, clock_.now_ns())).out;
    c.status = u8(level << 7 | c.rw_mode << 4 | c.mode << 1 | c.bcd);
    c.status_latched = 1;
}

void Pit::write_control(u8 value) {
    const unsigned select = value >> 6;
    if (select == read_back) {
        for (unsigned i = 0; i < 3; i++)
            if (value & 2 << i) {
                if (!(value & 0x20)) latch_count(state_.channels[i]);
                if (!(value & 0x10)) latch_status(state_.channels[i]);
            }
        return;
    }
    PitChannel& c = state_.channels[select];
    const u8 access = value >> 4 & 3;
    if (access == latch_command) return latch_count(c);
    c.rw_mode = c.read_state = c.write_state = access;
    c.mode = value >> 1 & 7;
    if (c.mode > 5) c.mode -= 4;  // M2 is a don't-care for modes 2 and 3
    c.bcd = value & 1;
}

void Pit::write_counter(PitChannel& c, u8 value) {
    switch (c.write_state) {
        case msb: load(c, unsigned(value) << 8); break;
        case word_low:
            c.write_latch = value;
            c.write_state = word_high;
            break;
        case word_high:
            c.write_state = word_low;
            load(c, c.write_latch | unsigned(value) << 8);
            break;
        default: load(c, value); break;
    }
}

u8 Pit::read_counter(PitChannel& c) {
    if (c.status_latched) {
        c.status_latched = 0;
        return c.status;
    }
    if (c.count_latched) {
        const bool high = c.count_latched == msb;
        c.count_latched = c.count_latched == word_low ? u8(msb) : u8(0);
        return u8(high ? c.latched_count >> 8 : c.latched_count);
    }
    const u16 count = current_count(c);
    switch (c.read_state) {
        case msb: return u8(count >> 8);
        case word_low: c.read_state = word_high; return u8(count);
        case word_high: c.read_state = word_low; return u8(count >> 8);
        default: return u8(count);
    }
}

u8 Pit::read(unsigned port) {
    return port < 3 ? read_counter(state_.channels[port]) : 0;  // the control word is write-only
}

void Pit::write(unsigned port, u8 value) {
    if (port >= 2 && before_out2_changes) before_out2_changes();
    if (port < 3)
        write_counter(state_.channels[port], value);
    else
        write_control(value);
}

const DeviceType IsaPit::device_type_{
    {.name = "isa-pit", .parent = "pit-common", .properties = properties},
    "ISA",
    Category::Uncategorized,
    false,
    false,
    []() -> std::unique_ptr<Device> { return std::make_unique<IsaPit>(); }};

const vmstate::Table& IsaPit::vmstate() const {
    return table;
}

Result<void> IsaPit::realize(Platform& platform) {
    chip_.emplace(state_, platform.clocks.virt);
    registers_ = isa_bus(*this).add_io(config_.iobase, "pit", 4, io_ops, this);
    return {};
}

}  // namespace hw
