// SPDX-License-Identifier: GPL-2.0-or-later
//
// The decoder: from bytes to Insn by a table whose rows read like the entries of the Intel manual
// (SDM volume 2). The same rows serve the interpreter, a translator, and the differential tester.
#pragma once

#include "target/i386/decode/insn.h"
#include "target/i386/feature-set.h"

#include <span>

namespace i386 {

/// Chooses the handler of a decoded instruction for its operand size, form and mode; null is #UD.
/// `i` is complete but for `run`. Mode bits like mode_ts and mode_osfxsr are part of a block's key,
/// so a binder may answer with a handler that raises #NM or #UD instead of testing at run time.
using Bind = Handler (*)(const Insn& i, u32 mode);

enum Attribute : u16 {
    lockable = 1 << 0,        ///< LOCK is allowed when the destination is memory; else #UD
    no64 = 1 << 1,            ///< #UD in 64-bit mode
    only64 = 1 << 2,          ///< 64-bit mode only
    d64 = 1 << 3,             ///< 64-bit by default in 64-bit mode (66 gives 16)
    f64 = 1 << 4,             ///< always 64-bit in 64-bit mode
    ends_block = 1 << 5,      ///< the handler may return null or go elsewhere: last of its block
    protected_only = 1 << 6,  ///< #UD in real and virtual-8086 mode
    vex_gpr = 1 << 7,  ///< VEX-coded on general registers: operand size by W, needs no AVX state
    /// The handler works for every mode, but the state it needs is enabled as SSE is
    /// (CR0.EM/TS, CR4.OSFXSR) or, VEX-coded, as AVX is: the decoder makes #UD and #NM of it.
    sse_state = 1 << 8,
    mmx_state = 1 << 9,     ///< as x87 without waiting: EM #UD, TS #NM
    x87_state = 1 << 10,    ///< EM or TS: #NM
    vsib = 1 << 12,         ///< the memory operand's index is a vector register
    no_rex_b = 1 << 13,     ///< another instruction with REX.B: PAUSE is XCHG r8, rAX then
    lock_is_cr8 = 1 << 14,  ///< LOCK before CR0 names CR8, on AMD's processors
    no_test = 1 << 11,      ///< not for the differential tester: privileged, or depends on the host
};

/// Encodings: optional NP, 66, F3, F2 (a mandatory prefix; without one, any prefix), then the map
/// (none, 0F, 0F 38, 0F 3A), the opcode, and /r, /0../7, `+r`, or a whole ModRM byte in hex.
/// `VEX.128|256|LIG.NP|66|F3|F2.0F|0F38|0F3A.W0|W1|WIG xx /r`: a field left out accepts all.
/// Operands in the letters of SDM volume 2, appendix A; `M` takes only memory, `R`, `U`, `N`, `ST`
/// only a register. The first row of an opcode that matches, and whose feature the CPU has, wins.
struct Row {
    const char* encoding;
    const char* mnemonic;
    const char* operands;
    Bind bind;
    Feature feature = Feature::always;
    u32 undefined = 0;  ///< EFLAGS left undefined
    u16 attributes = 0;
};

enum class DecodeStatus : u8 {
    ok,
    undefined,  ///< #UD
    too_long,   ///< more than 15 bytes: #GP(0)
    truncated,  ///< `bytes` ended first
    no_device,  ///< #NM: CR0.TS or EM
};

/// Decodes one instruction of `bytes` (15 are always enough). `offset` is its place in the block.
DecodeStatus decode(std::span<const u8> bytes, u32 mode, const FeatureSet& features,
                    unsigned offset, Insn& out);

/// All rows; Insn::row indexes them.
std::span<const Row> rows();

/// The tables that rows() joins.
std::span<const Row> integer_rows();
std::span<const Row> system_rows();
std::span<const Row> x87_rows();
std::span<const Row> sse_rows();
std::span<const Row> avx_rows();

}  // namespace i386
