// SPDX-License-Identifier: GPL-2.0-or-later
//
// Elements of vectors as numbers, and the mandatory prefix that says which elements.
#pragma once

#include "target/i386/fp/portable/number.h"
#include "target/i386/fp/portable/simd-call.h"

namespace i386::fp {

/// Element `n` as an operand: a denormal is zero where MXCSR.DAZ says so.
template <class T>
Number number(const SimdCall& s, const Vector& v, unsigned n) {
    const Number x = unpack(format_of<T>, v.get<T>(n));
    return x.denormal && s.env.daz ? signed_zero(x.sign) : x;
}
template <class T>
void set_number(Vector& v, unsigned n, const Number& x) {
    v.set(n, T(pack(format_of<T>, x)));
}

/// Calls `f` with an element's type for each element: all of them without a prefix (single) or with
/// 66 (double), the lowest with F3 or F2.
template <class F>
void by_prefix(const SimdCall& s, F f) {
    const auto all = [&]<class T>(T, unsigned count) {
        for (unsigned n = 0; n < count; n++)
            f(T(), n);
    };
    switch (s.prefix) {
        case Prefix::p66: return all(u64(), s.count<u64>());
        case Prefix::f3: return all(u32(), 1);
        case Prefix::f2: return all(u64(), 1);
        default: return all(u32(), s.count<u32>());
    }
}

}  // namespace i386::fp
