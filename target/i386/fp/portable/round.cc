// SPDX-License-Identifier: GPL-2.0-or-later
//
// Rounding (SDM volume 1, 4.8.4 and 4.9.1).
#include "target/i386/fp/portable/round.h"

namespace i386::fp {
namespace {

/// The result of an unmasked x87 overflow or underflow is scaled into range (SDM volume 1,
/// 8.5.4).
constexpr int x87_scale = 24576;

bool away_from_zero(bool sign, Rounding r) {
    return r == (sign ? Rounding::down : Rounding::up);
}

Number finished(const Rounded& r, Environment& env) {
    env.up = r.up;
    if (!r.value.mantissa) return signed_zero(r.value.sign);
    return {Kind::finite, r.value.sign, false, r.value.exponent, r.value.mantissa};
}

Number overflowed(const Rounded& r, const Format& f, Environment& env) {
    env.raise(overflow);
    if (!(env.masks & overflow)) {
        if (r.inexact) env.raise(precision);
        Number n = finished(r, env);
        if (env.x87) n.exponent -= x87_scale;
        return n;
    }
    env.raise(precision);
    const bool sign = r.value.sign;
    env.up = env.rounding == Rounding::nearest || away_from_zero(sign, env.rounding);
    if (env.up) return signed_infinity(sign);
    return {Kind::finite, sign, false, f.most, ~u64(0) << (64 - f.precision)};
}

Number underflowed(const Exact& e, const Rounded& r, const Format& f, Environment& env) {
    if (!(env.masks & underflow)) {
        env.raise(underflow);
        if (r.inexact) env.raise(precision);
        Number n = finished(r, env);
        if (env.x87) n.exponent += x87_scale;
        return n;
    }
    if (env.ftz) {
        env.raise(underflow | precision);
        return signed_zero(e.sign);
    }
    const Rounded small = round_at(e, f.least - (f.precision - 1), env.rounding);
    if (small.inexact) env.raise(underflow | precision);
    return finished(small, env);
}

}  // namespace

Rounded round_at(const Exact& e, int lowest, Rounding rounding) {
    Rounded r{e, false, false};
    // How many of the 64 bits go; the unit of what stays is bit `drop` of the mantissa.
    const int drop = lowest - (e.exponent - 63);
    if (drop <= 0 && !e.rest) return r;
    u64 kept, half, below;  // half, below: the first bit that goes, and whether any other is set
    if (drop <= 0) {
        kept = e.mantissa, half = e.rest >> 63, below = e.rest << 1;
    } else if (drop < 64) {
        kept = e.mantissa >> drop << drop;
        half = e.mantissa >> (drop - 1) & 1;
        below = (e.mantissa & ((u64(1) << (drop - 1)) - 1)) | e.rest;
    } else {
        kept = 0;
        half = drop == 64 ? e.mantissa >> 63 : 0;
        below = drop == 64 ? e.mantissa << 1 | e.rest : 1;
    }
    r.inexact = half || below;
    const bool odd = drop < 64 && (drop <= 0 ? kept & 1 : kept >> drop & 1);
    r.up = rounding == Rounding::nearest ? half && (below || odd)
                                         : r.inexact && away_from_zero(e.sign, rounding);
    r.value.rest = 0;
    r.value.mantissa = kept;
    if (!r.up) return r;
    if (drop >= 64) {
        r.value.mantissa = u64(1) << 63;
        r.value.exponent = lowest;
        return r;
    }
    r.value.mantissa += u64(1) << (drop > 0 ? drop : 0);
    if (r.value.mantissa < kept) {
        r.value.mantissa = u64(1) << 63;
        r.value.exponent++;
    }
    return r;
}

Number round(const Exact& e, const Format& f, Environment& env) {
    env.up = false;
    if (!e.mantissa) return signed_zero(e.sign);
    const Rounded r = round_at(e, e.exponent - (f.precision - 1), env.rounding);
    if (r.value.exponent > f.most) return overflowed(r, f, env);
    if (r.value.exponent < f.least) return underflowed(e, r, f, env);
    if (r.inexact) env.raise(precision);
    return finished(r, env);
}

Number round_to_integral(const Number& n, Environment& env) {
    if (n.kind != Kind::finite) return n;
    const Rounded r = round_at(exact(n), 0, env.rounding);
    if (r.inexact) env.raise(precision);
    return finished(r, env);
}

Integer round_to_integer(const Number& n, unsigned bits, Environment& env) {
    if (n.kind == Kind::zero) return {true, 0};
    const u64 limit = u64(1) << (bits - 1);
    if (n.kind == Kind::finite && n.exponent < 64) {
        const Rounded r = round_at(exact(n), 0, env.rounding);
        const Exact& v = r.value;
        const u64 magnitude =
            v.mantissa ? v.exponent > 63 ? ~u64(0) : v.mantissa >> (63 - v.exponent) : 0;
        if (magnitude < limit || (n.sign && magnitude == limit)) {
            if (r.inexact) env.raise(precision);
            env.up = r.up;
            return {true, i64(n.sign ? 0 - magnitude : magnitude)};
        }
    }
    env.raise(invalid);
    return {false, i64(0 - limit)};
}

}  // namespace i386::fp
