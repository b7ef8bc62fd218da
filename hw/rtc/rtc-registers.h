// SPDX-License-Identifier: GPL-2.0-or-later
//
// The MC146818A's addresses and bits, for the chip and for boards that fill its RAM.
#pragma once

#include <cstdint>

namespace hw::rtc {

enum Index : std::uint8_t {
    Seconds = 0x00,
    SecondsAlarm = 0x01,
    Minutes = 0x02,
    MinutesAlarm = 0x03,
    Hours = 0x04,
    HoursAlarm = 0x05,
    DayOfWeek = 0x06,
    DayOfMonth = 0x07,
    Month = 0x08,
    Year = 0x09,
    A = 0x0a,
    B = 0x0b,
    C = 0x0c,
    D = 0x0d,
    Century = 0x32,     // the place that ACPI's FADT names
    Ps2Century = 0x37,  // where the IBM PS/2 had it
};

inline constexpr std::uint8_t a_uip = 0x80, a_dv = 0x70, a_dv_32768 = 0x20, a_rs = 0x0f,
                              a_rs_1024 = 0x06;
inline constexpr std::uint8_t b_set = 0x80, b_pie = 0x40, b_aie = 0x20, b_uie = 0x10, b_sqwe = 0x08,
                              b_dm = 0x04, b_24h = 0x02;
inline constexpr std::uint8_t c_irqf = 0x80, c_pf = 0x40, c_af = 0x20, c_uf = 0x10;
inline constexpr std::uint8_t d_vrt = 0x80;
inline constexpr std::uint8_t hour_pm = 0x80, alarm_any = 0xc0;

}  // namespace hw::rtc
