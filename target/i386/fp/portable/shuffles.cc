// SPDX-License-Identifier: GPL-2.0-or-later
//
// Vectors: interleaving, packing, shuffles and blends within parts of 128 bits.
#include "target/i386/fp/portable/simd-call.h"

namespace i386::fp {
namespace {

/// The elements of one half of each part of `a` and of `b`, in turns.
template <class T, bool high>
void interleave(SimdCall& s) {
    const unsigned in_part = s.part() / unsigned(sizeof(T));
    for (unsigned base = 0; base < s.count<T>(); base += in_part)
        for (unsigned n = 0; n < in_part; n++) {
            const unsigned from = base + n / 2 + (high ? in_part / 2 : 0);
            s.d.set(base + n, (n & 1 ? s.b : s.a).template get<T>(from));
        }
}
/// UNPCKLPS and UNPCKLPD, and with `high` UNPCKHPS and UNPCKHPD.
template <bool high>
void interleave_numbers(SimdCall& s) {
    s.prefix == Prefix::p66 ? interleave<u64, high>(s) : interleave<u32, high>(s);
}

/// Signed elements of type From become narrower ones.
template <class From, class To>
void pack_saturated(SimdCall& s) {
    const unsigned in_part = s.part() / unsigned(sizeof(To));
    for (unsigned base = 0; base < s.count<To>(); base += in_part)
        for (unsigned n = 0; n < in_part; n++) {
            const Vector& from = n < in_part / 2 ? s.a : s.b;
            const int v = from.get<From>(base / 2 + n % (in_part / 2));
            s.d.set(base + n, saturated<To>(v));
        }
}

void shuffle_bytes(SimdCall& s) {
    const unsigned part = s.part();
    for (unsigned n = 0; n < s.bytes; n++) {
        const u8 control = s.b.byte[n];
        const unsigned base = n / part * part;
        s.d.byte[n] = control & 0x80 ? u8(0) : s.a.byte[base + (control & (part - 1))];
    }
}
/// Four elements from `first` on of each part, by two bits of the immediate each.
template <class T, unsigned first>
void shuffle_four(SimdCall& s) {
    s.d = s.b;
    const unsigned in_part = s.part() / unsigned(sizeof(T));
    for (unsigned base = first; base < s.count<T>(); base += in_part)
        for (unsigned n = 0; n < 4; n++)
            s.d.set(base + n, s.b.get<T>(base + (s.imm >> n * 2 & 3)));
}
/// SHUFPS, SHUFPD: the lower half of each part from `a`, the upper from `b`.
void shuffle_numbers(SimdCall& s) {
    if (s.prefix == Prefix::p66) {
        for (unsigned n = 0; n < s.count<u64>(); n++) {
            const unsigned from = (n & ~1u) + (s.imm >> n & 1);
            s.d.set(n, (n & 1 ? s.b : s.a).get<u64>(from));
        }
        return;
    }
    for (unsigned n = 0; n < s.count<u32>(); n++) {
        const unsigned from = (n & ~3u) + (s.imm >> (n & 3) * 2 & 3);
        s.d.set(n, (n & 2 ? s.b : s.a).get<u32>(from));
    }
}

/// By the immediate's bits, which serve each eight elements again.
template <class T>
void blend_by_bits(SimdCall& s) {
    for (unsigned n = 0; n < s.count<T>(); n++)
        s.d.set(n, (s.imm >> (n & 7) & 1 ? s.b : s.a).template get<T>(n));
}
/// By the top bit of each element of the mask.
template <class T>
void blend_by_mask(SimdCall& s) {
    for (unsigned n = 0; n < s.count<T>(); n++)
        s.d.set(n, (s.c.get<T>(n) >> (sizeof(T) * 8 - 1) ? s.b : s.a).template get<T>(n));
}

template <class T, unsigned from_odd>
void duplicate(SimdCall& s) {
    for (unsigned n = 0; n < s.count<T>(); n++)
        s.d.set(n, s.b.get<T>((n & ~1u) + from_odd));
}

constexpr SimdEntry table[] = {
    {"PUNPCKLBW", interleave<u8, false>},
    {"PUNPCKLWD", interleave<u16, false>},
    {"PUNPCKLDQ", interleave<u32, false>},
    {"PUNPCKLQDQ", interleave<u64, false>},
    {"PUNPCKHBW", interleave<u8, true>},
    {"PUNPCKHWD", interleave<u16, true>},
    {"PUNPCKHDQ", interleave<u32, true>},
    {"PUNPCKHQDQ", interleave<u64, true>},
    {"UNPCKL", interleave_numbers<false>},
    {"UNPCKH", interleave_numbers<true>},
    {"PACKSSWB", pack_saturated<i16, i8>},
    {"PACKUSWB", pack_saturated<i16, u8>},
    {"PACKSSDW", pack_saturated<i32, i16>},
    {"PACKUSDW", pack_saturated<i32, u16>},
    {"PSHUFB", shuffle_bytes},
    {"PSHUFW", shuffle_four<u16, 0>},
    {"PSHUFD", shuffle_four<u32, 0>},
    {"PSHUFLW", shuffle_four<u16, 0>},
    {"PSHUFHW", shuffle_four<u16, 4>},
    {"SHUF", shuffle_numbers},
    {"PBLENDW", blend_by_bits<u16>},
    {"PBLENDD", blend_by_bits<u32>},
    {"BLENDPS", blend_by_bits<u32>},
    {"BLENDPD", blend_by_bits<u64>},
    {"PBLENDVB", blend_by_mask<u8>},
    {"BLENDVPS", blend_by_mask<u32>},
    {"BLENDVPD", blend_by_mask<u64>},
    {"MOVSLDUP", duplicate<u32, 0>},
    {"MOVSHDUP", duplicate<u32, 1>},
    {"MOVDDUP", duplicate<u64, 0>},
};

}  // namespace

std::span<const SimdEntry> shuffle_operations() {
    return table;
}

}  // namespace i386::fp
