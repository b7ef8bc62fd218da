// SPDX-License-Identifier: GPL-2.0-or-later
//
// Floating-point comparisons of SSE and AVX, and tests of bits that give flags.
#include "target/i386/fp/portable/arithmetic.h"
#include "target/i386/fp/portable/simd-numbers.h"

namespace i386::fp {
namespace {

enum Relation : u8 { less = 1, same = 2, more = 4, unordered = 8 };

/// Raises `invalid` for a signalling NaN, with `strict` for a quiet one too.
Relation relation(const Number& a, const Number& b, bool strict, Environment& env) {
    if (a.nan() || b.nan()) {
        if (strict || a.kind == Kind::signaling || b.kind == Kind::signaling) env.raise(invalid);
        return unordered;
    }
    note_denormals(a, b, env);
    const int order = compare(a, b);
    return order < 0 ? less : order > 0 ? more : same;
}

/// SDM volume 2, table 3-1 (CMPPD): what each predicate holds for. From 16 on they come again, with
/// the other answer to whether a quiet NaN is invalid.
struct Predicate {
    u8 relations;
    bool strict;
};
constexpr Predicate predicates[16] = {
    {same, false},                     // EQ_OQ
    {less, true},                      // LT_OS
    {less | same, true},               // LE_OS
    {unordered, false},                // UNORD_Q
    {less | more | unordered, false},  // NEQ_UQ
    {same | more | unordered, true},   // NLT_US
    {more | unordered, true},          // NLE_US
    {less | same | more, false},       // ORD_Q
    {same | unordered, false},         // EQ_UQ
    {less | unordered, true},          // NGE_US
    {less | same | unordered, true},   // NGT_US
    {0, false},                        // FALSE_OQ
    {less | more, false},              // NEQ_OQ
    {same | more, true},               // GE_OS
    {more, true},                      // GT_OS
    {15, false},                       // TRUE_UQ
};

void compare_numbers(SimdCall& s) {
    const unsigned which = s.imm & (s.vex ? 31 : 7);
    const Predicate& p = predicates[which & 15];
    const bool strict = p.strict != (which >= 16);
    by_prefix(s, [&]<class T>(T, unsigned n) {
        const Relation r = relation(number<T>(s, s.a, n), number<T>(s, s.b, n), strict, s.env);
        s.d.set(n, r & p.relations ? T(~T(0)) : T(0));
    });
}

template <bool strict>
void compare_to_flags(SimdCall& s) {
    const auto run = [&]<class T>(T) {
        return relation(number<T>(s, s.a, 0), number<T>(s, s.b, 0), strict, s.env);
    };
    switch (s.prefix == Prefix::p66 ? run(u64()) : run(u32())) {
        case less: s.flags = cf; break;
        case same: s.flags = zf; break;
        case more: s.flags = 0; break;
        case unordered: s.flags = zf | pf | cf; break;
    }
}

/// Of the bits in `mask` of each quadword: ZF, none of them in both; CF, none in `b` alone.
void test(SimdCall& s, u64 mask) {
    u64 both = 0, only_b = 0;
    for (unsigned n = 0; n < s.count<u64>(); n++) {
        const u64 a = s.a.get<u64>(n), b = s.b.get<u64>(n);
        both |= a & b & mask;
        only_b |= ~a & b & mask;
    }
    s.flags = (both ? 0u : u32(zf)) | (only_b ? 0u : u32(cf));
}
template <u64 mask>
void test_bits(SimdCall& s) {
    test(s, mask);
}

constexpr SimdEntry table[] = {
    {"CMP", compare_numbers},
    {"COMI", compare_to_flags<true>},
    {"UCOMI", compare_to_flags<false>},
    {"PTEST", test_bits<~u64(0)>},
    {"TESTPS", test_bits<0x8000000080000000>},
    {"TESTPD", test_bits<u64(1) << 63>},
};

}  // namespace

std::span<const SimdEntry> compare_operations() {
    return table;
}

}  // namespace i386::fp
