// SPDX-License-Identifier: GPL-2.0-or-later
//
// Insn: a decoded instruction in 32 bytes, the only intermediate form. The interpreter calls its
// `run`; a translator will read its fields.
#pragma once

#include "target/i386/cpu-state.h"

namespace i386 {

class Cpu;
struct Insn;

/// Executes one instruction, and by Cpu::next() those after it; returns where to go on: a decoded
/// instruction (`i + 1` is right too, only slower), or null when control must go back to the loop
/// of Cpu::run() with `rip` set.
///
/// A fault leaves by raise() (cpu.h), which throws inside this room only and is caught by the loop,
/// which knows the instruction: the state must then be as before it, so do what can fault first
/// (probe a store with Cpu::host_write or Cpu::check_write) and commit after. The instruction
/// pointer in regs[rip] is that of the block's first instruction while handlers run.
using Handler = const Insn* (*)(Cpu&, const Insn*);

enum Rep : u8 { rep_none, rep_f3, rep_f2 };

struct Insn {
    Handler run;
    /// Immediate, sign-extended (fp/simd-x86.cc puts the instruction's host code here, which
    /// contains it); a branch's target relative to the block's start; a far pointer as offset |
    /// selector << 32; ENTER's operands as size | level << 16; VEX's is4 register in bits 4-7.
    i64 imm;
    i32 disp;  ///< for RIP-relative operands relative to the block's start
    /// Registers by number; byte registers by byte offset into regs (AH is 1, SPL is 32), as byte
    /// operands only ever index bytes.
    u8 reg;   ///< ModRM.reg, or the register in the opcode's low bits
    u8 rm;    ///< ModRM.rm when it names a register
    u8 base;  ///< memory operand: regs slot, `no_reg` when there is none, `rip`
    u8 index;
    u8 scale;             ///< shift of the index, 0-3
    u8 seg : 3;           ///< Seg; seg_flat: neither base nor limit matter
    u8 address_log2 : 2;  ///< address size: 1, 2, 3 = 16, 32, 64 bits
    u8 memory : 1;        ///< the rm operand is memory
    u8 lock : 1;
    u8 rex_w : 1;  ///< REX.W or VEX.W
    u8 vvvv : 4;
    u8 rep : 2;        ///< Rep
    u8 size_log2 : 2;  ///< operand size: 0-3 = 8, 16, 32, 64 bits
    u8 vex256 : 1;     ///< VEX.L
    u8 vex : 1;
    u8 length : 4;
    u8 opsize_prefix : 1;  ///< 66 was there
    u16 row;               ///< index into rows() (decode.h)
    /// Offset of the first byte from the block's first: the fault's and next instruction's pointer.
    u16 offset;

    /// The linear address is the effective one, as it stands.
    bool plain() const { return seg == seg_flat && address_log2 == 3; }
    unsigned size() const { return 1u << size_log2; }
    unsigned end() const { return offset + length; }
};
static_assert(sizeof(Insn) == 32);

}  // namespace i386
