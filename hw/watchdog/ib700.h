// SPDX-License-Identifier: GPL-2.0-or-later
//
// "ib700": the watchdog of iBASE's IB700 boards (its manual, appendix "Watchdog Timer"): a write to
// 443h sets it to 30 - 2 n seconds, one to 441h stops it.
#pragma once

#include <memory>
#include <optional>

#include "hw/isa/isa-bus.h"
#include "util/timer.h"

namespace hw {

class SystemRequests;

struct Ib700State {
    i64 timer = -1;
};

class Ib700 final : public DeviceOf<NoConfig, Ib700State> {
public:
    static const DeviceType device_type_;

    Ib700() : DeviceOf(device_type_) {}
    const vmstate::Table& vmstate() const override;
    void hold_reset() override { timer_->cancel(); }

    u64 io_read(u64, unsigned) { return 0xff; }
    void disable_write(u64, u64, unsigned) { timer_->cancel(); }
    void enable_write(u64, u64 value, unsigned);

protected:
    Result<void> realize(Platform&) override;
    void pre_save(Ib700State& s) override { s.timer = timer_ ? timer_->deadline_ns() : -1; }
    void post_load(int) override { timer_->restore(state_.timer); }

private:
    std::optional<Timer> timer_;
    std::unique_ptr<exec::MemoryRegion> disable_, enable_;
};

}  // namespace hw
