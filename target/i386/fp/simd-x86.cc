// SPDX-License-Identifier: GPL-2.0-or-later
//
// SSE and AVX on the host's units, by thunks: finds the operands, calls the thunk, turns what MXCSR
// says into #XM.
#include "target/i386/fp/simd-operands.h"
#include "target/i386/fp/simd.h"
#include "target/i386/fp/unit.h"

namespace i386::fp {
namespace {

constexpr u32 mxcsr_masks = 0x1F80;

[[noreturn]] void raise_simd(Cpu& c) {
    c.raise(c.s.cr4 & cr4_osxmmexcpt ? u8(exc_xm) : u8(exc_ud));
}

/// The host code of an instruction that prepare() has been through.
inline SimdThunk thunk_of(const Insn* i) {
    return reinterpret_cast<SimdThunk>(std::uintptr_t(i->imm));
}

/// The call of a thunk with the guest's MXCSR in effect.
inline u64 call(Cpu& c, SimdThunk thunk, const Insn* i, void* reg, void* rm, void* extra) {
    Unit& u = *c.fp;
    void* vvvv = &c.s.vec[i->vvvv];
    if (!u.mxcsr_is_live()) [[unlikely]] {
        if ((c.s.mxcsr & mxcsr_masks) != mxcsr_masks) {
            u64 result;
            if (!u.run_unmasked(thunk, reg, vvvv, rm, extra, result)) raise_simd(c);
            return result;
        }
        u.enter_mxcsr();
    }
    return thunk(reg, vvvv, rm, extra);
}

/// What a vector instruction of a block starts with: finds its host code, and from then on `run` is
/// called at once. Blocks belong to one vCPU, so writing to them is no more than a cache.
template <Handler run>
const Insn* prepare(Cpu& c, const Insn* i) {
    const SimdThunk thunk = c.fp->simd(*i);
    if (!thunk) c.raise(exc_ud);
    Insn& own = const_cast<Insn&>(*i);
    own.imm = i64(reinterpret_cast<std::uintptr_t>(thunk));
    own.run = run;
    return run(c, i);
}

template <RegKind kind>
inline void* operand(Cpu& c, unsigned number) {
    if constexpr (kind == RegKind::xmm) return &c.s.vec[number];
    if constexpr (kind == RegKind::gpr) return &c.s.regs[number];
    if constexpr (kind == RegKind::gpr8) return reinterpret_cast<u8*>(c.s.regs.data()) + number;
    return nullptr;
}

// --- The common shapes: XMM and general registers, memory only read ---

template <RegKind reg, RegKind rm, bool flags>
const Insn* run_registers(Cpu& c, const Insn* i) {
    const u64 f =
        call(c, thunk_of(i), i, operand<reg>(c, i->reg), operand<rm>(c, i->rm), &c.s.vec[0]);
    if constexpr (flags) set_oszapc(c.s, u32(f));
    return c.next(i);
}
template <RegKind reg, unsigned n, bool aligned, bool flags>
const Insn* run_load(Cpu& c, const Insn* i) {
    alignas(32) u8 bytes[32];
    const auto v = c.load_at<Bytes<n>>(address<n>(c, i, aligned, Access::read));
    std::memcpy(bytes, &v, n);
    const u64 f = call(c, thunk_of(i), i, operand<reg>(c, i->reg), bytes, &c.s.vec[0]);
    if constexpr (flags) set_oszapc(c.s, u32(f));
    return c.next(i);
}

template <RegKind reg, bool flags>
Handler choose_load(const Insn& i, const SimdForm& f) {
    switch (f.memory_bytes(i)) {
        case 1: return prepare<run_load<reg, 1, false, flags>>;
        case 2: return prepare<run_load<reg, 2, false, flags>>;
        case 4: return prepare<run_load<reg, 4, false, flags>>;
        case 8: return prepare<run_load<reg, 8, false, flags>>;
        case 16:
            return f.aligned ? prepare<run_load<reg, 16, true, flags>>
                             : prepare<run_load<reg, 16, false, flags>>;
        default:
            return f.aligned ? prepare<run_load<reg, 32, true, flags>>
                             : prepare<run_load<reg, 32, false, flags>>;
    }
}

/// Null: not one of them.
Handler choose_common(const Insn& i, const SimdForm& f) {
    using K = RegKind;
    if (f.uses_mmx() || f.is4 || (i.memory && f.rm_written)) return nullptr;
    if (i.memory) {
        if (f.reg == K::gpr) return choose_load<K::gpr, false>(i, f);
        if (f.reg == K::xmm)
            return f.flags ? choose_load<K::xmm, true>(i, f) : choose_load<K::xmm, false>(i, f);
        return nullptr;
    }
    if (f.reg == K::xmm && f.rm == K::xmm)
        return f.flags ? prepare<run_registers<K::xmm, K::xmm, true>>
                       : prepare<run_registers<K::xmm, K::xmm, false>>;
    if (f.reg == K::gpr && f.rm == K::xmm) return prepare<run_registers<K::gpr, K::xmm, false>>;
    if (f.reg == K::xmm && f.rm == K::gpr) return prepare<run_registers<K::xmm, K::gpr, false>>;
    if (f.reg == K::none && f.rm == K::xmm) return prepare<run_registers<K::none, K::xmm, false>>;
    return nullptr;
}

// --- Everything else ---

const Insn* run_general(Cpu& c, const Insn* i) {
    const SimdForm& f = form_of(i->row);
    const SimdThunk thunk = c.fp->simd(*i);
    if (!thunk) c.raise(exc_ud);
    const bool mmx = f.uses_mmx() && !(f.mmx_register_only && i->memory);
    // Before the memory operand: a pending x87 error goes before a page fault.
    if (mmx) check_x87_pending(c);

    void* const reg = f.reg == RegKind::xmm ? &c.s.vec[i->reg]
                      : f.reg == RegKind::gpr || f.reg == RegKind::gpr8
                          ? gpr_pointer(c, f.reg, i->reg)
                          : nullptr;
    RmOperand rm(c, i, f);
    void* const extra = extra_operand(c, i, f);
    // Only now: filling the TLB may have called foreign code and emptied the host's registers for
    // it.
    if (mmx) enter_x87_checked(c);
    u64 flags;
    if (mmx && f.reg != RegKind::xmm && f.rm != RegKind::xmm) {
        flags = thunk(reg, nullptr, rm.at, extra);  // MXCSR has no say
    } else {
        flags = call(c, thunk, i, reg, rm.at, extra);
    }
    if (mmx) check_x87_after(c);
    rm.store(c, i, f);
    if (f.flags) set_oszapc(c.s, u32(flags));
    return c.next(i);
}

/// Between MMX registers: all operands are where the host's are.
const Insn* run_mmx(Cpu& c, const Insn* i) {
    enter_x87_checked(c);
    thunk_of(i)(nullptr, nullptr, nullptr, nullptr);
    check_x87_after(c);
    return c.next(i);
}

const Insn* run_string_compare(Cpu& c, const Insn* i) {
    alignas(32) u8 bytes[32];
    void* rm = bytes;
    if (i->memory)
        load_bytes(c, c.linear(i, 16, Access::read), bytes, 16);
    else
        rm = &c.s.vec[i->rm];
    const u64 flags = thunk_of(i)(&c.s.vec[i->reg], &c.s.vec[0], rm, c.s.regs.data());
    set_oszapc(c.s, u32(flags));
    return c.next(i);
}

}  // namespace

Handler bind_simd(const Insn& i, u32 mode) {
    const SimdForm& f = form_of(i.row);
    if (i.vex && f.vvvv == RegKind::none && i.vvvv != 0) return nullptr;
    if (f.string_compare) return prepare<run_string_compare>;
    const auto mmx_or_none = [](RegKind k) { return k == RegKind::mmx || k == RegKind::none; };
    if (f.uses_mmx() && !i.memory && mmx_or_none(f.reg) && mmx_or_none(f.rm))
        return prepare<run_mmx>;
    if (const Handler h = inline_handler(i)) return h;
    if (const Handler h = choose_common(i, f)) return h;
    return run_general;
}

}  // namespace i386::fp
