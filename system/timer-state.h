// SPDX-License-Identifier: GPL-2.0-or-later
//
// The "timer" section: where guest time and the TSC stand. It is the first section of every stream,
// so that devices which compute deadlines when they are loaded already see the right clock.
#pragma once

#include "migration/vmstate/owner.h"
#include "util/timer.h"

namespace vm {

struct TimerStateData {
    std::int64_t cpu_ticks_offset = 0;  // the TSC, in ticks
    std::int64_t cpu_clock_offset = 0;  // the virtual clock, in ns
};

class TimerState final : public vmstate::Stateful<TimerStateData> {
public:
    explicit TimerState(ClockSet& clocks) : clocks_(clocks) {}
    const vmstate::Table& vmstate() const override;

protected:
    void pre_save(TimerStateData&) override;
    void post_load(int version) override;

private:
    ClockSet& clocks_;
};

}  // namespace vm
