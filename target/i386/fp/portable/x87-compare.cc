// SPDX-License-Identifier: GPL-2.0-or-later
//
// FCOM and its relatives, FTST, FXAM (SDM volume 1, 8.3.6).
#include "target/i386/fp/portable/x87-call.h"

namespace i386::fp {
namespace {

constexpr unsigned not_comparable = status_c3 | status_c2 | status_c0;

template <bool quiet_too>
void compare_and_pop(X87Call& s, unsigned pops) {
    if (s.empty(0) || (!s.memory && s.empty(s.rm))) {
        s.give_conditions(not_comparable);
        s.underflowed();
    } else {
        s.give_conditions(x87_order(s.number(0), s.source(), quiet_too, s.env));
    }
    if (!s.stopped()) s.pop(pops);
}

}  // namespace

unsigned x87_order(const Number& a, const Number& b, bool quiet_too, Environment& env) {
    if (a.nan() || b.nan()) {
        if (quiet_too || a.kind > Kind::quiet || b.kind > Kind::quiet) env.raise(invalid);
        return not_comparable;
    }
    note_denormals(a, b, env);
    const int order = compare(a, b);
    return order < 0 ? status_c0 : order ? 0 : status_c3;
}

void x87_compare(X87Call& s) {
    compare_and_pop<true>(s, 0);
}
void x87_compare_pop(X87Call& s) {
    compare_and_pop<true>(s, 1);
}
void x87_compare_pop_both(X87Call& s) {
    compare_and_pop<true>(s, 2);
}
void x87_compare_unordered(X87Call& s) {
    compare_and_pop<false>(s, 0);
}
void x87_compare_unordered_pop(X87Call& s) {
    compare_and_pop<false>(s, 1);
}
void x87_compare_unordered_pop_both(X87Call& s) {
    compare_and_pop<false>(s, 2);
}

void x87_compare_flags(X87Call& s) {
    unsigned conditions = not_comparable;
    if (s.empty(0) || s.empty(s.rm)) {
        s.underflowed();
    } else {
        const bool quiet_too = s.digit == 6;
        conditions = x87_order(s.number(0), s.number(s.rm), quiet_too, s.env);
        s.keep_c1 = true;
    }
    // C3, C2 and C0 have the places of ZF, PF and CF, eight bits up.
    s.flags = conditions >> 8;
    if (s.opcode == 0xDF && !s.stopped()) s.pop();
}

void x87_test(X87Call& s) {
    if (s.empty(0)) {
        s.give_conditions(not_comparable);
        s.underflowed();
    } else {
        s.give_conditions(x87_order(s.number(0), Number(), true, s.env));
    }
}

void x87_examine(X87Call& s) {
    s.env.up = s.st(0).sign_exponent >> 15;
    if (s.empty(0)) return s.give_conditions(status_c3 | status_c0);
    const Number n = s.number(0);
    switch (n.kind) {
        case Kind::unsupported: return s.give_conditions(0);
        case Kind::quiet:
        case Kind::signaling: return s.give_conditions(status_c0);
        case Kind::infinity: return s.give_conditions(status_c2 | status_c0);
        case Kind::zero: return s.give_conditions(status_c3);
        case Kind::finite: s.give_conditions(n.denormal ? status_c3 | status_c2 : status_c2);
    }
}

}  // namespace i386::fp
