// SPDX-License-Identifier: GPL-2.0-or-later
//
// Where the operands of a vector instruction are.
#pragma once

#include "target/i386/cpu.h"
#include "target/i386/fp/simd-form.h"

namespace i386::fp {

template <unsigned n>
struct Bytes {
    u8 b[n];
};

/// The linear address of a memory operand of `n` bytes.
template <unsigned n>
inline u64 address(Cpu& c, const Insn* i, bool aligned, Access access) {
    const u64 a = c.linear(i, n, access);
    if (aligned && (a & (n - 1))) c.raise(exc_gp, 0);
    return a;
}

/// 1, 2, 4, 8, 16 or 32 bytes.
void load_bytes(Cpu& c, u64 linear, u8* out, unsigned n);
void store_bytes(Cpu& c, u64 linear, const u8* in, unsigned n);

/// A general register, by the number that an instruction has for it.
void* gpr_pointer(Cpu& c, RegKind kind, unsigned number);

/// The rm operand of an instruction. Memory is checked and, where it is read, in `bytes` when the
/// constructor is through; store() writes it.
struct RmOperand {
    alignas(32) u8 bytes[32] = {};
    u64 linear = 0;
    void* at = bytes;  ///< `bytes`, or the register; MMX registers are not looked for

    RmOperand(Cpu& c, const Insn* i, const SimdForm& f);
    void store(Cpu& c, const Insn* i, const SimdForm& f) const {
        if (i->memory && f.rm_written) store_bytes(c, linear, bytes, f.memory_bytes(*i));
    }
};

/// The fourth operand: the register in the immediate, XMM0, or for string comparisons the general
/// registers; null when there is none.
void* extra_operand(Cpu& c, const Insn* i, const SimdForm& f);

}  // namespace i386::fp
