// SPDX-License-Identifier: GPL-2.0-or-later
//
// The encodings of floating-point numbers (SDM volume 1, 4.2 and 8.2).
#include "target/i386/fp/portable/number.h"

#include <bit>

namespace i386::fp {
namespace {

void normalize(Number& n) {
    const int shift = std::countl_zero(n.mantissa);
    n.mantissa <<= shift;
    n.exponent -= shift;
}

}  // namespace

Number unpack(const Format& f, u64 bits) {
    const int fraction_bits = f.precision - 1;
    const u64 fraction = bits & ((u64(1) << fraction_bits) - 1);
    const unsigned top = unsigned(f.most) * 2 + 1;
    const unsigned exponent = unsigned(bits >> fraction_bits) & top;
    Number n;
    n.sign = bits >> (fraction_bits + std::bit_width(top)) & 1;
    n.exponent = int(exponent) - f.bias();
    n.mantissa = fraction << (63 - fraction_bits) | u64(1) << 63;
    if (exponent == top) {
        n.kind = !fraction                         ? Kind::infinity
                 : fraction >> (fraction_bits - 1) ? Kind::quiet
                                                   : Kind::signaling;
    } else if (exponent) {
        n.kind = Kind::finite;
    } else if (fraction) {
        n.kind = Kind::finite;
        n.denormal = true;
        n.exponent = f.least;
        n.mantissa = fraction << (63 - fraction_bits);
        normalize(n);
    }
    return n;
}

u64 pack(const Format& f, const Number& n) {
    const int fraction_bits = f.precision - 1;
    const u64 top = u64(f.most) * 2 + 1;
    u64 exponent = 0, fraction = 0;
    switch (n.kind) {
        case Kind::zero: break;
        case Kind::finite: {
            const int below = f.least - n.exponent;
            exponent = below > 0 ? 0 : u64(n.exponent + f.bias());
            if (below <= fraction_bits)
                fraction = n.mantissa >> (63 - fraction_bits + (below > 0 ? below : 0));
            break;
        }
        case Kind::infinity: exponent = top; break;
        default:
            exponent = top;
            fraction = n.mantissa >> (63 - fraction_bits);
            break;
    }
    fraction &= (u64(1) << fraction_bits) - 1;
    return u64(n.sign) << (fraction_bits + std::bit_width(top)) | exponent << fraction_bits |
           fraction;
}

Number unpack(const Float80& f) {
    const unsigned exponent = f.sign_exponent & 0x7FFF;
    Number n;
    n.sign = f.sign_exponent >> 15;
    n.mantissa = f.mantissa;
    n.exponent = int(exponent) - extended_format.bias();
    if (exponent == 0) {
        if (!f.mantissa) return n;
        n.kind = Kind::finite;
        n.denormal = true;  // or a pseudo-denormal, which counts as one
        n.exponent = extended_format.least;
        normalize(n);
    } else if (!(f.mantissa >> 63)) {
        n.kind = Kind::unsupported;
    } else if (exponent == 0x7FFF) {
        const u64 fraction = f.mantissa << 1;
        n.kind = !fraction ? Kind::infinity : fraction >> 63 ? Kind::quiet : Kind::signaling;
    } else {
        n.kind = Kind::finite;
    }
    return n;
}

Float80 pack80(const Number& n) {
    const u16 sign = u16(n.sign << 15);
    switch (n.kind) {
        case Kind::zero: return {0, sign};
        case Kind::finite: {
            const int below = extended_format.least - n.exponent;
            if (below > 63) return {0, sign};
            if (below > 0) return {n.mantissa >> below, sign};
            return {n.mantissa, u16(sign | (n.exponent + extended_format.bias()))};
        }
        case Kind::infinity: return {u64(1) << 63, u16(sign | 0x7FFF)};
        default: return {n.mantissa, u16(sign | 0x7FFF)};
    }
}

Number number_of(i64 v) {
    if (!v) return {};
    Number n{Kind::finite, v < 0, false, 63, v < 0 ? 0 - u64(v) : u64(v)};
    normalize(n);
    return n;
}

int compare(const Number& a, const Number& b) {
    const auto magnitude = [](const Number& x, const Number& y) {
        if (x.kind != y.kind) return x.kind < y.kind ? -1 : 1;
        if (x.kind != Kind::finite) return 0;
        if (x.exponent != y.exponent) return x.exponent < y.exponent ? -1 : 1;
        return x.mantissa < y.mantissa ? -1 : x.mantissa > y.mantissa;
    };
    if (a.kind == Kind::zero && b.kind == Kind::zero) return 0;
    if (a.sign != b.sign) return a.sign ? -1 : 1;
    return a.sign ? magnitude(b, a) : magnitude(a, b);
}

}  // namespace i386::fp
