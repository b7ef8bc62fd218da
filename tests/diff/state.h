// SPDX-License-Identifier: GPL-2.0-or-later
//
// What one instruction starts from and what it leaves: the user-visible machine, in the form both
// the host CPU and the emulator can give it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace diff {

/// The processor as a program at CPL 3 sees it. The x87 part is laid out like FXSAVE: `st[0]` is
/// ST(0), `ftw` has one bit per physical register.
struct CpuImage {
    std::array<std::uint64_t, 16> gpr;
    std::uint64_t rip;
    std::uint64_t rflags;
    std::uint64_t fs_base;
    std::uint64_t gs_base;
    std::uint32_t mxcsr;
    std::uint16_t fcw;
    std::uint16_t fsw;
    std::uint16_t ftw;
    std::array<std::array<std::uint8_t, 10>, 8> st;
    std::array<std::array<std::uint8_t, 32>, 16> ymm;
};

/// Where things lie. Everything is below 4 GiB so that 32-bit code sees the same, and below 64 KiB
/// where the host's mmap_min_addr lets it, for 16-bit addresses.
///   code      one page, executable, not writable; the instruction sits in it; the next page is not
///   mapped data      one page, writable, the only memory an instruction may change data+4K   one
///   page, readable only
/// with holes between code and data and behind the last.
struct Layout {
    std::uint32_t code;
    std::uint32_t data;
};
constexpr std::size_t page_size = 4096;
constexpr std::uint32_t data_offset_from_code = 2 * page_size;

struct Case {
    CpuImage before;
    std::array<std::uint8_t, 24>
        code;  ///< more than an instruction may have, as that is a case too
    std::uint8_t code_length;
    bool compat;            ///< a 32-bit code segment instead of a 64-bit one
    bool repeats;           ///< a REP string instruction: run to its end, not for one iteration
    std::uint16_t code_at;  ///< offset in the code page
    /// Seed of the data page: the read-only page and most of the other hold a fixed pattern, and
    /// these 128 bytes lie at `patch_at`.
    std::uint16_t patch_at;
    std::array<std::uint8_t, 128> patch;
};

constexpr int no_fault = -1;  ///< the instruction completed
constexpr int lost = -2;      ///< the child died or hung; nothing is known
struct Outcome {
    CpuImage after;
    int vector;  ///< exception number, or one of the above
    std::uint32_t error_code;
    std::uint64_t cr2;
    std::array<std::uint8_t, page_size> data;
};

/// The fixed contents of byte `i` of the two data pages. Small numbers, floats near one and holes
/// of zeroes come up, so that loads of any width find something to work on.
constexpr std::uint8_t pattern(std::size_t i) {
    const std::size_t block = i / 64;
    switch (block % 4) {
        case 0: return static_cast<std::uint8_t>((i * 2654435761U) >> 13);
        case 1: return i % 8 == 7 ? 0x3F : i % 8 == 6 ? 0xF0 : static_cast<std::uint8_t>(i * 37);
        case 2: return i % 4 == 3 ? 0x40 : i % 4 == 2 ? 0x49 : 0;
        default: return i % 16 < 2 ? static_cast<std::uint8_t>(i) : 0;
    }
}

}  // namespace diff
