// SPDX-License-Identifier: GPL-2.0-or-later
//
// Exponentials, logarithms and trigonometry: rounded correctly from 128 bits. Real processors are
// off by up to an ulp, each in its own way (SDM volume 1, 8.3.10), so their last bit, `precision`
// and C1 may differ from what is given here.
#include "target/i386/fp/portable/big.h"
#include "target/i386/fp/portable/x87-call.h"

namespace i386::fp {
namespace {

Number finish(const Big& b, bool inexact, Environment& env) {
    free_constants_with_thread();
    return round(b.exact(inexact), extended_format, env);
}

/// 2^x - 1. Beyond -1 to 1 the result is undefined (SDM volume 2, F2XM1); processors leave x.
Number exponential(const Number& x, Environment& env) {
    if (x.nan()) return propagate(x, env);
    if (x.kind == Kind::infinity) return x.sign ? negated(number_of(1)) : x;
    note_denormals(x, x, env);
    if (x.kind == Kind::zero) return x;
    if (x.exponent > 0 || (x.exponent == 0 && x.mantissa << 1)) {
        env.raise(precision);
        return x;
    }
    const Big v(x);
    Big r;
    const bool inexact = mpfr_exp2m1(r, v, MPFR_RNDZ);
    return finish(r, inexact, env);
}

/// What a logarithm does at its operand: where it is zero, and where minus infinity.
struct Logarithm {
    int (*f)(mpfr_ptr, mpfr_srcptr, mpfr_rnd_t);
    bool negative, vanishes, pole;
};
/// y times the logarithm of x.
Number scaled(const Logarithm& log, const Number& x, const Number& y, Environment& env) {
    const bool sign = y.sign != log.negative;
    const bool zero = log.vanishes || y.kind == Kind::zero;
    const bool infinite = log.pole || x.kind == Kind::infinity || y.kind == Kind::infinity;
    if (zero && infinite) return invalid_operation(env);
    if (log.pole && y.kind == Kind::finite) {
        env.raise(zero_divide);
        return signed_infinity(sign);
    }
    note_denormals(x, y, env);
    if (infinite) return signed_infinity(sign);
    if (zero) return signed_zero(sign);
    const Big v(x), factor(y);
    Big r;
    bool inexact = log.f(r, v, MPFR_RNDZ);
    inexact |= mpfr_mul(r, r, factor, MPFR_RNDZ) != 0;
    return finish(r, inexact, env);
}
/// y * log2(x).
Number logarithm(const Number& x, const Number& y, Environment& env) {
    if (x.nan() || y.nan()) return propagate(x, y, env);
    if (x.sign && x.kind != Kind::zero) return invalid_operation(env);
    const int order = compare(x, number_of(1));
    return scaled({mpfr_log2, order < 0, order == 0, x.kind == Kind::zero}, x, y, env);
}
/// y * log2(x + 1); undefined for x beyond 1 - sqrt(1/2) in magnitude.
Number logarithm_of_one_and(const Number& x, const Number& y, Environment& env) {
    if (x.nan() || y.nan()) return propagate(x, y, env);
    const int order = compare(x, number_of(-1));
    if (order < 0) return invalid_operation(env);
    return scaled({mpfr_log2p1, x.sign, x.kind == Kind::zero, order == 0}, x, y, env);
}

/// The angle of the point (x, y).
Number arctangent(const Number& x, const Number& y, Environment& env) {
    if (x.nan() || y.nan()) return propagate(x, y, env);
    note_denormals(x, y, env);
    if (y.kind == Kind::zero && !x.sign) return y;
    const auto big = [](Big& b, const Number& n) {
        if (n.kind == Kind::infinity)
            mpfr_set_inf(b, n.sign ? -1 : 1);
        else
            b.set(n);
    };
    Big v, w, r;
    big(v, x);
    big(w, y);
    if (x.kind == Kind::infinity && !x.sign && y.finite()) return signed_zero(y.sign);
    const bool inexact = mpfr_atan2(r, w, v, MPFR_RNDZ);
    return finish(r, inexact, env);
}

/// Operands from 2^63 on are left alone, with C2 set.
bool in_range(X87Call& s, const Number& x) {
    const bool far = x.kind == Kind::finite && x.exponent >= 63;
    s.conditions = far ? status_c2 : u16(0);
    return !far;
}

/// An angle less the nearest multiple of a quarter turn. Processors have pi with 66 bits for that
/// (SDM volume 1, 8.3.8), which tells in the results near its multiples.
struct Reduced {
    Big angle;
    long quarters = 0;

