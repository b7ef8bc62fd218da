// SPDX-License-Identifier: GPL-2.0-or-later
#include "system/timer-state.h"

#include "migration/vmstate/fields.h"

namespace vm {

namespace {

constexpr auto fields = vmstate::fields(
    vmstate::field<&TimerStateData::cpu_ticks_offset>("cpu_ticks_offset"), vmstate::unused(8),
    vmstate::field<&TimerStateData::cpu_clock_offset>("cpu_clock_offset").from_version(2));
static_assert(vmstate::covers<TimerStateData>(fields));

constexpr vmstate::Table table{
    .name = "timer", .version = 2, .minimum_version = 1, .fields = fields};

}  // namespace

const vmstate::Table& TimerState::vmstate() const {
    return table;
}

void TimerState::pre_save(TimerStateData& s) {
    s.cpu_ticks_offset = static_cast<std::int64_t>(clocks_.ticks.now());
    s.cpu_clock_offset = clocks_.virt.now_ns();
}

void TimerState::post_load(int) {
    clocks_.ticks.set_now(static_cast<std::uint64_t>(state_.cpu_ticks_offset));
    clocks_.virt.set_now(state_.cpu_clock_offset);
}

}  // namespace vm
