// SPDX-License-Identifier: GPL-2.0-or-later
//
// The binders that the x87 table names, and the state's images in memory.
#pragma once

#include "target/i386/cpu.h"
#include "target/i386/decode/decode.h"

namespace i386::fp {

/// Computing instructions, run as they are on the host's stack.
Handler bind_x87(const Insn& i, u32 mode);

Handler bind_fcmov(const Insn& i, u32 mode);
Handler bind_fcomi(const Insn& i, u32 mode);  ///< and FUCOMI, FCOMIP, FUCOMIP: EFLAGS
Handler bind_emms(const Insn& i, u32 mode);
Handler bind_fldcw(const Insn& i, u32 mode);
Handler bind_fnstcw(const Insn& i, u32 mode);
Handler bind_fnstsw(const Insn& i, u32 mode);
Handler bind_fnclex(const Insn& i, u32 mode);
Handler bind_fninit(const Insn& i, u32 mode);
Handler bind_fwait(const Insn& i, u32 mode);
Handler bind_x87_nop(const Insn& i, u32 mode);      ///< FENI, FDISI, FSETPM: for the 8087 and 80287
Handler bind_environment(const Insn& i, u32 mode);  ///< FLDENV, FNSTENV, FRSTOR, FNSAVE

Handler bind_fxsave(const Insn& i, u32 mode);
Handler bind_fxrstor(const Insn& i, u32 mode);
Handler bind_xsave(const Insn& i, u32 mode);
Handler bind_xrstor(const Insn& i, u32 mode);

/// ES and B follow from the flags and the masks (SDM volume 1, 8.1.3.3).
void update_error_summary(X87& x);
void reset_x87(X87& x);
/// The full tag word of the environment, from the abridged one and the contents.
u16 full_tags(const X87& x);

}  // namespace i386::fp
