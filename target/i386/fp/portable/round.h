// SPDX-License-Identifier: GPL-2.0-or-later
//
// The last step of every operation: an exact result becomes one of the format.
#pragma once

#include "target/i386/fp/portable/number.h"

namespace i386::fp {

/// (mantissa + rest / 2^64) * 2^(exponent - 63), bit 63 of the mantissa set; the lowest bit of
/// `rest` also stands for everything below it. Zero: `mantissa` is 0.
struct Exact {
    bool sign;
    int exponent;
    u64 mantissa, rest = 0;
};
inline Exact exact(const Number& n) {
    return {n.sign, n.exponent, n.mantissa};
}

/// Raises overflow, underflow and precision as the environment's masks have it. A result that is
/// tiny is so after rounding (SDM volume 1, 4.9.1.5).
Number round(const Exact& e, const Format& f, Environment& env);

/// Rounds at the bit that is worth 2^`lowest`; the exponent may grow by one. Raises nothing.
struct Rounded {
    Exact value;
    bool inexact, up;
};
Rounded round_at(const Exact& e, int lowest, Rounding rounding);

/// To an integer that is a floating-point number.
Number round_to_integral(const Number& n, Environment& env);

/// To a signed integer of `bits`; null, with `invalid` raised, when it does not fit.
struct Integer {
    bool fits;
    i64 value;
};
Integer round_to_integer(const Number& n, unsigned bits, Environment& env);

}  // namespace i386::fp
