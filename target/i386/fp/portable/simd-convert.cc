// SPDX-License-Identifier: GPL-2.0-or-later
//
// Conversions of SSE, AVX and F16C.
#include "target/i386/fp/portable/arithmetic.h"
#include "target/i386/fp/portable/round.h"
#include "target/i386/fp/portable/simd-numbers.h"

#include <algorithm>

namespace i386::fp {
namespace {

/// Does not raise `denormal`, whatever the operand.
template <class From, class To>
To to_integer(SimdCall& s, unsigned n, bool truncate) {
    Environment env = s.env;
    if (truncate) env.rounding = Rounding::zero;
    const Integer r = round_to_integer(number<From>(s, s.b, n), sizeof(To) * 8, env);
    s.env.raised = env.raised;
    return To(r.value);
}
template <class From, class To>
void from_integer(SimdCall& s, unsigned n) {
    const Number r = round(exact(number_of(s.b.get<From>(n))), format_of<To>, s.env);
    set_number<To>(s.d, n, r);
}
template <class From, class To>
Number converted(SimdCall& s, unsigned n) {
    const Number x = number<From>(s, s.b, n);
    if (x.nan()) return propagate(x, s.env);
    note_denormals(x, x, s.env);
    return x.kind == Kind::finite ? round(exact(x), format_of<To>, s.env) : x;
}

/// `count` elements of the result; what is above them becomes zero.
template <class From, class To, bool truncate>
void vector_to_integers(SimdCall& s) {
    s.d = {};
    for (unsigned n = 0; n < s.bytes / std::max(sizeof(From), sizeof(To)); n++)
        s.d.set(n, to_integer<From, To>(s, n, truncate));
}
template <class From, class To>
void vector_from_integers(SimdCall& s) {
    s.d = {};
    for (unsigned n = 0; n < s.bytes / std::max(sizeof(From), sizeof(To)); n++)
        from_integer<From, To>(s, n);
}
template <class From, class To>
void vector_converted(SimdCall& s) {
    s.d = {};
    for (unsigned n = 0; n < s.bytes / std::max(sizeof(From), sizeof(To)); n++)
        set_number<To>(s.d, n, converted<From, To>(s, n));
}
template <class From, class To>
void scalar_converted(SimdCall& s) {
    set_number<To>(s.d, 0, converted<From, To>(s, 0));
}
template <class To>
void scalar_from_general(SimdCall& s) {
    s.wide ? from_integer<i64, To>(s, 0) : from_integer<i32, To>(s, 0);
}
template <class From, bool truncate>
void scalar_to_general(SimdCall& s) {
    s.give(s.wide ? u64(to_integer<From, i64>(s, 0, truncate))
                  : u32(to_integer<From, i32>(s, 0, truncate)));
}

/// To and from MMX registers there are two elements.
template <class To>
void from_mmx(SimdCall& s) {
    for (unsigned n = 0; n < 2; n++)
        from_integer<i32, To>(s, n);
}
template <class From, bool truncate>
void to_mmx(SimdCall& s) {
    s.d = {};
    for (unsigned n = 0; n < 2; n++)
        s.d.set(n, to_integer<From, i32>(s, n, truncate));
}

/// Halves are numbers whatever MXCSR says of denormals, and those raise nothing.
void from_halves(SimdCall& s) {
    s.d = {};
    for (unsigned n = 0; n < s.bytes / 4; n++) {
        const Number x = unpack(half_format, s.b.get<u16>(n));
        set_number<u32>(s.d, n, x.nan() ? propagate(x, s.env) : x);
    }
}
/// FTZ does not count either; the rounding is the immediate's, or with bit 2 MXCSR's.
void to_halves(SimdCall& s) {
    s.d = {};
    s.env.ftz = false;
    if (!(s.imm & 4)) s.env.rounding = Rounding(s.imm & 3);
    for (unsigned n = 0; n < s.bytes / 4; n++)
        set_number<u16>(s.d, n, converted<u32, u16>(s, n));
}

constexpr SimdEntry table[] = {
    {"CVTSI2SS", scalar_from_general<u32>},
    {"CVTSI2SD", scalar_from_general<u64>},
    {"CVTSS2SI", scalar_to_general<u32, false>},
    {"CVTSD2SI", scalar_to_general<u64, false>},
    {"CVTTSS2SI", scalar_to_general<u32, true>},
    {"CVTTSD2SI", scalar_to_general<u64, true>},
    {"CVTPI2PS", from_mmx<u32>},
    {"CVTPI2PD", from_mmx<u64>},
    {"CVTPS2PI", to_mmx<u32, false>},
    {"CVTPD2PI", to_mmx<u64, false>},
    {"CVTTPS2PI", to_mmx<u32, true>},
    {"CVTTPD2PI", to_mmx<u64, true>},
    {"CVTPS2PD", vector_converted<u32, u64>},
    {"CVTPD2PS", vector_converted<u64, u32>},
    {"CVTSS2SD", scalar_converted<u32, u64>},
    {"CVTSD2SS", scalar_converted<u64, u32>},
    {"CVTDQ2PS", vector_from_integers<i32, u32>},
    {"CVTDQ2PD", vector_from_integers<i32, u64>},
    {"CVTPS2DQ", vector_to_integers<u32, i32, false>},
    {"CVTTPS2DQ", vector_to_integers<u32, i32, true>},
    {"CVTPD2DQ", vector_to_integers<u64, i32, false>},
    {"CVTTPD2DQ", vector_to_integers<u64, i32, true>},
    {"CVTPH2PS", from_halves},
    {"CVTPS2PH", to_halves},
};

}  // namespace

std::span<const SimdEntry> conversion_operations() {
    return table;
}

}  // namespace i386::fp
