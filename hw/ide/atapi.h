// SPDX-License-Identifier: GPL-2.0-or-later
//
// What the files about packet commands share: sense codes, sector sizes and big endian numbers.
// Specifications: SPC-2 (T10/1236-D), MMC-3 (T10/1363-D).
#pragma once

#include <cstdint>

namespace hw::atapi {

// Interrupt reason (the sector count register).
inline constexpr std::uint32_t reason_cd = 1, reason_io = 2, reason_mask = 7;

// Sense keys, and additional sense codes (SPC-2, annex C).
inline constexpr std::uint8_t not_ready = 0x02, illegal_request = 0x05, unit_attention = 0x06;
inline constexpr std::uint8_t asc_invalid_opcode = 0x20, asc_lba_out_of_range = 0x21,
                              asc_invalid_field = 0x24, asc_medium_may_have_changed = 0x28,
                              asc_incompatible_format = 0x30, asc_saving_not_supported = 0x39,
                              asc_medium_not_present = 0x3a, asc_removal_prevented = 0x53;

inline constexpr std::int32_t data_sector = 2048, raw_sector = 2352;

// What a read that failed is written down as, to be done again.
inline constexpr std::uint8_t opcode_read12 = 0xa8, opcode_read_cd = 0xbe;
/// READ CD, byte 9: sync, headers, user data, EDC and ECC.
inline constexpr std::uint8_t whole_sector = 0xf8;

inline unsigned be16(const std::uint8_t* p) {
    return static_cast<unsigned>(p[0] << 8 | p[1]);
}
inline std::uint32_t be32(const std::uint8_t* p) {
    return std::uint32_t{p[0]} << 24 | std::uint32_t{p[1]} << 16 | std::uint32_t{p[2]} << 8 | p[3];
}
inline void put16(std::uint8_t* p, unsigned v) {
    p[0] = static_cast<std::uint8_t>(v >> 8);
    p[1] = static_cast<std::uint8_t>(v);
}
inline void put32(std::uint8_t* p, std::uint32_t v) {
    put16(p, v >> 16);
    put16(p + 2, v & 0xffff);
}

/// Minute, second, frame of a block; block 0 is at 00:02:00.
inline void put_msf(std::uint8_t* p, std::uint32_t lba) {
    lba += 150;
    p[0] = static_cast<std::uint8_t>(lba / 75 / 60);
    p[1] = static_cast<std::uint8_t>(lba / 75 % 60);
    p[2] = static_cast<std::uint8_t>(lba % 75);
}

}  // namespace hw::atapi
