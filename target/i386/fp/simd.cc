// SPDX-License-Identifier: GPL-2.0-or-later
//
// SSE and AVX by thunks: finds the operands, calls the thunk, turns what MXCSR says into #XM.
#include "target/i386/fp/simd.h"

#include "target/i386/fp/unit.h"

#include <string_view>

namespace i386::fp {
namespace {

template <unsigned n>
struct Bytes {
    u8 b[n];
};

constexpr u32 mxcsr_masks = 0x1F80;

[[noreturn]] void raise_simd(Cpu& c) {
    c.raise(c.s.cr4 & cr4_osxmmexcpt ? u8(exc_xm) : u8(exc_ud));
}

/// The call of a thunk with the guest's MXCSR in effect.
inline u64 call(Cpu& c, Unit& u, const Insn* i, void* reg, void* rm, void* extra) {
    void* vvvv = &c.s.vec[i->vvvv];
    if (!u.mxcsr_is_live()) [[unlikely]] {
        if ((c.s.mxcsr & mxcsr_masks) != mxcsr_masks) {
            u64 result;
            if (!u.run_unmasked(*i, reg, vvvv, rm, extra, result)) raise_simd(c);
            return result;
        }
        u.enter_mxcsr();
    }
    return u.simd(*i)(reg, vvvv, rm, extra);
}

template <unsigned n>
inline u64 address(Cpu& c, const Insn* i, bool aligned, Access access) {
    const u64 a = c.linear(i, n, access);
    if (aligned && (a & (n - 1))) c.raise(exc_gp, 0);
    return a;
}

// --- The common shapes, all on XMM registers ---

const Insn* run_rr(Cpu& c, const Insn* i) {
    call(c, *c.fp, i, &c.s.vec[i->reg], &c.s.vec[i->rm], nullptr);
    return c.next(i);
}
template <unsigned n, bool aligned>
const Insn* run_load(Cpu& c, const Insn* i) {
    alignas(32) u8 operand[32];
    const auto v = c.load_at<Bytes<n>>(address<n>(c, i, aligned, Access::read));
    std::memcpy(operand, &v, n);
    call(c, *c.fp, i, &c.s.vec[i->reg], operand, nullptr);
    return c.next(i);
}

// --- Everything else ---

void* gpr_pointer(Cpu& c, RegKind kind, unsigned number) {
    auto* base = reinterpret_cast<u8*>(c.s.regs.data());
    return kind == RegKind::gpr8 ? base + number : base + number * 8;
}

void load_bytes(Cpu& c, u64 linear, u8* out, unsigned n) {
    const auto get = [&]<unsigned size>() {
        const auto v = c.load_at<Bytes<size>>(linear);
        std::memcpy(out, &v, size);
    };
    switch (n) {
        case 1: return get.template operator()<1>();
        case 2: return get.template operator()<2>();
        case 4: return get.template operator()<4>();
        case 8: return get.template operator()<8>();
        case 16: return get.template operator()<16>();
        default: return get.template operator()<32>();
    }
}
void store_bytes(Cpu& c, u64 linear, const u8* in, unsigned n) {
    const auto put = [&]<unsigned size>() {
        Bytes<size> v;
        std::memcpy(&v, in, size);
        c.store_at(linear, v);
    };
    switch (n) {
        case 1: return put.template operator()<1>();
        case 2: return put.template operator()<2>();
        case 4: return put.template operator()<4>();
        case 8: return put.template operator()<8>();
        case 16: return put.template operator()<16>();
        default: return put.template operator()<32>();
    }
}

const Insn* run_general(Cpu& c, const Insn* i) {
    Unit& u = *c.fp;
    const SimdForm& f = form_of(i->row);
    const bool mmx = f.uses_mmx();
    // Before the memory operand: a pending x87 error goes before a page fault.
    if (mmx) check_x87_pending(c);

    void* reg = f.reg == RegKind::xmm ? &c.s.vec[i->reg]
                : f.reg == RegKind::none
                    ? nullptr
                    : gpr_pointer(c, f.reg, f.reg == RegKind::mmx ? 0 : i->reg);
    if (f.reg == RegKind::mmx) reg = nullptr;
    alignas(32) u8 operand[32] = {};
    void* rm = operand;
    u64 linear = 0;
    const unsigned n = f.memory_bytes(*i);
    if (i->memory) {
        linear = c.linear(i, n, f.rm_written ? Access::write : Access::read);
        if (f.aligned && (linear & (n - 1))) c.raise(exc_gp, 0);
        if (f.rm_written)
            c.check_write(linear, n);
        else
            load_bytes(c, linear, operand, n);
    } else if (f.rm == RegKind::xmm) {
        rm = &c.s.vec[i->rm];
    } else if (f.rm == RegKind::gpr || f.rm == RegKind::gpr8) {
        rm = gpr_pointer(c, f.rm, i->rm);
    }
    void* extra = f.is4              ? &c.s.vec[i->imm >> 4 & (c.code64() ? 15 : 7)]
                  : f.xmm0           ? &c.s.vec[0]
                  : f.string_compare ? static_cast<void*>(&c.s.regs[rax])
                                     : nullptr;
    // Only now: filling the TLB may have called foreign code and emptied the host's registers for
    // it.
    if (mmx) enter_x87_checked(c);
    u64 flags;
    if (mmx && f.reg != RegKind::xmm && f.rm != RegKind::xmm) {
        flags = u.simd(*i)(reg, nullptr, rm, extra);  // MXCSR has no say
    } else {
        flags = call(c, u, i, reg, rm, extra);
    }
    if (i->memory && f.rm_written) store_bytes(c, linear, operand, n);
    if (f.flags) set_oszapc(c.s, u32(flags));
    return c.next(i);
}

const Insn* run_string_compare(Cpu& c, const Insn* i) {
    Unit& u = *c.fp;
    alignas(32) u8 operand[32];
    void* rm = operand;
    if (i->memory)
        load_bytes(c, c.linear(i, 16, Access::read), operand, 16);
    else
        rm = &c.s.vec[i->rm];
    const u64 flags = u.simd(*i)(&c.s.vec[i->reg], &c.s.vec[0], rm, c.s.regs.data());
    set_oszapc(c.s, u32(flags));
    return c.next(i);
}

}  // namespace

Handler bind_simd(const Insn& i, u32 mode) {
    const SimdForm& f = form_of(i.row);
    if (i.vex && f.vvvv == RegKind::none && i.vvvv != 0) return nullptr;
    if (f.string_compare) return run_string_compare;
    const bool plain =
        f.reg == RegKind::xmm && !f.flags && !f.is4 && !f.xmm0 && !f.vvvv_written && !f.rm_written;
    if (plain && !i.memory && f.rm == RegKind::xmm) return run_rr;
    if (plain && i.memory) {
        switch (f.memory_bytes(i)) {
            case 4: return run_load<4, false>;
            case 8: return run_load<8, false>;
            case 16: return f.aligned ? run_load<16, true> : run_load<16, false>;
            case 32: return f.aligned ? run_load<32, true> : run_load<32, false>;
            default: break;
        }
    }
    return run_general;
}

// --- Moves of whole registers ---

namespace {

template <bool vex, unsigned n>
void put(VectorReg& to, const Bytes<n>& v) {
    std::memcpy(&to, &v, n);
    if constexpr (vex && n < 32) to.q[2] = to.q[3] = 0;
}
template <unsigned n>
Bytes<n> get(const VectorReg& from) {
    Bytes<n> v;
    std::memcpy(&v, &from, n);
    return v;
}
template <bool vex, unsigned n>
const Insn* move_rr(Cpu& c, const Insn* i) {
    put<vex, n>(c.s.vec[i->reg], get<n>(c.s.vec[i->rm]));
    return c.next(i);
}
template <bool vex, unsigned n>
const Insn* move_rr_store(Cpu& c, const Insn* i) {
    put<vex, n>(c.s.vec[i->rm], get<n>(c.s.vec[i->reg]));
    return c.next(i);
}
template <bool vex, unsigned n, bool aligned>
const Insn* move_load(Cpu& c, const Insn* i) {
    put<vex, n>(c.s.vec[i->reg], c.load_at<Bytes<n>>(address<n>(c, i, aligned, Access::read)));
    return c.next(i);
}
template <bool vex, unsigned n, bool aligned>
const Insn* move_store(Cpu& c, const Insn* i) {
    c.store_at(address<n>(c, i, aligned, Access::write), get<n>(c.s.vec[i->reg]));
    return c.next(i);
}

template <bool vex, unsigned n>
Handler choose_move(const Insn& i, const SimdForm& f) {
    if (!i.memory) return f.rm_written ? move_rr_store<vex, n> : move_rr<vex, n>;
    if (f.rm_written) return f.aligned ? move_store<vex, n, true> : move_store<vex, n, false>;
    return f.aligned ? move_load<vex, n, true> : move_load<vex, n, false>;
}

}  // namespace

Handler bind_move(const Insn& i, u32 mode) {
    const SimdForm& f = form_of(i.row);
    if (i.vex && i.vvvv != 0) return nullptr;
    if (!i.vex) return choose_move<false, 16>(i, f);
    return i.vex256 ? choose_move<true, 32>(i, f) : choose_move<true, 16>(i, f);
}

}  // namespace i386::fp
