// SPDX-License-Identifier: GPL-2.0-or-later
//
// Local APIC registers (Intel SDM volume 3, table 11-1) and bits.
#pragma once

#include "hw/intc/apic-bus.h"

namespace hw::apic {

enum Register : u32 {
    Id = 0x020,
    Version = 0x030,
    Tpr = 0x080,
    Apr = 0x090,
    Ppr = 0x0a0,
    Eoi = 0x0b0,
    Ldr = 0x0d0,
    Dfr = 0x0e0,
    Svr = 0x0f0,
    Isr = 0x100,
    Tmr = 0x180,
    Irr = 0x200,
    Esr = 0x280,
    IcrLow = 0x300,
    IcrHigh = 0x310,
    LvtFirst = 0x320,
    InitialCount = 0x380,
    CurrentCount = 0x390,
    DivideConfiguration = 0x3e0,
};

// IA32_APIC_BASE (11.4.4)
inline constexpr u32 default_base = 0xfee00000, base_bsp = 1 << 8, base_x2apic = 1 << 10,
                     base_enable = 1 << 11;

inline constexpr u32 svr_enable = 1 << 8, svr_no_eoi_broadcast = 1 << 12;

inline constexpr u32 lvt_level = 1 << 15, lvt_masked = 1 << 16, lvt_periodic = 1 << 17;
constexpr Delivery lvt_delivery(u32 lvt) {
    return Delivery(lvt >> 8 & 7);
}

inline constexpr u32 icr_logical = 1 << 11, icr_pending = 1 << 12, icr_assert = 1 << 14,
                     icr_level_triggered = 1 << 15;

inline constexpr u32 esr_receive_illegal = 1 << 6, esr_illegal_register = 1 << 7;

}  // namespace hw::apic
