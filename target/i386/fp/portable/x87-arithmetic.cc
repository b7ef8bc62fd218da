// SPDX-License-Identifier: GPL-2.0-or-later
//
// FADD, FSUB, FMUL, FDIV in all their forms, and FSQRT.
#include "target/i386/fp/portable/x87-call.h"

namespace i386::fp {
namespace {

/// f(ST(0), other), or the other way round with `reversed`, whichever is the destination.
template <Binary f, bool reversed>
void arithmetic(X87Call& s) {
    const unsigned to = !s.memory && (s.opcode & 4) ? s.rm : 0;
    const bool pops = !s.memory && s.opcode == 0xDE;
    const auto r = s.compute(s.empty(0) || (!s.memory && s.empty(s.rm)), [&] {
        const Number a = s.number(0), b = s.source();
        return reversed ? f(b, a, s.format(), s.env) : f(a, b, s.format(), s.env);
    });
    if (!r) return;
    s.set(to, *r);
    if (pops) s.pop();
}

}  // namespace

void x87_add(X87Call& s) {
    arithmetic<add, false>(s);
}
void x87_multiply(X87Call& s) {
    arithmetic<multiply, false>(s);
}
void x87_subtract(X87Call& s) {
    arithmetic<subtract, false>(s);
}
void x87_subtract_reversed(X87Call& s) {
    arithmetic<subtract, true>(s);
}
void x87_divide(X87Call& s) {
    arithmetic<divide, false>(s);
}
void x87_divide_reversed(X87Call& s) {
    arithmetic<divide, true>(s);
}

void x87_square_root(X87Call& s) {
    const auto root = [&] { return square_root(s.number(0), s.format(), s.env); };
    if (const auto r = s.compute(s.empty(0), root)) s.set(0, *r);
}

}  // namespace i386::fp
