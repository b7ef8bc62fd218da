// SPDX-License-Identifier: GPL-2.0-or-later
//
// Integer vectors: shifts of elements and of whole parts.
#include "target/i386/fp/portable/simd-call.h"

#include <type_traits>

namespace i386::fp {
namespace {

template <class T>
T left(T v, u64 count) {
    return count < sizeof(T) * 8 ? T(std::make_unsigned_t<T>(v) << count) : T(0);
}
/// Of a signed T: the sign comes in.
template <class T>
T right(T v, u64 count) {
    constexpr u64 bits = sizeof(T) * 8;
    if constexpr (std::is_signed_v<T>) return T(v >> (count < bits ? count : bits - 1));
    return count < bits ? T(v >> count) : T(0);
}

/// All elements by one count: the immediate, or the low quadword of the last operand.
template <class T, auto f>
void by_one_count(SimdCall& s) {
    const u64 count = s.has_imm ? s.imm : s.b.get<u64>(0);
    for (unsigned n = 0; n < s.count<T>(); n++)
        s.d.set<T>(n, f(s.a.get<T>(n), count));
}
template <class T, auto f>
void by_own_count(SimdCall& s) {
    for (unsigned n = 0; n < s.count<T>(); n++)
        s.d.set<T>(n, f(s.a.get<T>(n), s.b.get<std::make_unsigned_t<T>>(n)));
}

template <bool to_left>
void by_bytes(SimdCall& s) {
    s.d = {};
    const unsigned count = s.imm < 16 ? s.imm : 16;
    for (unsigned base = 0; base < s.bytes; base += 16)
        for (unsigned n = count; n < 16; n++)
            s.d.byte[base + (to_left ? n : n - count)] = s.a.byte[base + (to_left ? n - count : n)];
}

/// The two operands of each part, joined with `a` above, moved right.
void align(SimdCall& s) {
    const unsigned part = s.part();
    for (unsigned base = 0; base < s.bytes; base += part)
        for (unsigned n = 0; n < part; n++) {
            const unsigned at = s.imm + n;
            s.d.byte[base + n] = at < part       ? s.b.byte[base + at]
                                 : at < 2 * part ? s.a.byte[base + at - part]
                                                 : u8(0);
        }
}

constexpr SimdEntry table[] = {
    {"PSLLW", by_one_count<u16, left<u16>>},
    {"PSLLD", by_one_count<u32, left<u32>>},
    {"PSLLQ", by_one_count<u64, left<u64>>},
    {"PSRLW", by_one_count<u16, right<u16>>},
    {"PSRLD", by_one_count<u32, right<u32>>},
    {"PSRLQ", by_one_count<u64, right<u64>>},
    {"PSRAW", by_one_count<i16, right<i16>>},
    {"PSRAD", by_one_count<i32, right<i32>>},
    {"PSLLVD", by_own_count<u32, left<u32>>},
    {"PSLLVQ", by_own_count<u64, left<u64>>},
    {"PSRLVD", by_own_count<u32, right<u32>>},
    {"PSRLVQ", by_own_count<u64, right<u64>>},
    {"PSRAVD", by_own_count<i32, right<i32>>},
    {"PSLLDQ", by_bytes<true>},
    {"PSRLDQ", by_bytes<false>},
    {"PALIGNR", align},
};

}  // namespace

std::span<const SimdEntry> shift_operations() {
    return table;
}

}  // namespace i386::fp
