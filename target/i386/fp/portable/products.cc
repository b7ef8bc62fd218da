// SPDX-License-Identifier: GPL-2.0-or-later
//
// Integer vectors: products, sums of products and of differences.
#include "target/i386/fp/portable/simd-call.h"

#include <cstdlib>

namespace i386::fp {
namespace {

u16 low_word(u16 a, u16 b) {
    return u16(u32(a) * b);
}
u16 high_word(u16 a, u16 b) {
    return u16(u32(a) * b >> 16);
}
i16 high_signed_word(i16 a, i16 b) {
    return i16(i32(a) * b >> 16);
}
i16 rounded_high_word(i16 a, i16 b) {
    return i16(((i32(a) * b >> 14) + 1) >> 1);
}
u32 low_dword(u32 a, u32 b) {
    return a * b;
}
u64 low_halves(u64 a, u64 b) {
    return u64(u32(a)) * u32(b);
}
u64 low_signed_halves(u64 a, u64 b) {
    return u64(i64(i32(a)) * i32(b));
}

void add_word_products(SimdCall& s) {
    for (unsigned n = 0; n < s.count<u32>(); n++) {
        u32 sum = 0;
        for (const unsigned k : {2 * n, 2 * n + 1})
            sum += u32(i32(s.a.get<i16>(k)) * s.b.get<i16>(k));
        s.d.set(n, sum);
    }
}
/// Unsigned bytes of `a` by signed ones of `b`.
void add_byte_products(SimdCall& s) {
    for (unsigned n = 0; n < s.count<u16>(); n++) {
        int sum = 0;
        for (const unsigned k : {2 * n, 2 * n + 1})
            sum += int(s.a.get<u8>(k)) * s.b.get<i8>(k);
        s.d.set(n, saturated<i16>(sum));
    }
}

unsigned difference(const Vector& a, unsigned at_a, const Vector& b, unsigned at_b, unsigned n) {
    unsigned sum = 0;
    for (unsigned k = 0; k < n; k++)
        sum += unsigned(std::abs(int(a.get<u8>(at_a + k)) - int(b.get<u8>(at_b + k))));
    return sum;
}
void add_differences(SimdCall& s) {
    for (unsigned n = 0; n < s.count<u64>(); n++)
        s.d.set(n, u64(difference(s.a, n * 8, s.b, n * 8, 8)));
}
/// Four bytes of `b` against those from each of eight places of `a`; the upper half of a 256-bit
/// vector has its own bits in the immediate.
void slide_differences(SimdCall& s) {
    for (unsigned base = 0; base < s.bytes; base += 16) {
        const unsigned control = base ? s.imm >> 3 : s.imm;
        const unsigned at_a = base + (control >> 2 & 1) * 4, at_b = base + (control & 3) * 4;
        for (unsigned n = 0; n < 8; n++)
            s.d.set(base / 2 + n, u16(difference(s.a, at_a + n, s.b, at_b, 4)));
    }
}

constexpr SimdEntry table[] = {
    {"PMULLW", each<u16, low_word>},          {"PMULHUW", each<u16, high_word>},
    {"PMULHW", each<i16, high_signed_word>},  {"PMULHRSW", each<i16, rounded_high_word>},
    {"PMULLD", each<u32, low_dword>},         {"PMULUDQ", each<u64, low_halves>},
    {"PMULDQ", each<u64, low_signed_halves>}, {"PMADDWD", add_word_products},
    {"PMADDUBSW", add_byte_products},         {"PSADBW", add_differences},
    {"MPSADBW", slide_differences},
};

}  // namespace

std::span<const SimdEntry> product_operations() {
    return table;
}

}  // namespace i386::fp
