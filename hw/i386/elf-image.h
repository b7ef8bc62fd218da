// SPDX-License-Identifier: GPL-2.0-or-later
//
// An executable in the Executable and Linking Format (System V ABI, edition 4.1, chapters 4 and 5)
// as it is to lie in guest memory.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "util/result.h"

namespace hw {

struct ElfImage {
    std::uint64_t address = 0;         // physical, of the lowest segment
    std::vector<std::uint8_t> memory;  // up to the end of the highest, gaps and bss are zeros
    std::uint64_t entry = 0;
};

bool is_elf(std::span<const std::uint8_t>);

/// 32-bit i386 executables; every loadable segment has to lie in [lowest, end).
Result<ElfImage> read_elf_image(std::span<const std::uint8_t> file, std::uint64_t lowest,
                                std::uint64_t end);

}  // namespace hw
