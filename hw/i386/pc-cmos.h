// SPDX-License-Identifier: GPL-2.0-or-later
//
// What the board leaves in the RTC's RAM for the BIOS.
#pragma once

#include "hw/core/machine.h"
#include "hw/i386/pc-memory.h"
#include "hw/rtc/mc146818rtc.h"

namespace hw {

/// Drive types of the BIOS: 0 none, 4 1.44 MB, 5 2.88 MB.
struct FloppyTypes {
    std::uint8_t a = 0, b = 0;
};
void fill_cmos(Mc146818&, const MachineConfig&, const PcMemory&, FloppyTypes);
/// CMOS has places for so many.
inline constexpr std::size_t most_boot_devices = 3;
void set_boot_devices(Mc146818&, const std::string& letters);
/// Which changes when processors come and go.
void set_processor_count(Mc146818&, unsigned);

}  // namespace hw
