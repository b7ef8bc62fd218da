// SPDX-License-Identifier: GPL-2.0-or-later
//
// What the display adapters of the ISA bus share: the odd form of their saved state, and how their
// BIOS reaches the firmware.
#pragma once

#include "hw/core/device.h"
#include "hw/display/vga.h"

namespace hw {

// QEMU 7.2 writes the sections of "isa-vga" and "isa-cirrus-vga" from a place in its memory 176
// bytes before the registers: each field of the file holds what lay that far in front of it. So CR0
// stands in byte 176 of "cr", the palette begins in byte 176 of "palette"; and registers whose
// place would be in front of a field are not in the file at all, and lost to QEMU's own guests.
//
// These move the registers that every VGA has from the attribute controller on; the adapter adds
// its own.
void to_isa_section(const VgaState& registers, VgaState& wire, std::uint64_t vram_size);
void from_isa_section(VgaState& registers, const VgaState& wire);
inline constexpr std::size_t isa_section_shift = 176;

/// The firmware finds it in fw_cfg under "vgaroms/".
Result<void> offer_isa_rom(Platform&, const char* file);

}  // namespace hw
