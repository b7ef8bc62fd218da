// SPDX-License-Identifier: GPL-2.0-or-later
//
// Intel 8254 programmable interval timer (data sheet 231164-005): three 16-bit down counters at
// 1.193182 MHz. On a PC, OUT0 is IRQ 0, OUT1 was DRAM refresh, OUT2 is the speaker, whose gate is
// port 61h bit 0.
#pragma once

#include <array>
#include <functional>
#include <memory>
#include <optional>

#include "hw/core/tick-path.h"
#include "hw/isa/isa-bus.h"
#include "util/timer.h"

namespace hw {

struct PitChannel {
    i32 count = 0x10000;  // as loaded: 1 to 0x10000, in BCD when the channel counts so
    u16 latched_count = 0;
    u8 count_latched = 0;  // bytes of the latch still to be read, as an access state
    u8 status_latched = 0;
    u8 status = 0;
    u8 read_state = 0;
    u8 write_state = 0;
    u8 write_latch = 0;
    u8 rw_mode = 0;
    u8 mode = 3;
    u8 bcd = 0;
    u8 gate = 1;
    i64 count_load_time = 0;       // ns
    i64 next_transition_time = 0;  // of OUT, ns; -1 = never. Kept for channel 0 only.
};

struct PitState {
    u32 irq_disabled = 0;  // the HPET has taken IRQ 0
    std::array<PitChannel, 3> channels{};
    i64 next_transition_time = 0;  // channel 0's once more: the wire has it twice
};

/// The chip, apart from its bus.
class Pit {
public:
    static constexpr u64 frequency = 1'193'182;

    Pit(PitState& state, Clock& clock);

    void reset();
    void post_load();

    u8 read(unsigned port);
    void write(unsigned port, u8 value);

    void set_gate(unsigned channel, bool level);
    bool gate(unsigned channel) const { return state_.channels[channel].gate; }
    bool out(unsigned channel) const;
    /// The HPET's legacy replacement mode disconnects OUT0 from IRQ 0.
    void set_irq_enabled(bool);
    /// Where IRQ 0 goes: ticks that the guest had no time for are made up for.
    void connect_ticks(TickPath& path);

    /// The share of the time from `from` to `to` (ns) in which OUT was high, with nothing changed
    /// in between: what a loudspeaker makes of it.
    float share_high(unsigned channel, i64 from, i64 to) const;
    /// Before anything changes that OUT2 comes of.
    std::function<void()> before_out2_changes;

    /// OUT0.
    IrqOut irq;

private:
    u8 read_counter(PitChannel&);
    void write_counter(PitChannel&, u8 value);
    void write_control(u8 value);
    void load(PitChannel&, unsigned count);
    u16 current_count(const PitChannel&) const;
    void latch_count(PitChannel&);
    void latch_status(PitChannel&);
    u64 ticks_since_load(const PitChannel&, i64 now) const;
    void update_irq(i64 now);
    void set_irq(bool level);

    PitState& state_;
    Clock& clock_;
    Timer irq_timer_;
    OwedTicks owed_;
};

struct IsaPitConfig {
    u32 iobase = ~0u;
};

class IsaPit final : public DeviceOf<IsaPitConfig, PitState> {
public:
    static const DeviceType device_type_;

    IsaPit() : DeviceOf(device_type_) {}
    explicit IsaPit(const IsaPitConfig& config) : IsaPit() { config_ = config; }

    const vmstate::Table& vmstate() const override;
    void hold_reset() override { chip_->reset(); }

    std::vector<Pins> pins() const override { return {{"", 1, 1}}; }
    Pit& chip() { return *chip_; }
    /// Level 1 lets OUT0 reach IRQ 0; the HPET drives it.
    IrqIn irq_enable() { return irq_in<&IsaPit::set_irq_enable>(*this, 0); }

    u64 io_read(u64 offset, unsigned) { return chip_->read(unsigned(offset)); }
    void io_write(u64 offset, u64 value, unsigned) { chip_->write(unsigned(offset), u8(value)); }

protected:
    Result<void> realize(Platform&) override;
    void pre_save(PitState& s) override {
        s.next_transition_time = s.channels[0].next_transition_time;
    }
    void post_load(int) override { chip_->post_load(); }

private:
    void set_irq_enable(int, int level) { chip_->set_irq_enabled(level); }

    std::optional<Pit> chip_;
    std::unique_ptr<exec::MemoryRegion> registers_;
};

}  // namespace hw
