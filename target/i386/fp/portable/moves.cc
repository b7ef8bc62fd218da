// SPDX-License-Identifier: GPL-2.0-or-later
//
// Vectors: parts of registers into others, single elements in and out, sign masks, widening.
#include "target/i386/fp/portable/simd-call.h"

namespace i386::fp {
namespace {

/// The low element of `b`, all else zero.
template <class T>
void move_alone(SimdCall& s) {
    s.give(s.b.get<T>(0));
}
/// Between a general register and another: as wide as REX.W says.
void move_by_width(SimdCall& s) {
    s.wide ? move_alone<u64>(s) : move_alone<u32>(s);
}
/// The low element of `b` into `a`.
template <class T>
void merge(SimdCall& s) {
    s.d.set(0, s.b.get<T>(0));
}
/// Quadword `from` of `b` into quadword `to` of `a`, or to memory, where the upper one comes from
/// its own place.
template <unsigned to, unsigned from>
void merge_half(SimdCall& s) {
    if (s.to_memory)
        s.d.set(0, s.b.get<u64>(to));
    else
        s.d.set(to, s.b.get<u64>(from));
}

template <class T>
void insert(SimdCall& s) {
    s.d.set(s.imm & (s.part() / sizeof(T) - 1), s.b.get<T>(0));
}
template <class T>
void extract(SimdCall& s) {
    s.give(s.b.get<T>(s.imm & (s.part() / sizeof(T) - 1)));
}
void insert_by_width(SimdCall& s) {
    s.wide ? insert<u64>(s) : insert<u32>(s);
}
void extract_by_width(SimdCall& s) {
    s.wide ? extract<u64>(s) : extract<u32>(s);
}

/// Of a register, any element of `b`; then what the low four bits name is cleared.
void insert_single(SimdCall& s) {
    s.d.set(s.imm >> 4 & 3, s.b.get<u32>(s.memory ? 0 : s.imm >> 6));
    for (unsigned n = 0; n < 4; n++)
        if (s.imm >> n & 1) s.d.set(n, u32(0));
}

template <class T>
void signs(SimdCall& s) {
    u64 mask = 0;
    for (unsigned n = 0; n < s.count<T>(); n++)
        mask |= u64(s.b.get<T>(n) >> (sizeof(T) * 8 - 1)) << n;
    s.give(mask);
}

template <class From, class To>
void widen(SimdCall& s) {
    for (unsigned n = 0; n < s.count<To>(); n++)
        s.d.set(n, To(s.b.get<From>(n)));
}

constexpr SimdEntry table[] = {
    {"MOVD", move_by_width},       {"MOVQ", move_alone<u64>},     {"MOVNTQ", move_alone<u64>},
    {"MOVQ2DQ", move_alone<u64>},  {"MOVDQ2Q", move_alone<u64>},  {"MOVSS", merge<u32>},
    {"MOVSD", merge<u64>},         {"MOVHLPS", merge_half<0, 1>}, {"MOVLHPS", merge_half<1, 0>},
    {"MOVL", merge_half<0, 0>},    {"MOVH", merge_half<1, 0>},    {"PINSRB", insert<u8>},
    {"PINSRW", insert<u16>},       {"PINSRD", insert_by_width},   {"PEXTRB", extract<u8>},
    {"PEXTRW", extract<u16>},      {"PEXTRD", extract_by_width},  {"EXTRACTPS", extract<u32>},
    {"INSERTPS", insert_single},   {"PMOVMSKB", signs<u8>},       {"MOVMSKPS", signs<u32>},
    {"MOVMSKPD", signs<u64>},      {"PMOVSXBW", widen<i8, i16>},  {"PMOVSXBD", widen<i8, i32>},
    {"PMOVSXBQ", widen<i8, i64>},  {"PMOVSXWD", widen<i16, i32>}, {"PMOVSXWQ", widen<i16, i64>},
    {"PMOVSXDQ", widen<i32, i64>}, {"PMOVZXBW", widen<u8, u16>},  {"PMOVZXBD", widen<u8, u32>},
    {"PMOVZXBQ", widen<u8, u64>},  {"PMOVZXWD", widen<u16, u32>}, {"PMOVZXWQ", widen<u16, u64>},
    {"PMOVZXDQ", widen<u32, u64>},
};

}  // namespace

std::span<const SimdEntry> move_operations() {
    return table;
}

}  // namespace i386::fp
