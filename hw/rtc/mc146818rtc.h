// SPDX-License-Identifier: GPL-2.0-or-later
//
// Motorola MC146818A real-time clock plus RAM (data sheet ADI-856R2), as a PC has it behind ports
// 70h and 71h, with the century byte at 32h. The time is not counted but derived from a Clock;
// registers are brought up to date when someone looks.
#pragma once

#include <array>
#include <functional>
#include <memory>
#include <optional>

#include "hw/isa/isa-bus.h"
#include "util/timer.h"

namespace hw {

/// What becomes of periodic interrupts that the guest was too slow to take.
enum class LostTickPolicy : u8 { Discard, Delay, Slew };

struct RtcConfig {
    i32 base_year = 0;
    u16 iobase = 0x70;
    u8 irq = 8;
    LostTickPolicy lost_tick_policy = LostTickPolicy::Discard;
};

struct RtcState {
    std::array<u8, 128> cmos_data{};
    u8 cmos_index = 0;
    i64 periodic_timer = -1;
    i64 next_periodic_time = 0;
    u32 irq_coalesced = 0;
    u32 period = 0;       // of the periodic interrupt, in clocks of 32768 Hz
    u64 base_rtc = 0;     // seconds since 1970 at last_update
    u64 last_update = 0;  // ns on the RTC's clock
    i64 offset = 0;       // ns past base_rtc at last_update
    i64 update_timer = -1;
    u64 next_alarm_time = 0;
};

/// Where the time comes from (`-rtc base=,clock=`).
struct RtcSource {
    Clock& clock;
    i64 seconds;  // since 1970, what the guest should see now
    /// On the host's clock time goes on while the VM is saved; a load takes the state's own time.
    bool follows_host = false;
};

class Mc146818 {
public:
    Mc146818(RtcState& state, const RtcConfig& config, const RtcSource& source);

    void reset();
    void pre_save();
    void post_load();

    u8 read_data();
    void write_data(u8 value);
    void select(u8 index) { state_.cmos_index = index & 0x7f; }

    /// For the board, which leaves its configuration in the RAM.
    u8 cmos(unsigned index) const { return state_.cmos_data[index & 0x7f]; }
    void set_cmos(unsigned index, u8 value) { state_.cmos_data[index & 0x7f] = value; }
    /// What the guest believes, in seconds since 1970.
    i64 guest_seconds() const;

    IrqOut irq;
    /// The guest set the clock; by how many seconds it now differs from the time it was given.
    std::function<void(i64 offset)> on_time_set;
    /// An alarm came that may wake a sleeping machine.
    std::function<void()> on_wakeup;

private:
    bool running() const;
    bool update_in_progress();
    i64 since_set() const;
    /// The part of the guest's time below a second, in ns.
    i64 guest_fraction() const;
    void set_time_from_cmos();
    void show_time();
    void store_time(i64 seconds);
    i64 time_from_cmos() const;
    i64 seconds_to_alarm() const;
    u8 encode(int value) const;
    int decode(u8 value) const;
    int decode_hour(u8 value) const;
    void schedule_update();
    void update();
    u32 periodic_clocks() const;
    void schedule_periodic(i64 now, bool restarted);
    void periodic();
    void write_a(u8 value);
    void write_b(u8 value);

    RtcState& state_;
    const RtcConfig& config_;
    Clock& clock_;
    bool follows_host_;
    i64 host_epoch_;  // given seconds minus the clock's at start
    Timer periodic_timer_;
    Timer update_timer_;
};

class Rtc final : public DeviceOf<RtcConfig, RtcState> {
public:
    static const DeviceType device_type_;

    Rtc() : DeviceOf(device_type_) {}

    const vmstate::Table& vmstate() const override;
    void hold_reset() override { chip_->reset(); }
    std::vector<Pins> pins() const override { return {{"", 0, 1}}; }

    /// Before realize; without it the clock is the VM's virtual one, starting at 1970.
    void set_source(const RtcSource& source) { source_.emplace(source); }
    Mc146818& chip() { return *chip_; }

    u64 index_read(u64, unsigned) { return 0xff; }
    void index_write(u64, u64 value, unsigned) { chip_->select(u8(value)); }
    u64 data_read(u64 offset, unsigned) { return offset == 1 ? chip_->read_data() : 0xff; }
    void data_write(u64 offset, u64 value, unsigned) {
        if (offset == 1) chip_->write_data(u8(value));
    }

protected:
    Result<void> realize(Platform&) override;
    void pre_save(RtcState&) override { chip_->pre_save(); }
    void post_load(int) override { chip_->post_load(); }

private:
    std::optional<RtcSource> source_;
    std::optional<Mc146818> chip_;
    std::unique_ptr<exec::MemoryRegion> registers_, index_;
};

}  // namespace hw
