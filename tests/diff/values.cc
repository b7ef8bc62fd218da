// SPDX-License-Identifier: GPL-2.0-or-later
//
// Operand values worth trying. One random number a statement, so that every compiler draws them in
// the same order.
#include "tests/diff/values.h"

#include <bit>
#include <cstring>

namespace diff {

std::uint64_t interesting_integer(Random& r) {
    switch (r.below(8)) {
        case 0: return r.below(4);
        case 1: return r.below(256);
        case 2: return ~r.below(4);
        case 3: {
            const std::uint64_t power = std::uint64_t(1) << r.below(64);
            return power - r.below(2);
        }
        case 4: return std::uint64_t(0x80000000) + r.below(3) - 1;
        case 5: return r.next() >> r.below(64);
        default: return r.next();
    }
}

std::uint64_t interesting_float(Random& r, unsigned bits) {
    const unsigned mantissa_bits = bits == 32 ? 23 : 52, exponent_bits = bits - 1 - mantissa_bits;
    const std::uint64_t all_exponent = (std::uint64_t(1) << exponent_bits) - 1;
    const std::uint64_t bias = all_exponent >> 1;
    std::uint64_t exponent, mantissa = r.next() & ((std::uint64_t(1) << mantissa_bits) - 1);
    if (r.one_in(3)) mantissa = 0;
    if (r.one_in(8)) mantissa = (std::uint64_t(1) << (mantissa_bits - 1)) + r.below(2);
    if (r.one_in(4)) mantissa &= ~std::uint64_t(0) << r.below(mantissa_bits);
    switch (r.below(8)) {
        case 0: exponent = 0; break;
        case 1: exponent = all_exponent; break;
        case 2: exponent = bias + r.below(70) - 5; break;
        case 3: exponent = 1 + r.below(3); break;
        case 4: exponent = all_exponent - 1 - r.below(3); break;
        case 5: exponent = r.next() & all_exponent; break;
        default: exponent = bias + r.below(8) - 4; break;
    }
    return (r.next() & 1) << (bits - 1) | exponent << mantissa_bits | mantissa;
}

void random_vector(Random& r, std::uint8_t* out, std::size_t size) {
    const auto kind = r.below(8);
    for (std::size_t i = 0; i < size; i += 8) {
        std::uint64_t v;
        if (kind < 3)
            v = interesting_float(r, 64);
        else if (kind < 6) {
            v = interesting_float(r, 32);
            v |= interesting_float(r, 32) << 32;
        } else
            v = r.one_in(4) ? interesting_integer(r) : r.next();
        std::memcpy(out + i, &v, std::min<std::size_t>(8, size - i));
    }
}

void random_float80(Random& r, std::array<std::uint8_t, 10>& out) {
    std::uint64_t mantissa = r.next() | std::uint64_t(1) << 63;
    unsigned exponent = 16383 + unsigned(r.below(16)) - 8;
    switch (r.below(10)) {
        case 0:
            exponent = 0;
            mantissa = r.one_in(2) ? 0 : r.next() >> (r.below(64));
            break;
        case 1:
            exponent = 0x7FFF;
            mantissa = std::uint64_t(1) << 63 | (r.one_in(3) ? 0 : r.next());
            break;
        case 2: exponent = unsigned(r.below(0x8000)); break;
        case 3: mantissa = interesting_integer(r); break;  // unnormals and pseudo-denormals too
        case 4: exponent = 16383 + unsigned(r.below(80)) - 10; break;
        case 5:
            exponent = r.one_in(2) ? 1 + unsigned(r.below(3)) : 0x7FFE - unsigned(r.below(3));
            break;
        case 6: mantissa = std::uint64_t(1) << 63; break;
        case 7: {  // an integer
            std::uint64_t n = interesting_integer(r) | 1;
            const auto shift = unsigned(std::countl_zero(n));
            mantissa = n << shift;
            exponent = 16383 + 63 - shift;
            break;
        }
        default: break;
    }
    std::memcpy(out.data(), &mantissa, 8);
    out[8] = static_cast<std::uint8_t>(exponent);
    out[9] = static_cast<std::uint8_t>(exponent >> 8 | (r.next() & 1) << 7);
}

void random_fp_state(Random& r, CpuImage& image, bool unmasked) {
    image.mxcsr = 0x1F80;
    if (r.one_in(2)) {
        image.mxcsr |= std::uint32_t(r.below(4)) << 13;
        image.mxcsr |= std::uint32_t(r.next() & 0x8040);
        image.mxcsr |= std::uint32_t(r.below(64));
    }
    if (unmasked && r.one_in(4)) image.mxcsr &= ~(std::uint32_t(r.below(64)) << 7);
    // A set flag with its exception unmasked is legal and raises nothing.
    image.fcw = 0x37F;
    if (r.one_in(2)) {
        image.fcw = std::uint16_t(0x7F | r.below(4) << 10);
        image.fcw |= std::uint16_t(std::array<unsigned, 4>{0, 2, 3, 3}[r.below(4)] << 8);
    }
    if (unmasked && r.one_in(4)) image.fcw &= std::uint16_t(~r.below(64));
    const unsigned top = unsigned(r.below(8));
    image.fsw = std::uint16_t(top << 11 | (r.next() & 0x4700));
    if (r.one_in(3)) image.fsw |= std::uint16_t(r.below(0x80));
    if (image.fsw & ~image.fcw & 0x3F) image.fsw |= 0x8080;
    switch (r.below(4)) {
        case 0: image.ftw = 0xFF; break;
        case 1: image.ftw = std::uint16_t(r.below(256)); break;
        case 2: image.ftw = 0; break;
        default:  // as programs have it: the top few are full
            for (unsigned n = unsigned(r.below(8)) + 1, i = 0; i < n; i++)
                image.ftw |= std::uint16_t(1 << ((top + i) & 7));
    }
    for (auto& st : image.st)
        random_float80(r, st);
}

}  // namespace diff
