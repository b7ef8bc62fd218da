// SPDX-License-Identifier: GPL-2.0-or-later
//
// Machine code in assembler, by the capstone library, for logs, the monitor and tests.
#pragma once

#include "target/i386/cpu-state.h"

#include <span>
#include <string>

namespace i386 {

struct Disassembled {
    unsigned length = 0;  ///< 0: no instruction, or no library
    std::string text;     ///< AT&T's syntax: "movl     $1, %eax"
};

/// False when the program was built without the library, or it is not installed.
bool can_disassemble();
/// The instruction at `code`, of `bits` (16, 32 or 64) code.
Disassembled disassemble(std::span<const u8> code, u64 address, unsigned bits);

/// How wide the code is that a mode runs.
constexpr unsigned code_bits(u32 mode) {
    return mode & mode_code64 ? 64 : mode & mode_code32 ? 32 : 16;
}

/// A listing line: address, bytes, instruction. Takes what it shows off `code`; a byte that is no
/// instruction is shown as one.
std::string disassembly_line(std::span<const u8>& code, u64 address, unsigned bits);

}  // namespace i386
