// SPDX-License-Identifier: GPL-2.0-or-later
//
// Thunks: a guest's instruction as a small host function. The instruction is encoded again with
// fixed host registers; operands come by pointer and go back by pointer:
//     reg -> rdi, xmm1 / rax / mmN     vvvv -> rsi, xmm2
//     rm  -> rdx, xmm3 / rdx / [rdx]   is4, XMM0 or, for string compares, the general registers ->
//     rcx
// MMX and x87 registers are not moved: the guest's stack is in the host's (x87-live.h).
#pragma once

#include "target/i386/fp/simd-form.h"

#include <vector>

namespace i386::fp {

/// Returns RFLAGS where the form gives flags.
using SimdThunk = u64 (*)(void* reg, void* vvvv, void* rm, void* extra);

/// The host code of `i`; empty where the host is not x86-64.
std::vector<u8> simd_thunk_code(const Insn& i, const ParsedRow& row, const SimdForm& form);

/// An x87 instruction: host code for it, which looks at `memory` alone, or a function that computes
/// it. `code` is the opcode's low three bits and the ModRM byte, a memory operand's with digit
/// only.
using X87Thunk = void (*)(void* memory, X87& x, unsigned code);
/// The host code for `opcode` D8..DF; a memory operand is at [rdi].
std::vector<u8> x87_thunk_code(u8 opcode, u8 modrm);

}  // namespace i386::fp
