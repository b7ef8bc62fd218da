// SPDX-License-Identifier: GPL-2.0-or-later
//
// Arithmetic: what is special is settled here, MPFR computes the rest.
#include "target/i386/fp/portable/arithmetic.h"

#include "target/i386/fp/portable/big.h"

namespace i386::fp {
namespace {

/// x87: the NaN with the larger significand, a quiet one before a signalling one; SSE: the first
/// (SDM volume 1, table 4-7).
Number choose_nan(const Number& a, const Number& b, const Environment& env) {
    if (!a.nan()) return b;
    if (!b.nan()) return a;
    if (!env.x87) return a;
    if (a.kind != b.kind) return a.kind == Kind::quiet ? a : b;
    if (a.mantissa != b.mantissa) return a.mantissa > b.mantissa ? a : b;
    return a.sign ? b : a;
}

/// Both finite, at least one not zero.
Number sum(const Number& a, const Number& b, const Format& f, Environment& env) {
    note_denormals(a, b, env);
    const Big x(a), y(b);
    Big r;
    const bool inexact = mpfr_add(r, x, y, MPFR_RNDZ);
    Exact e = r.exact(inexact);
    if (!e.mantissa) e.sign = env.rounding == Rounding::down;
    return round(e, f, env);
}

}  // namespace

Number invalid_operation(Environment& env) {
    env.raise(invalid);
    return indefinite;
}

Number propagate(const Number& a, const Number& b, Environment& env) {
    if (a.kind == Kind::unsupported || b.kind == Kind::unsupported) return invalid_operation(env);
    if (a.kind == Kind::signaling || b.kind == Kind::signaling) env.raise(invalid);
    return quieted(choose_nan(a, b, env));
}
Number propagate(const Number& a, Environment& env) {
    return propagate(a, a, env);
}

Number add(const Number& a, const Number& b, const Format& f, Environment& env) {
    if (a.nan() || b.nan()) return propagate(a, b, env);
    if (a.kind == Kind::infinity && b.kind == Kind::infinity && a.sign != b.sign)
        return invalid_operation(env);
    if (!a.finite() || !b.finite()) {
        note_denormals(a, b, env);
        return a.finite() ? b : a;
    }
    if (a.kind == Kind::zero && b.kind == Kind::zero)
        return a.sign == b.sign ? a : signed_zero(env.rounding == Rounding::down);
    return sum(a, b, f, env);
}

Number subtract(const Number& a, const Number& b, const Format& f, Environment& env) {
    return add(a, b.nan() ? b : negated(b), f, env);
}

Number multiply(const Number& a, const Number& b, const Format& f, Environment& env) {
    if (a.nan() || b.nan()) return propagate(a, b, env);
    const bool sign = a.sign != b.sign, zero = a.kind == Kind::zero || b.kind == Kind::zero;
    if (!a.finite() || !b.finite()) {
        if (zero) return invalid_operation(env);
        note_denormals(a, b, env);
        return signed_infinity(sign);
    }
    note_denormals(a, b, env);
    if (zero) return signed_zero(sign);
    const Big x(a), y(b);
    Big r;
    const bool inexact = mpfr_mul(r, x, y, MPFR_RNDZ);
    return round(r.exact(inexact), f, env);
}

Number divide(const Number& a, const Number& b, const Format& f, Environment& env) {
    if (a.nan() || b.nan()) return propagate(a, b, env);
    const bool sign = a.sign != b.sign;
    if (a.kind == b.kind && a.kind != Kind::finite) return invalid_operation(env);
    if (b.kind == Kind::zero && a.kind == Kind::finite) {
        env.raise(zero_divide);
        return signed_infinity(sign);
    }
    note_denormals(a, b, env);
    if (a.kind == Kind::infinity || b.kind == Kind::zero) return signed_infinity(sign);
    if (a.kind == Kind::zero || b.kind == Kind::infinity) return signed_zero(sign);
    const Big x(a), y(b);
    Big r;
    const bool inexact = mpfr_div(r, x, y, MPFR_RNDZ);
    return round(r.exact(inexact), f, env);
}

Number square_root(const Number& a, const Format& f, Environment& env) {
    if (a.nan()) return propagate(a, env);
    if (a.kind == Kind::zero) return a;
    if (a.sign) return invalid_operation(env);
    note_denormals(a, a, env);
    if (a.kind == Kind::infinity) return a;
    const Big x(a);
    Big r;
    const bool inexact = mpfr_sqrt(r, x, MPFR_RNDZ);
    return round(r.exact(inexact), f, env);
}

Number multiply_add(const Number& a, const Number& b, const Number& c, bool negate, const Format& f,
                    Environment& env) {
    const bool sign = (a.sign != b.sign) != negate;
    const bool no_product = (a.kind == Kind::zero && b.kind == Kind::infinity) ||
                            (a.kind == Kind::infinity && b.kind == Kind::zero);
    if (a.nan() || b.nan() || c.nan()) {
        if (c.kind == Kind::signaling) env.raise(invalid);
        return a.nan() || b.nan() ? propagate(a, b, env) : propagate(c, env);
    }
    if (no_product) return invalid_operation(env);
    if (!a.finite() || !b.finite()) {
        if (!c.finite() && c.sign != sign) return invalid_operation(env);
        note_denormals(a, b, env);
        note_denormals(c, c, env);
        return signed_infinity(sign);
    }
    note_denormals(a, b, env);
    note_denormals(c, c, env);
    if (!c.finite()) return c;
    if (a.kind == Kind::zero || b.kind == Kind::zero) {
        if (c.kind != Kind::zero) return round(exact(c), f, env);
        return c.sign == sign ? c : signed_zero(env.rounding == Rounding::down);
    }
    const Big x(negate ? negated(a) : a), y(b), z(c);
    Big r;
    const bool inexact = mpfr_fma(r, x, y, z, MPFR_RNDZ);
    Exact e = r.exact(inexact);
    if (!e.mantissa) e.sign = env.rounding == Rounding::down;
    return round(e, f, env);
}

}  // namespace i386::fp
