// SPDX-License-Identifier: GPL-2.0-or-later
//
// Integer vectors, element by element: sums, differences, logic, comparisons, extremes.
#include "target/i386/fp/portable/simd-call.h"

#include <algorithm>
#include <functional>

namespace i386::fp {
namespace {

template <class T>
T saturating_add(T a, T b) {
    return saturated<T>(int(a) + int(b));
}
template <class T>
T saturating_subtract(T a, T b) {
    return saturated<T>(int(a) - int(b));
}
template <class T>
T average(T a, T b) {
    return T((unsigned(a) + unsigned(b) + 1) >> 1);
}
template <class T>
T equal(T a, T b) {
    return a == b ? T(~T(0)) : T(0);
}
template <class T>
T greater(T a, T b) {
    return a > b ? T(~T(0)) : T(0);
}
template <class T>
T smaller(T a, T b) {
    return std::min(a, b);
}
template <class T>
T larger(T a, T b) {
    return std::max(a, b);
}
u64 and_not(u64 a, u64 b) {
    return ~a & b;
}
/// T unsigned: the smallest negative number stays as it is.
template <class T>
T absolute(T v) {
    return v >> (sizeof(T) * 8 - 1) ? T(0 - v) : v;
}
template <class T>
T with_sign(T a, T b) {
    if (!b) return 0;
    return b >> (sizeof(T) * 8 - 1) ? T(0 - a) : a;
}

/// Neighbours of `a`, then of `b`, within each part.
template <class T, auto f>
void horizontal(SimdCall& s) {
    const unsigned in_part = s.part() / unsigned(sizeof(T));
    for (unsigned base = 0; base < s.count<T>(); base += in_part)
        for (unsigned n = 0; n < in_part; n++) {
            const Vector& from = n < in_part / 2 ? s.a : s.b;
            const unsigned k = base + n * 2 % in_part;
            s.d.set<T>(base + n, T(f(from.get<T>(k), from.get<T>(k + 1))));
        }
}

void smallest_word(SimdCall& s) {
    unsigned at = 0;
    for (unsigned n = 1; n < 8; n++)
        if (s.b.get<u16>(n) < s.b.get<u16>(at)) at = n;
    const u64 value = s.b.get<u16>(at);
    s.give(value | u64(at) << 16);
}

constexpr SimdEntry table[] = {
    {"PADDB", each<u8, std::plus<u8>{}>},
    {"PADDW", each<u16, std::plus<u16>{}>},
    {"PADDD", each<u32, std::plus<u32>{}>},
    {"PADDQ", each<u64, std::plus<u64>{}>},
    {"PSUBB", each<u8, std::minus<u8>{}>},
    {"PSUBW", each<u16, std::minus<u16>{}>},
    {"PSUBD", each<u32, std::minus<u32>{}>},
    {"PSUBQ", each<u64, std::minus<u64>{}>},
    {"PADDSB", each<i8, saturating_add<i8>>},
    {"PADDSW", each<i16, saturating_add<i16>>},
    {"PADDUSB", each<u8, saturating_add<u8>>},
    {"PADDUSW", each<u16, saturating_add<u16>>},
    {"PSUBSB", each<i8, saturating_subtract<i8>>},
    {"PSUBSW", each<i16, saturating_subtract<i16>>},
    {"PSUBUSB", each<u8, saturating_subtract<u8>>},
    {"PSUBUSW", each<u16, saturating_subtract<u16>>},
    {"PAND", each<u64, std::bit_and<u64>{}>},
    {"PANDN", each<u64, and_not>},
    {"POR", each<u64, std::bit_or<u64>{}>},
    {"PXOR", each<u64, std::bit_xor<u64>{}>},
    {"AND", each<u64, std::bit_and<u64>{}>},
    {"ANDN", each<u64, and_not>},
    {"OR", each<u64, std::bit_or<u64>{}>},
    {"XOR", each<u64, std::bit_xor<u64>{}>},
    {"PCMPEQB", each<u8, equal<u8>>},
    {"PCMPEQW", each<u16, equal<u16>>},
    {"PCMPEQD", each<u32, equal<u32>>},
    {"PCMPEQQ", each<u64, equal<u64>>},
    {"PCMPGTB", each<i8, greater<i8>>},
    {"PCMPGTW", each<i16, greater<i16>>},
    {"PCMPGTD", each<i32, greater<i32>>},
    {"PCMPGTQ", each<i64, greater<i64>>},
    {"PMINSB", each<i8, smaller<i8>>},
    {"PMINSW", each<i16, smaller<i16>>},
    {"PMINSD", each<i32, smaller<i32>>},
    {"PMINUB", each<u8, smaller<u8>>},
    {"PMINUW", each<u16, smaller<u16>>},
    {"PMINUD", each<u32, smaller<u32>>},
    {"PMAXSB", each<i8, larger<i8>>},
    {"PMAXSW", each<i16, larger<i16>>},
    {"PMAXSD", each<i32, larger<i32>>},
    {"PMAXUB", each<u8, larger<u8>>},
    {"PMAXUW", each<u16, larger<u16>>},
    {"PMAXUD", each<u32, larger<u32>>},
    {"PAVGB", each<u8, average<u8>>},
    {"PAVGW", each<u16, average<u16>>},
    {"PABSB", each_of_one<u8, absolute<u8>>},
    {"PABSW", each_of_one<u16, absolute<u16>>},
    {"PABSD", each_of_one<u32, absolute<u32>>},
    {"PSIGNB", each<u8, with_sign<u8>>},
    {"PSIGNW", each<u16, with_sign<u16>>},
    {"PSIGND", each<u32, with_sign<u32>>},
    {"PHADDW", horizontal<u16, std::plus<u16>{}>},
    {"PHADDD", horizontal<u32, std::plus<u32>{}>},
    {"PHADDSW", horizontal<i16, saturating_add<i16>>},
    {"PHSUBW", horizontal<u16, std::minus<u16>{}>},
    {"PHSUBD", horizontal<u32, std::minus<u32>{}>},
    {"PHSUBSW", horizontal<i16, saturating_subtract<i16>>},
    {"PHMINPOSUW", smallest_word},
};

}  // namespace

std::span<const SimdEntry> integer_operations() {
    return table;
}

}  // namespace i386::fp
