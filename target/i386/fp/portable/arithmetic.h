// SPDX-License-Identifier: GPL-2.0-or-later
//
// The operations of IEEE 754 with the rules of x87 and SSE for operands that are not numbers
// (SDM volume 1, 4.8.3.5 and 4.9).
#pragma once

#include "target/i386/fp/portable/number.h"

namespace i386::fp {

using Binary = Number (*)(const Number& a, const Number& b, const Format& f, Environment& env);

Number add(const Number& a, const Number& b, const Format& f, Environment& env);
Number subtract(const Number& a, const Number& b, const Format& f, Environment& env);
Number multiply(const Number& a, const Number& b, const Format& f, Environment& env);
Number divide(const Number& a, const Number& b, const Format& f, Environment& env);
Number square_root(const Number& a, const Format& f, Environment& env);
/// a * b + c, rounded once. `negate`: -(a * b) + c.
Number multiply_add(const Number& a, const Number& b, const Number& c, bool negate, const Format& f,
                    Environment& env);

/// Raises `invalid` and gives the NaN that stands for it.
Number invalid_operation(Environment& env);
/// The NaN that an operation with at least one NaN gives.
Number propagate(const Number& a, const Number& b, Environment& env);
Number propagate(const Number& a, Environment& env);
/// Raises `denormal` if an operand is one.
inline void note_denormals(const Number& a, const Number& b, Environment& env) {
    if (a.denormal || b.denormal) env.raise(denormal);
}

}  // namespace i386::fp
