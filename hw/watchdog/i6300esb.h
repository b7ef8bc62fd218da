// SPDX-License-Identifier: GPL-2.0-or-later
//
// The watchdog of Intel's 6300ESB I/O controller hub (data sheet 300641, chapter 16): two stages,
// each counted from a preload value; the end of the second one acts.
#pragma once

#include <memory>
#include <optional>

#include "hw/core/int.h"
#include "hw/pci/pci-device.h"
#include "util/timer.h"

namespace hw {

class SystemRequests;

struct I6300esbConfig : PciConfig {};

struct I6300esbState {
    PciState dev;
    i32 reboot_enabled = 1;
    i32 clock_scale = 0;  // 0: counts of about 1 ms, 1: of about 1 us
    i32 int_type = 0;
    i32 free_run = 0;
    i32 locked = 0;
    i32 enabled = 0;
    i64 timer = -1;
    u32 timer1_preload = 0xfffff;
    u32 timer2_preload = 0xfffff;
    i32 stage = 1;
    i32 unlock_state = 0;
    i32 previous_reboot_flag = 0;
};

class I6300esb final : public PciDeviceOf<I6300esbConfig, I6300esbState> {
public:
    I6300esb();
    const vmstate::Table& vmstate() const override;

    u64 read(u64 offset, unsigned size);
    void write(u64 offset, u64 value, unsigned size);
    std::uint32_t config_read(unsigned address, unsigned size) override;
    void config_write(unsigned address, std::uint32_t value, unsigned size) override;

protected:
    Result<void> realize_chip(Platform&) override;
    void chip_reset() override;
    void pre_save(I6300esbState& s) override { s.timer = timer_ ? timer_->deadline_ns() : -1; }
    void chip_loaded(int) override { timer_->restore(state_.timer); }

private:
    void start(int stage);
    void expired();

    SystemRequests* requests_ = nullptr;
    std::optional<Timer> timer_;
    std::unique_ptr<exec::MemoryRegion> registers_;
};

extern const PciDeviceType i6300esb_type;

}  // namespace hw
