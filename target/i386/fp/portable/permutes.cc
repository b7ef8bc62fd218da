// SPDX-License-Identifier: GPL-2.0-or-later
//
// AVX: permutations by a control operand or across parts, broadcasts, halves of a register.
#include "target/i386/fp/portable/simd-call.h"

namespace i386::fp {
namespace {

/// VPERMILPS: by the immediate, whose bits serve each part again, or by the elements of `b`.
void permute_singles(SimdCall& s) {
    for (unsigned n = 0; n < s.count<u32>(); n++) {
        const unsigned control = s.has_imm ? s.imm >> (n & 3) * 2 : s.b.get<u32>(n);
        s.d.set(n, s.a.get<u32>((n & ~3u) + (control & 3)));
    }
}
/// VPERMILPD: bit 1 of an element counts.
void permute_doubles(SimdCall& s) {
    for (unsigned n = 0; n < s.count<u64>(); n++) {
        const unsigned from = s.has_imm ? s.imm >> n & 1 : unsigned(s.b.get<u64>(n) >> 1 & 1);
        s.d.set(n, s.a.get<u64>((n & ~1u) + from));
    }
}
void permute_dwords(SimdCall& s) {
    for (unsigned n = 0; n < 8; n++)
        s.d.set(n, s.b.get<u32>(s.a.get<u32>(n) & 7));
}
void permute_qwords(SimdCall& s) {
    for (unsigned n = 0; n < 4; n++)
        s.d.set(n, s.b.get<u64>(s.imm >> n * 2 & 3));
}

struct Half {
    u64 q[2];
};
void permute_halves(SimdCall& s) {
    for (unsigned n = 0; n < 2; n++) {
        const unsigned control = s.imm >> n * 4;
        s.d.set(n, control & 8 ? Half{} : (control & 2 ? s.b : s.a).get<Half>(control & 1));
    }
}
void insert_half(SimdCall& s) {
    s.d.set(s.imm & 1, s.b.get<Half>(0));
}
/// The result is a whole register's low half.
void extract_half(SimdCall& s) {
    const Half h = s.b.get<Half>(s.imm & 1);
    s.d = {};
    s.d.set(0, h);
}
template <class T>
void broadcast(SimdCall& s) {
    for (unsigned n = 0; n < s.count<T>(); n++)
        s.d.set(n, s.b.get<T>(0));
}

constexpr SimdEntry table[] = {
    {"PERMILPS", permute_singles},      {"PERMILPD", permute_doubles},
    {"PERMPS", permute_dwords},         {"PERMD", permute_dwords},
    {"PERMQ", permute_qwords},          {"PERMPD", permute_qwords},
    {"PERM2F128", permute_halves},      {"PERM2I128", permute_halves},
    {"INSERTF128", insert_half},        {"INSERTI128", insert_half},
    {"EXTRACTF128", extract_half},      {"EXTRACTI128", extract_half},
    {"BROADCASTSS", broadcast<u32>},    {"BROADCASTSD", broadcast<u64>},
    {"BROADCASTF128", broadcast<Half>}, {"BROADCASTI128", broadcast<Half>},
    {"PBROADCASTB", broadcast<u8>},     {"PBROADCASTW", broadcast<u16>},
    {"PBROADCASTD", broadcast<u32>},    {"PBROADCASTQ", broadcast<u64>},
};

}  // namespace

std::span<const SimdEntry> permute_operations() {
    return table;
}

}  // namespace i386::fp
