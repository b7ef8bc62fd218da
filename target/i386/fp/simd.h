// SPDX-License-Identifier: GPL-2.0-or-later
//
// The binders that the SSE and AVX tables name.
#pragma once

#include "target/i386/cpu.h"
#include "target/i386/decode/decode.h"

namespace i386::fp {

class Unit;

/// Everything without side effects beyond its operands, flags and MXCSR: by a thunk (simd-x86.cc),
/// or computed (portable/simd-run.cc).
Handler bind_simd(const Insn& i, u32 mode);
/// On x86-64 hosts: a handler that needs no thunk, or null.
Handler inline_handler(const Insn& i);
/// Whole registers to and from memory or another register, without looking at them.
Handler bind_move(const Insn& i, u32 mode);
/// MOVSS, MOVSD, MOVD, MOVQ with memory or a general register.
Handler bind_move_low(const Insn& i, u32 mode);

// Element by element, as a fault in one leaves the others done, or masked ones must not be touched.
Handler bind_maskmov(const Insn& i, u32 mode);   ///< MASKMOVDQU, MASKMOVQ, VMASKMOVDQU
Handler bind_vmaskmov(const Insn& i, u32 mode);  ///< VMASKMOVPS/PD, VPMASKMOVD/Q
Handler bind_gather(const Insn& i, u32 mode);
Handler bind_vzero(const Insn& i, u32 mode);  ///< VZEROUPPER, VZEROALL
Handler bind_ldmxcsr(const Insn& i, u32 mode);
Handler bind_stmxcsr(const Insn& i, u32 mode);

/// Before an MMX or waiting x87 instruction: #MF if an unmasked exception is pending.
void check_x87_pending(Cpu& c);
/// Then the guest's stack is brought into the host's registers. Memory must not be touched between
/// this and the instruction.
void enter_x87_checked(Cpu& c);
/// After it: takes note of an unmasked exception.
void check_x87_after(Cpu& c);

}  // namespace i386::fp