    explicit Reduced(const Number& x) {
        Big quarter(Number{Kind::finite, false, false, 0, 0xC90FDAA22168C234}), rest;
        mpfr_set_ui_2exp(rest, 3, -65, MPFR_RNDZ);
        mpfr_add(quarter, quarter, rest, MPFR_RNDZ);
        const Big v(x);
        mpfr_remquo(angle, &quarters, v, quarter, MPFR_RNDZ);
    }
};

enum class Function : u8 { sine, cosine, tangent };

template <Function f>
Number of_angle(const Number& x, Environment& env) {
    if (x.nan()) return propagate(x, env);
    if (x.kind == Kind::infinity) return invalid_operation(env);
    note_denormals(x, x, env);
    if (x.kind == Kind::zero) return f == Function::cosine ? number_of(1) : x;
    const Reduced r(x);
    const bool odd = r.quarters & 1;
    Big b;
    bool inexact;
    if constexpr (f == Function::tangent) {
        inexact = odd ? mpfr_cot(b, r.angle, MPFR_RNDZ) : mpfr_tan(b, r.angle, MPFR_RNDZ);
        if (odd) mpfr_neg(b, b, MPFR_RNDZ);
    } else {
        // cos(x) is sin(x + a quarter turn).
        const long quarters = r.quarters + (f == Function::cosine);
        inexact = quarters & 1 ? mpfr_cos(b, r.angle, MPFR_RNDZ) : mpfr_sin(b, r.angle, MPFR_RNDZ);
        if (quarters & 2) mpfr_neg(b, b, MPFR_RNDZ);
    }
    return finish(b, inexact, env);
}

template <auto f>
void of_one(X87Call& s) {
    if (const auto r = s.compute(s.empty(0), [&] { return f(s.number(0), s.env); })) s.set(0, *r);
}
/// Of ST(0) and ST(1), into ST(1), and ST(0) goes.
template <auto f>
void of_two(X87Call& s) {
    const auto r =
        s.compute(s.empty(0) || s.empty(1), [&] { return f(s.number(0), s.number(1), s.env); });
    if (!r) return;
    s.set(1, *r);
    s.pop();
}
template <Function f>
void trigonometric(X87Call& s) {
    s.conditions_given = status_c2;
    if (!s.empty(0) && !in_range(s, s.number(0))) return;
    of_one<of_angle<f>>(s);
}
/// ST(0) becomes `first`, and `second` is pushed.
template <auto first, auto second>
void trigonometric_pushing(X87Call& s) {
    s.conditions_given = status_c2;
    Number a = indefinite, b = indefinite;
    if (s.empty(0)) {
        if (s.underflowed()) return;
    } else if (!s.empty(7)) {
        if (s.overflowed()) return;
    } else {
        const Number x = s.number(0);
        if (!in_range(s, x)) return;
        a = first(x, s.env);
        const bool up = s.env.up;
        b = second(x, s.env);
        s.env.up |= up;
        if (s.stopped()) return;
    }
    s.set(0, a);
    s.push(b);
}
Number one_or_nan(const Number& x, Environment& env) {
    if (x.nan()) return propagate(x, env);
    return x.kind == Kind::infinity ? indefinite : number_of(1);
}

}  // namespace

void x87_exponential(X87Call& s) {
    of_one<exponential>(s);
}
void x87_logarithm(X87Call& s) {
    of_two<logarithm>(s);
}
void x87_logarithm_of_one_and(X87Call& s) {
    of_two<logarithm_of_one_and>(s);
}
void x87_arctangent(X87Call& s) {
    of_two<arctangent>(s);
}
void x87_sine(X87Call& s) {
    trigonometric<Function::sine>(s);
}
void x87_cosine(X87Call& s) {
    trigonometric<Function::cosine>(s);
}
void x87_sine_cosine(X87Call& s) {
    trigonometric_pushing<of_angle<Function::sine>, of_angle<Function::cosine>>(s);
}
void x87_tangent(X87Call& s) {
    trigonometric_pushing<of_angle<Function::tangent>, one_or_nan>(s);
}

}  // namespace i386::fp
