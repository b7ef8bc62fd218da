// SPDX-License-Identifier: GPL-2.0-or-later
//
// Register bits of the 82077AA, by the data sheet's names (order number 290166, section 2.1).
#pragma once

#include <cstdint>

namespace hw::fdc {

enum : std::uint8_t {
    SRA_nDRV2 = 0x40,
    SRA_INTPEND = 0x80,
    SRB_MTR0 = 0x01,
    SRB_MTR1 = 0x02,
    SRB_DR0 = 0x20,
    SRB_RESET = 0xc0,
    DOR_SEL = 0x03,
    DOR_nRESET = 0x04,
    DOR_DMAEN = 0x08,
    DOR_MOTEN0 = 0x10,
    DOR_MOTEN1 = 0x20,
    DSR_DRATE = 0x03,
    DSR_PWRDOWN = 0x40,
    DSR_SWRESET = 0x80,
    MSR_CMDBUSY = 0x10,
    MSR_NONDMA = 0x20,
    MSR_DIO = 0x40,
    MSR_RQM = 0x80,
    DIR_DSKCHG = 0x80,
};

// Status registers of the result phase (section 5.2).
enum : std::uint8_t {
    ST0_head = 0x04,
    ST0_equipment_check = 0x10,
    ST0_seek_end = 0x20,
    ST0_abnormal = 0x40,
    ST0_invalid = 0x80,
    ST0_ready_changed = 0xc0,
    ST1_missing_address_mark = 0x01,
    ST1_not_writable = 0x02,
    ST1_end_of_cylinder = 0x80,
    ST2_scan_hit = 0x08,
};

// CONFIGURE (section 5.2.7).
inline constexpr std::uint8_t config_eis = 0x40;

// data_dir and data_state on the wire.
inline constexpr std::uint8_t direction_write = 0, direction_read = 1, direction_scan_equal = 2,
                              direction_scan_low = 3, direction_scan_high = 4, direction_verify = 5;
inline constexpr std::uint8_t state_multi = 0x01, state_format = 0x02;

/// After a reset each of four possible drives reports a change.
inline constexpr int sense_count = 4;
inline constexpr unsigned sector_size = 512;

}  // namespace hw::fdc
