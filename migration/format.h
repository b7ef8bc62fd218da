// SPDX-License-Identifier: GPL-2.0-or-later
//
// The bytes that frame a stream of saved state (docs/xen-save-devices-state.txt).
#pragma once

#include <cstdint>

namespace migration::format {

inline constexpr std::uint32_t magic = 0x5145564D;  // "QEVM"
inline constexpr std::uint32_t version = 3;

enum Mark : std::uint8_t {
    end_of_file = 0x00,
    section_start = 0x01,
    section_part = 0x02,
    section_end = 0x03,
    section_full = 0x04,
    subsection = 0x05,
    description = 0x06,
    configuration = 0x07,
    command = 0x08,
    footer = 0x7E,
};

}  // namespace migration::format
