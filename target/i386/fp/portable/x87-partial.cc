// SPDX-License-Identifier: GPL-2.0-or-later
//
// FPREM, FPREM1, FSCALE, FXTRACT, FRNDINT.
#include "target/i386/fp/portable/big.h"
#include "target/i386/fp/portable/x87-call.h"

#include <algorithm>

namespace i386::fp {
namespace {

/// ST(0) from ST(0) and ST(1) by `f`, unless one of them is empty.
template <auto f>
void of_two(X87Call& s) {
    const auto r =
        s.compute(s.empty(0) || s.empty(1), [&] { return f(s, s.number(0), s.number(1)); });
    if (r) s.set(0, *r);
}

/// The quotient's lowest bits go to C1, C3 and C0; C2 says that the reduction is not complete.
void give_quotient(X87Call& s, unsigned q, bool partial) {
    s.env.up = q & 1;
    s.give_conditions((q & 2 ? status_c3 : 0u) | (q & 4 ? status_c0 : 0u) |
                      (partial ? status_c2 : 0u));
}

template <bool to_nearest>
Number remainder(X87Call& s, const Number& a, const Number& b) {
    if (a.nan() || b.nan()) return propagate(a, b, s.env);
    if (a.kind == Kind::infinity || b.kind == Kind::zero) return invalid_operation(s.env);
    note_denormals(a, b, s.env);
    if (a.kind == Kind::zero || b.kind == Kind::infinity) {
        give_quotient(s, 0, false);
        return round(exact(a), extended_format, s.env);
    }
    const int distance = a.exponent - b.exponent;
    const Big x(a);
    Big y(b), r;
    long q = 0;
    const bool partial = distance >= 64;
    if (partial) {
        // What is left has an exponent lower by 32 to 63 (SDM volume 2, FPREM).
        const int done = (distance & 31) | 32;
        mpfr_mul_2si(y, y, distance - done, MPFR_RNDZ);
        mpfr_fmod(r, x, y, MPFR_RNDZ);
    } else if (to_nearest) {
        mpfr_remquo(r, &q, x, y, MPFR_RNDZ);
    } else {
        mpfr_fmodquo(r, &q, x, y, MPFR_RNDZ);
    }
    give_quotient(s, unsigned(q < 0 ? -q : q), partial);
    Exact e = r.exact(false);
    if (!e.mantissa) return signed_zero(a.sign);
    const bool low_bit = s.env.up;
    const Number result = round(e, extended_format, s.env);
    s.env.up = low_bit;
    return result;
}

/// Without a quotient only C2 is given.
template <auto f>
void remainder_of_two(X87Call& s) {
    s.conditions_given = status_c2;
    of_two<f>(s);
    if (s.stopped()) s.conditions = 0, s.conditions_given = status_c2;
}

Number scale(X87Call& s, const Number& a, const Number& b) {
    if (a.nan() || b.nan()) return propagate(a, b, s.env);
    note_denormals(a, b, s.env);
    if (b.kind == Kind::infinity) {
        if (b.sign ? a.kind == Kind::infinity : a.kind == Kind::zero)
            return invalid_operation(s.env);
        return b.sign ? signed_zero(a.sign) : signed_infinity(a.sign);
    }
    if (a.kind != Kind::finite) return a;
    Environment truncating;
    truncating.rounding = Rounding::zero;
    const Integer by = round_to_integer(b, 32, truncating);
    Exact e = exact(a);
    // Beyond any result's exponent.
    constexpr i64 far = 1 << 17;
    const i64 n = by.fits ? by.value : b.sign ? -far : far;
    e.exponent += int(std::clamp(n, -far, far));
    const Number r = round(e, extended_format, s.env);
    // Out of range even after the scaling of unmasked overflow and underflow.
    const bool too_large = (s.env.unmasked() & overflow) && r.exponent > extended_format.most;
    const bool too_small = (s.env.unmasked() & underflow) && r.exponent < extended_format.least;
    if (!too_large && !too_small) return r;
    s.env.raise(precision);
    s.env.up = too_large;
    return too_large ? signed_infinity(a.sign) : signed_zero(a.sign);
}

}  // namespace

void x87_remainder(X87Call& s) {
    remainder_of_two<remainder<false>>(s);
}
void x87_ieee_remainder(X87Call& s) {
    remainder_of_two<remainder<true>>(s);
}
void x87_scale(X87Call& s) {
    of_two<scale>(s);
}

void x87_extract(X87Call& s) {
    Number exponent = indefinite, significand = indefinite;
    if (s.empty(0)) {
        if (s.underflowed()) return;
    } else if (!s.empty(7)) {
        if (s.overflowed()) return;
    } else {
        const Number n = s.number(0);
        if (n.nan()) {
            exponent = significand = propagate(n, s.env);
        } else if (n.kind == Kind::infinity) {
            exponent = signed_infinity(false), significand = n;
        } else if (n.kind == Kind::zero) {
            s.env.raise(zero_divide);
            exponent = signed_infinity(true), significand = n;
        } else {
            note_denormals(n, n, s.env);
            exponent = number_of(n.exponent);
            significand = {Kind::finite, n.sign, false, 0, n.mantissa};
        }
        if (s.stopped()) return;
    }
    s.set(0, exponent);
    s.push(significand);
}

void x87_round(X87Call& s) {
    const auto r = s.compute(s.empty(0), [&] {
        const Number n = s.number(0);
        if (n.nan()) return propagate(n, s.env);
        note_denormals(n, n, s.env);
        return round_to_integral(n, s.env);
    });
    if (r) s.set(0, *r);
}

}  // namespace i386::fp
