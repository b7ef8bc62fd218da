// SPDX-License-Identifier: GPL-2.0-or-later
//
// The fixed hardware of ACPI (ACPI specification 6.4, 4.8): PM1 event and control registers, the
// power management timer and one block of general-purpose events. A chip set's PM function holds
// the state, says where the registers are and wires SCI.
#pragma once

#include <functional>

#include "hw/core/int.h"
#include "hw/core/irq.h"
#include "migration/vmstate/table.h"
#include "util/timer.h"

namespace hw {

struct AcpiGpeState {
    u16 sts = 0;
    u16 en = 0;
};
/// "gpe"
extern const vmstate::Table acpi_gpe_table;

struct AcpiState {
    u16 pm1_sts = 0;
    u16 pm1_en = 0;
    u16 pm1_cnt = 0;
    i64 tmr_timer = -1;
    i64 tmr_overflow_time = 0;  // in ticks of the PM timer
    AcpiGpeState gpe{};
};

class AcpiCore {
public:
    static constexpr u64 pm_timer_frequency = 3'579'545;
    enum Pm1Status : u16 {
        timer_status = 1 << 0,
        busmaster_status = 1 << 4,
        global_status = 1 << 5,
        power_button_status = 1 << 8,
        rtc_status = 1 << 10,
        wake_status = 1 << 15,
    };

    /// What the guest asks for through SLP_TYP and SLP_EN.
    struct Requests {
        std::function<void()> soft_off, suspend_to_ram, suspend_to_disk;
    };

    /// `s4_type` is the SLP_TYP that means S4.
    AcpiCore(AcpiState& state, Clock& clock, Requests requests, u8 s4_type);

    void reset();
    void pre_save() { state_.tmr_timer = timer_.deadline_ns(); }
    void post_load();

    /// 0: status, 2: enable. Words.
    u16 read_event(u64 offset);
    void write_event(u64 offset, u16 value);
    u16 read_control() const { return state_.pm1_cnt; }
    void write_control(u16 value);
    /// SCI_EN, as an SMI handler sets it on the command to enable ACPI.
    void set_sci_enabled(bool);
    u32 read_timer() const;
    /// Bytes: status in the first half, enable in the second.
    u8 read_gpe(u64 offset) const;
    void write_gpe(u64 offset, u8 value);

    void raise_gpe(unsigned bit);
    void press_power_button();
    void wake_up(u16 reason_status);
    /// Whether the guest lets the RTC's alarm end its sleep.
    bool rtc_wakes() const { return state_.pm1_en & rtc_status; }
    /// Recomputes SCI and the timer's interrupt.
    void update();

    /// The system control interrupt, a level.
    IrqOut sci;

private:
    u64 ticks() const;
    u16 status();

    AcpiState& state_;
    Clock& clock_;
    Requests requests_;
    const u8 s4_type_;
    Timer timer_;
};

}  // namespace hw
