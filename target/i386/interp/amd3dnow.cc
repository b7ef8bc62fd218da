// SPDX-License-Identifier: GPL-2.0-or-later
//
// 3DNow! and its extensions (AMD publications 21928 and 22466): two single-precision numbers in an
// MMX register. No host that runs this has the instructions, so they are computed here: rounded to
// nearest, denormals read and written as zero, overflows as the largest number, no exceptions.
#include "target/i386/interp/bind.h"

#include "target/i386/fp/simd.h"
#include "target/i386/fp/unit.h"

#include <bit>
#include <cmath>
#include <limits>

namespace i386 {

namespace {

using Pair = std::array<u32, 2>;
constexpr u32 sign_bit = 0x80000000, largest = 0x7f7fffff;

float number(u32 bits) {
    return std::bit_cast<float>(bits & 0x7f800000 ? bits : bits & sign_bit);
}
u32 result(float f) {
    const u32 bits = std::bit_cast<u32>(f), sign = bits & sign_bit;
    if (!(bits & 0x7f800000)) return sign;
    return (bits & ~sign_bit) > largest ? sign | largest : bits;
}
template <auto f>
Pair each(Pair a, Pair b) {
    return {f(a[0], b[0]), f(a[1], b[1])};
}
Pair from_halves(u64 v) {
    return {u32(v), u32(v >> 32)};
}

u32 add(u32 a, u32 b) {
    return result(number(a) + number(b));
}
u32 subtract(u32 a, u32 b) {
    return result(number(a) - number(b));
}
u32 subtract_reversed(u32 a, u32 b) {
    return subtract(b, a);
}
u32 multiply(u32 a, u32 b) {
    return result(number(a) * number(b));
}
u32 smaller(u32 a, u32 b) {
    return result(number(a) < number(b) ? number(a) : number(b));
}
u32 larger(u32 a, u32 b) {
    return result(number(a) > number(b) ? number(a) : number(b));
}
u32 equal(u32 a, u32 b) {
    return number(a) == number(b) ? ~0u : 0;
}
u32 greater(u32 a, u32 b) {
    return number(a) > number(b) ? ~0u : 0;
}
u32 greater_or_equal(u32 a, u32 b) {
    return number(a) >= number(b) ? ~0u : 0;
}

/// To integers: truncated, and the nearest there is if it does not fit.
template <class T>
u32 to_integer(u32, u32 b) {
    constexpr double low = std::numeric_limits<T>::min(), high = std::numeric_limits<T>::max();
    const double v = number(b);
    if (std::isnan(v)) return u32(i32(std::numeric_limits<T>::min()));
    return u32(i32(v < low ? low : v > high ? high : v));
}
/// From integers: truncated to 24 bits.
u32 from_integer(u32, u32 b) {
    const u32 magnitude = i32(b) < 0 ? 0 - b : b;
    const int excess = int(std::bit_width(magnitude)) - 24;
    const float f = float(excess > 0 ? magnitude >> excess << excess : magnitude);
    return result(i32(b) < 0 ? -f : f);
}
u32 from_word(u32 a, u32 b) {
    return from_integer(a, u32(i32(i16(b))));
}

Pair accumulate(Pair a, Pair b) {
    return {add(a[0], a[1]), add(b[0], b[1])};
}
Pair accumulate_negative(Pair a, Pair b) {
    return {subtract(a[0], a[1]), subtract(b[0], b[1])};
}
Pair accumulate_mixed(Pair a, Pair b) {
    return {subtract(a[0], a[1]), add(b[0], b[1])};
}
Pair reciprocal(Pair, Pair b) {
    const u32 r = result(1.0f / number(b[0]));
    return {r, r};
}
Pair reciprocal_root(Pair, Pair b) {
    const float root = 1.0f / std::sqrt(std::fabs(number(b[0])));
    const u32 r = result(root) | (b[0] & sign_bit);
    return {r, r};
}
/// The steps that refine an estimate of the two above: they are exact from the start, and it is
/// the second operand, in every step of the sequences that the manual gives but one whose result
/// only goes into such a step.
Pair keep_estimate(Pair, Pair b) {
    return b;
}
Pair swap(Pair, Pair b) {
    return {b[1], b[0]};
}
u32 average_bytes(u32 a, u32 b) {
    u32 out = 0;
    for (unsigned n = 0; n < 32; n += 8)
        out |= ((a >> n & 0xff) + (b >> n & 0xff) + 1) / 2 << n;
    return out;
}
u32 multiply_high_words(u32 a, u32 b) {
    u32 out = 0;
    for (unsigned n = 0; n < 32; n += 16)
        out |= u32((i32(i16(a >> n)) * i16(b >> n) + 0x8000) >> 16 & 0xffff) << n;
    return out;
}

using Operation = Pair (*)(Pair, Pair);
struct Suffix {
    u8 code;  ///< the byte after the operands
    bool extended;
    Operation operation;
};
constexpr Suffix suffixes[] = {
    {0x0c, true, each<from_word>},             // PI2FW
    {0x0d, false, each<from_integer>},         // PI2FD
    {0x1c, true, each<to_integer<i16>>},       // PF2IW
    {0x1d, false, each<to_integer<i32>>},      // PF2ID
    {0x8a, true, accumulate_negative},         // PFNACC
    {0x8e, true, accumulate_mixed},            // PFPNACC
    {0x90, false, each<greater_or_equal>},     // PFCMPGE
    {0x94, false, each<smaller>},              // PFMIN
    {0x96, false, reciprocal},                 // PFRCP
    {0x97, false, reciprocal_root},            // PFRSQRT
    {0x9a, false, each<subtract>},             // PFSUB
    {0x9e, false, each<add>},                  // PFADD
    {0xa0, false, each<greater>},              // PFCMPGT
    {0xa4, false, each<larger>},               // PFMAX
    {0xa6, false, keep_estimate},              // PFRCPIT1
    {0xa7, false, keep_estimate},              // PFRSQIT1
    {0xaa, false, each<subtract_reversed>},    // PFSUBR
    {0xae, false, accumulate},                 // PFACC
    {0xb0, false, each<equal>},                // PFCMPEQ
    {0xb4, false, each<multiply>},             // PFMUL
    {0xb6, false, keep_estimate},              // PFRCPIT2
    {0xb7, false, each<multiply_high_words>},  // PMULHRW
    {0xbb, true, swap},                        // PSWAPD
    {0xbf, false, each<average_bytes>},        // PAVGUSB
};

const Suffix* find(const Insn& i) {
    for (const Suffix& s : suffixes)
        if (s.code == u8(i.imm)) return &s;
    return nullptr;
}

const Insn* run(Cpu& c, const Insn* i) {
    fp::check_x87_pending(c);
    u64 source = 0;
    if (i->memory) source = c.load<u64>(i);
    // The numbers are in `s`, and the host's rounding is the host's own.
    c.fp->leave();
    X87& x = c.s.x87;
    if (!i->memory) source = x.reg[i->rm].mantissa;
    Float80& to = x.reg[i->reg];
    const Pair r = find(*i)->operation(from_halves(to.mantissa), from_halves(source));
    to = {u64(r[1]) << 32 | r[0], 0xffff};
    x.status &= u16(~0x3800);
    x.valid = 0xff;
    return c.next(i);
}

}  // namespace

Handler bind_3dnow(const Insn& i, u32) {
    const Suffix* s = find(i);
    return s && !s->extended ? &run : nullptr;
}
Handler bind_3dnow_extended(const Insn& i, u32) {
    return find(i) ? &run : nullptr;
}

}  // namespace i386
