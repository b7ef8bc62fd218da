// SPDX-License-Identifier: GPL-2.0-or-later
//
// PCMPESTRI, PCMPESTRM, PCMPISTRI, PCMPISTRM (SDM volume 2, 4.1).
#include "target/i386/fp/portable/simd-call.h"

#include <algorithm>
#include <bit>

namespace i386::fp {
namespace {

/// The immediate byte.
struct Control {
    u8 imm;
    unsigned count() const { return imm & 1 ? 8 : 16; }
    bool is_signed() const { return imm & 2; }
    unsigned aggregation() const { return imm >> 2 & 3; }
    bool negative() const { return imm & 0x10; }
    bool masked() const { return imm & 0x20; }
    bool most_significant() const { return imm & 0x40; }  ///< of the index
    bool as_elements() const { return imm & 0x40; }       ///< of the mask
};

int element(const Vector& v, unsigned n, Control c) {
    if (c.count() == 8) return c.is_signed() ? v.get<i16>(n) : v.get<u16>(n);
    return c.is_signed() ? v.get<i8>(n) : v.get<u8>(n);
}
unsigned implicit_length(const Vector& v, Control c) {
    unsigned n = 0;
    while (n < c.count() && element(v, n, c))
        n++;
    return n;
}
unsigned explicit_length(u64 general, bool wide, Control c) {
    const i64 n = wide ? i64(general) : i32(general);
    return unsigned(std::min(n < 0 ? 0 - u64(n) : u64(n), u64(c.count())));
}

struct Strings {
    const Vector &a, &b;
    unsigned length_a, length_b;
};

/// Whether element `k` of `a` and `n` of `b` match, with what the manual has for elements beyond
/// the ends (table 4-7).
bool equal_any(const Strings& s, unsigned n, Control c) {
    if (n >= s.length_b) return false;
    for (unsigned k = 0; k < s.length_a; k++)
        if (element(s.a, k, c) == element(s.b, n, c)) return true;
    return false;
}
bool in_ranges(const Strings& s, unsigned n, Control c) {
    if (n >= s.length_b) return false;
    const int v = element(s.b, n, c);
    for (unsigned k = 0; k + 1 < s.length_a; k += 2)
        if (element(s.a, k, c) <= v && v <= element(s.a, k + 1, c)) return true;
    return false;
}
bool equal_each(const Strings& s, unsigned n, Control c) {
    const bool in_a = n < s.length_a, in_b = n < s.length_b;
    return in_a && in_b ? element(s.a, n, c) == element(s.b, n, c) : in_a == in_b;
}
/// `a` stands at `n` of `b`, as far as `b` goes.
bool equal_ordered(const Strings& s, unsigned n, Control c) {
    for (unsigned k = 0; k < s.length_a && n + k < c.count(); k++)
        if (n + k >= s.length_b || element(s.a, k, c) != element(s.b, n + k, c)) return false;
    return true;
}

u32 aggregate(const Strings& s, Control c) {
    constexpr bool (*functions[])(const Strings&, unsigned, Control) = {equal_any, in_ranges,
                                                                        equal_each, equal_ordered};
    u32 bits = 0;
    for (unsigned n = 0; n < c.count(); n++) {
        const bool r = functions[c.aggregation()](s, n, c);
        const bool inverted = c.negative() && (!c.masked() || n < s.length_b);
        bits |= u32(r != inverted) << n;
    }
    return bits;
}

void give_index(SimdCall& s, u32 bits, Control c) {
    const unsigned index = !bits                  ? c.count()
                           : c.most_significant() ? unsigned(std::bit_width(bits)) - 1
                                                  : unsigned(std::countr_zero(bits));
    s.state->regs[rcx] = index;
}
void give_mask(SimdCall& s, u32 bits, Control c) {
    Vector mask;
    for (unsigned n = 0; n < c.count(); n++) {
        const bool set = bits >> n & 1;
        if (!c.as_elements())
            mask.byte[n / 8] |= u8(set << n % 8);
        else if (c.count() == 8)
            mask.set(n, u16(0 - set));
        else
            mask.set(n, u8(0 - set));
    }
    std::memcpy(&s.state->vec[0], &mask, s.vex ? 32 : 16);
}

template <bool explicit_lengths>
void compare_strings(SimdCall& s) {
    const Control c{s.imm};
    const auto& r = s.state->regs;
    const Strings strings{
        s.a, s.b, explicit_lengths ? explicit_length(r[rax], s.wide, c) : implicit_length(s.a, c),
        explicit_lengths ? explicit_length(r[rdx], s.wide, c) : implicit_length(s.b, c)};
    const u32 bits = aggregate(strings, c);
    s.flags = (bits ? u32(cf) : 0) | (strings.length_b < c.count() ? u32(zf) : 0) |
              (strings.length_a < c.count() ? u32(sf) : 0) | (bits & 1 ? u32(of) : 0);
    s.opcode & 1 ? give_index(s, bits, c) : give_mask(s, bits, c);
}

constexpr SimdEntry table[] = {
    {"PCMPESTRI", compare_strings<true>},
    {"PCMPESTRM", compare_strings<true>},
    {"PCMPISTRI", compare_strings<false>},
    {"PCMPISTRM", compare_strings<false>},
};

}  // namespace

std::span<const SimdEntry> string_operations() {
    return table;
}

}  // namespace i386::fp
