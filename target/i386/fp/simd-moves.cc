// SPDX-License-Identifier: GPL-2.0-or-later
//
// Vector moves that look at nothing: whole registers, and the low part of one, to and from memory
// or a general register.
#include "target/i386/fp/simd-form.h"
#include "target/i386/fp/simd-operands.h"
#include "target/i386/fp/simd.h"

namespace i386::fp {

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

// --- The low part of a register, to and from memory or a general register ---

namespace {

template <class T, bool vex>
const Insn* low_load(Cpu& c, const Insn* i) {
    const u64 v = i->memory ? c.load<T>(i) : T(c.s.regs[i->rm]);
    VectorReg& to = c.s.vec[i->reg];
    to.q[0] = v;
    to.q[1] = 0;
    if constexpr (vex) to.q[2] = to.q[3] = 0;
    return c.next(i);
}
template <class T>
const Insn* low_store(Cpu& c, const Insn* i) {
    c.store<T>(i, T(c.s.vec[i->reg].q[0]));
    return c.next(i);
}
template <class T>
const Insn* low_to_gpr(Cpu& c, const Insn* i) {
    c.s.regs[i->rm] = T(c.s.vec[i->reg].q[0]);
    return c.next(i);
}

template <class T>
Handler choose_low(const Insn& i, const SimdForm& f) {
    if (!f.rm_written) return i.vex ? low_load<T, true> : low_load<T, false>;
    return i.memory ? low_store<T> : low_to_gpr<T>;
}

}  // namespace

Handler bind_move_low(const Insn& i, u32 mode) {
    const SimdForm& f = form_of(i.row);
    if (!i.memory && f.rm != RegKind::gpr) return bind_simd(i, mode);
    if (i.vex && f.vvvv == RegKind::none && i.vvvv != 0) return nullptr;
    return f.memory_bytes(i) == 8 ? choose_low<u64>(i, f) : choose_low<u32>(i, f);
}

}  // namespace i386::fp
