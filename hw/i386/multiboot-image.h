// SPDX-License-Identifier: GPL-2.0-or-later
//
// A multiboot kernel for `-kernel` (Multiboot Specification 0.6.96), its modules from `-initrd`.
// Pure computation like linux-image.h; pc-bios/multiboot.S puts the pieces in place and adds what
// only the BIOS knows, the memory map.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "util/result.h"

namespace hw {

struct MultibootModule {
    std::string words;  // file name and arguments, as the kernel is shown them
    std::vector<std::uint8_t> bytes;
};

struct MultibootImage {
    std::uint32_t address = 0;         // of `memory`
    std::vector<std::uint8_t> memory;  // the kernel, zeros for its bss, the modules
    std::uint32_t entry = 0;
    std::uint32_t information_address = 0;
    std::vector<std::uint8_t> information;  // the structure EBX points to, with all it points to
};

/// Whether a multiboot header stands in the file's first 8 KiB.
bool is_multiboot_image(std::span<const std::uint8_t> kernel);

/// `cmdline` begins with the kernel's file name. `low_memory` is the number of bytes of RAM below
/// 4 GiB that the firmware leaves.
Result<MultibootImage> prepare_multiboot_image(std::span<const std::uint8_t> kernel,
                                               std::span<const MultibootModule> modules,
                                               const std::string& cmdline,
                                               std::uint64_t low_memory);

/// What `-initrd` means for a multiboot kernel: modules between commas, each a file name, then its
/// arguments; a doubled comma is a comma.
std::vector<std::string> split_modules(const std::string& initrd);

}  // namespace hw
