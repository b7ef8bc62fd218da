// SPDX-License-Identifier: GPL-2.0-or-later
//
// SimdForm: what a row of the decode table means for execution: which field of the
// instruction names what kind of register, what is read and written, how much memory. Read off the
// row's operand letters.
#pragma once

#include "target/i386/decode/decode.h"
#include "target/i386/decode/table.h"

namespace i386::fp {

enum class RegKind : u8 { none, xmm, mmx, gpr, gpr8 };

struct SimdForm {
    RegKind reg = RegKind::none, vvvv = RegKind::none, rm = RegKind::none;
    bool is4 = false;   ///< a fourth register in imm bits 4-7
    bool xmm0 = false;  ///< reads XMM0 (BLENDVPS, SHA256RNDS2 ...)
    bool immediate = false;
    bool reg_read = false, reg_written = false;
    bool rm_written = false, rm_read = false;
    bool vvvv_written = false;
    bool flags = false;           ///< gives OSZAPC
    bool string_compare = false;  ///< PCMPxSTRx: RAX, RDX in; ECX or XMM0 out
    bool aligned = false;         ///< a misaligned memory operand is #GP
    u8 memory_size[2] = {};       ///< bytes, by VEX.L; with `by_w`, by REX.W
    bool by_w = false;

    bool mmx_register_only =
        false;  ///< CVTPI2PS, CVTPI2PD: not an MMX instruction when it reads memory

    bool uses_mmx() const { return reg == RegKind::mmx || rm == RegKind::mmx; }
    unsigned memory_bytes(const Insn& i) const { return memory_size[by_w ? i.rex_w : i.vex256]; }
};

SimdForm make_form(const Row& row);
/// The form of a row, from a table made once.
const SimdForm& form_of(u16 row);

}  // namespace i386::fp
