// SPDX-License-Identifier: GPL-2.0-or-later
//
// High precision event timer (IA-PC HPET specification 1.0a): a 64-bit counter at 100 MHz and
// three or more comparators. In legacy replacement mode it takes IRQ 0 from the PIT and IRQ 8 from
// the RTC.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <vector>

#include "exec/memory.h"
#include "hw/core/device.h"
#include "hw/core/int.h"
#include "hw/core/irq.h"
#include "hw/core/system-bus.h"
#include "hw/core/tick-path.h"
#include "util/timer.h"

namespace hw {

struct HpetConfig {
    u8 timers = 3;
    bool msi = false;
    u32 intcap = 4;  // the interrupt lines a comparator may choose, as a mask
    bool offset_saved = true;
};

struct HpetTimer {
    u8 tn = 0;
    u64 config = 0;
    u64 cmp = ~u64{0};
    u64 fsb = 0;
    u64 period = 0;
    u8 wrap_flag = 0;
    i64 qemu_timer = -1;
};

struct HpetState {
    static constexpr unsigned max_timers = 32;
    u64 config = 0;
    u64 isr = 0;
    u64 hpet_counter = 0;  // while stopped
    u8 num_timers = 3;
    std::array<HpetTimer, max_timers> timers{};
    u64 hpet_offset = 0;  // ns, counter time minus clock while running
};

class Hpet final : public DeviceOf<HpetConfig, HpetState>, public MapsRegisters {
public:
    static constexpr u64 default_address = 0xfed00000;
    static constexpr unsigned lines = 32;
    static const DeviceType device_type_;

    Hpet() : DeviceOf(device_type_) {}
    explicit Hpet(const HpetConfig& config) : Hpet() { config_ = config; }

    const vmstate::Table& vmstate() const override;
    void hold_reset() override;
    std::vector<Window> register_windows() const override { return {{default_address, 0x400}}; }
    std::vector<Pins> pins() const override { return {{"", 2, 1}, {"sysbus-irq", 0, lines}}; }

    /// Output n goes to global system interrupt n.
    IrqOut& output(unsigned n) { return outputs_[n]; }
    /// Level 1: the PIT has IRQ 0.
    IrqOut& pit_enable() { return pit_enable_; }
    /// The RTC's interrupt, which passes through unless it is replaced.
    IrqIn rtc_input() { return irq_in<&Hpet::set_rtc>(*this, 0); }

    /// Where IRQ 0 goes: ticks that the guest had no time for are made up for.
    void connect_ticks(TickPath& path) {
        owed_.connect(path, [this] { outputs_[0].pulse(); });
    }

    /// General Capabilities and ID, low half: what fw_cfg and ACPI tell about the block.
    u32 block_id() const { return 0x8086a001u | u32(state_.num_timers - 1) << 8; }

    u64 mmio_read(u64 offset, unsigned size);
    void mmio_write(u64 offset, u64 value, unsigned size);

    /// Without a Platform, for a board of its own: the clock and what MSIs are written to.
    void attach(Clock& clock, exec::AddressSpace* memory);

protected:
    Result<void> realize(Platform&) override;
    void pre_save(HpetState&) override;
    Result<void> check_state(const HpetState&, int) const override;
    void post_load(int) override;

private:
    bool enabled() const { return state_.config & 1; }
    bool legacy() const { return state_.config & 2; }
    u64 ticks() const;
    void start();
    void stop();
    void write_config(u32 value);
    void write_timer(HpetTimer&, unsigned reg, u32 value);
    u32 read_timer(const HpetTimer&, unsigned reg) const;
    void write_timer_config(HpetTimer&, u32 value);
    void write_comparator(HpetTimer&, u32 value, bool high);
    void arm(HpetTimer&);
    void arm_in(HpetTimer&, u64 ticks);
    void expired(HpetTimer&);
    u64 next_period(HpetTimer&);
    void drive(HpetTimer&, bool up);
    void set_rtc(int, int level);

    Clock* clock_ = nullptr;
    exec::AddressSpace* memory_ = nullptr;
    std::vector<std::unique_ptr<Timer>> alarms_;
    std::array<IrqOut, lines> outputs_{};
    IrqOut pit_enable_;
    OwedTicks owed_;  ///< of timer 0 while it has IRQ 0
    int rtc_level_ = 0;
    std::unique_ptr<exec::MemoryRegion> mmio_;
};

}  // namespace hw
