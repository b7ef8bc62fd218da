// SPDX-License-Identifier: GPL-2.0-or-later
//
// Number: a floating-point operand taken apart, the same whether it came from a half, a float, a
// double or an x87 register.
#pragma once

#include "target/i386/fp/portable/environment.h"

namespace i386::fp {

/// `unsupported`: the x87 encodings without a meaning since the 80387 (SDM volume 1, 8.2.2).
enum class Kind : u8 { zero, finite, infinity, quiet, signaling, unsupported };

/// A finite number is mantissa * 2^(exponent - 63) with bit 63 of the mantissa set. A NaN's
/// mantissa is its fraction below bit 63, which is set too.
struct Number {
    Kind kind = Kind::zero;
    bool sign = false;
    bool denormal = false;  ///< was encoded as one
    int exponent = 0;
    u64 mantissa = 0;

    bool nan() const { return kind >= Kind::quiet; }
    bool finite() const { return kind <= Kind::finite; }
};

/// Exponents are those of numbers in [1, 2).
struct Format {
    int precision;
    int least, most;

    constexpr int bias() const { return most; }
};
constexpr Format half_format{11, -14, 15}, single_format{24, -126, 127},
    double_format{53, -1022, 1023}, extended_format{64, -16382, 16383};

template <class T>
constexpr Format format_of = sizeof(T) == 2   ? half_format
                             : sizeof(T) == 4 ? single_format
                                              : double_format;

Number unpack(const Format& f, u64 bits);
/// Of a number as round() leaves it. One that does not fit, which only an unmasked exception
/// leaves, gives bits that nobody looks at.
u64 pack(const Format& f, const Number& n);
Number unpack(const Float80& f);
Float80 pack80(const Number& n);
Number number_of(i64 n);

/// The NaN of an invalid operation.
constexpr Number indefinite{Kind::quiet, true, false, 0, u64(3) << 62};
constexpr Number signed_zero(bool sign) {
    return {Kind::zero, sign};
}
constexpr Number signed_infinity(bool sign) {
    return {Kind::infinity, sign};
}
inline Number quieted(Number n) {
    n.kind = Kind::quiet;
    n.mantissa |= u64(1) << 62;
    return n;
}
inline Number negated(Number n) {
    n.sign = !n.sign;
    return n;
}

/// Of numbers that are no NaNs: -1, 0 or 1.
int compare(const Number& a, const Number& b);

}  // namespace i386::fp
