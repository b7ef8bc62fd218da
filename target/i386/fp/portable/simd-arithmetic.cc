// SPDX-License-Identifier: GPL-2.0-or-later
//
// Floating-point arithmetic of SSE and AVX.
#include "target/i386/fp/portable/arithmetic.h"
#include "target/i386/fp/portable/round.h"
#include "target/i386/fp/portable/simd-numbers.h"

namespace i386::fp {
namespace {

template <Binary f>
void arithmetic(SimdCall& s) {
    by_prefix(s, [&]<class T>(T, unsigned n) {
        const Number r = f(number<T>(s, s.a, n), number<T>(s, s.b, n), format_of<T>, s.env);
        set_number<T>(s.d, n, r);
    });
}

/// The second operand unless the first is what is asked for: also for NaNs, which are invalid, and
/// for two zeros (SDM volume 2, MINPS).
template <int wanted>
Number extreme(const Number& a, const Number& b, const Format&, Environment& env) {
    if (a.nan() || b.nan()) {
        env.raise(invalid);
        return b;
    }
    note_denormals(a, b, env);
    return compare(a, b) == wanted ? a : b;
}

template <auto f>
void of_one(SimdCall& s) {
    by_prefix(s, [&]<class T>(T, unsigned n) {
        set_number<T>(s.d, n, f(number<T>(s, s.b, n), format_of<T>, s.env));
    });
}

/// RCPPS and RSQRTPS promise 1.5 * 2^-12 and no exceptions; the last bits differ from processor to
/// processor. Here they are those of the exact quotient. Denormals are zero, as operand and result.
template <bool of_root>
Number estimate(const Number& operand, const Format& f, Environment&) {
    Environment quiet;
    const Number one{Kind::finite, false, false, 0, u64(1) << 63};
    Number x = operand.denormal ? signed_zero(operand.sign) : operand;
    if (of_root && x.kind != Kind::zero) x = square_root(x, extended_format, quiet);
    const Number r = divide(one, x, f, quiet);
    return r.kind == Kind::finite && r.exponent < f.least ? signed_zero(r.sign) : r;
}

/// Neighbours of `a`, then of `b`, within each part of 128 bits. F2: single; 66: double.
template <class T, Binary f>
void horizontal_of(SimdCall& s) {
    constexpr unsigned in_part = 16 / sizeof(T);
    for (unsigned base = 0; base < s.count<T>(); base += in_part)
        for (unsigned n = 0; n < in_part; n++) {
            const Vector& v = n < in_part / 2 ? s.a : s.b;
            const unsigned k = base + n * 2 % in_part;
            const Number r = f(number<T>(s, v, k), number<T>(s, v, k + 1), format_of<T>, s.env);
            set_number<T>(s.d, base + n, r);
        }
}
template <Binary f>
void horizontal(SimdCall& s) {
    s.prefix == Prefix::p66 ? horizontal_of<u64, f>(s) : horizontal_of<u32, f>(s);
}

template <class T>
void alternate_of(SimdCall& s) {
    for (unsigned n = 0; n < s.count<T>(); n++) {
        const Binary f = n & 1 ? add : subtract;
        const Number r = f(number<T>(s, s.a, n), number<T>(s, s.b, n), format_of<T>, s.env);
        set_number<T>(s.d, n, r);
    }
}
void alternate(SimdCall& s) {
    s.prefix == Prefix::p66 ? alternate_of<u64>(s) : alternate_of<u32>(s);
}

/// The immediate's upper half says which products count, the lower one which elements get the sum
/// (SDM volume 2, DPPS). Every step rounds, is an operation of its own where exceptions are
/// concerned, and takes the denormals of the one before for denormals.
template <class T>
void dot_product(SimdCall& s) {
    constexpr unsigned in_part = 16 / sizeof(T);
    const unsigned n = s.count<T>();
    const Format& f = format_of<T>;
    Vector v;
    for (unsigned k = 0; k < n; k++)
        if (s.imm >> (4 + k % in_part) & 1)
            set_number<T>(v, k, multiply(number<T>(s, s.a, k), number<T>(s, s.b, k), f, s.env));
    for (unsigned distance = 1; distance < in_part && s.next_step(); distance *= 2)
        for (unsigned k = 0; k < n; k += 2 * distance)
            set_number<T>(v, k, add(number<T>(s, v, k), number<T>(s, v, k + distance), f, s.env));
    for (unsigned k = 0; k < n; k++)
        s.d.set(k, s.imm >> k % in_part & 1 ? v.get<T>(k / in_part * in_part) : T(0));
}

/// The immediate: a rounding mode of its own, or bit 2 for MXCSR's, and bit 3 for no `precision`.
Number rounded(const Number& n, u8 imm, Environment& env) {
    if (n.nan()) return propagate(n, env);
    Environment own = env;
    own.raised = 0;
    if (!(imm & 4)) own.rounding = Rounding(imm & 3);
    const Number r = round_to_integral(n, own);
    env.raise(imm & 8 ? own.raised & ~unsigned(precision) : own.raised);
    return r;
}
template <class T>
void round_vector(SimdCall& s) {
    for (unsigned n = 0; n < s.count<T>(); n++)
        set_number<T>(s.d, n, rounded(number<T>(s, s.b, n), s.imm, s.env));
}
template <class T>
void round_one(SimdCall& s) {
    set_number<T>(s.d, 0, rounded(number<T>(s, s.b, 0), s.imm, s.env));
}

constexpr SimdEntry table[] = {
    {"ADD", arithmetic<add>},          {"SUB", arithmetic<subtract>},
    {"MUL", arithmetic<multiply>},     {"DIV", arithmetic<divide>},
    {"MIN", arithmetic<extreme<-1>>},  {"MAX", arithmetic<extreme<1>>},
    {"SQRT", of_one<square_root>},     {"RCP", of_one<estimate<false>>},
    {"RSQRT", of_one<estimate<true>>}, {"HADD", horizontal<add>},
    {"HSUB", horizontal<subtract>},    {"ADDSUB", alternate},
    {"DPPS", dot_product<u32>},        {"DPPD", dot_product<u64>},
    {"ROUNDPS", round_vector<u32>},    {"ROUNDPD", round_vector<u64>},
    {"ROUNDSS", round_one<u32>},       {"ROUNDSD", round_one<u64>},
};

}  // namespace

std::span<const SimdEntry> arithmetic_operations() {
    return table;
}

// The opcode is the manual's table: its upper digit the order of the operands, the lower one what
// is done; W the format. Even: all elements; odd, from 9 on: the lowest.
void fused_multiply_add(SimdCall& s) {
    const unsigned order = s.opcode >> 4, what = s.opcode & 15;
    const bool scalar = what >= 9 && (what & 1);
    s.d = s.c;
    const auto run = [&]<class T>(T) {
        for (unsigned n = 0; n < (scalar ? 1 : s.count<T>()); n++) {
            const Number first = number<T>(s, s.c, n), second = number<T>(s, s.a, n),
                         third = number<T>(s, s.b, n);
            const Number& x = order == 9 ? first : second;
            const Number& y = order == 0xA ? first : third;
            Number z = order == 9 ? second : order == 0xA ? third : first;
            // 6, 7: odd and even elements in turns; 8 to F: the sign of the sum, then that of the
            // product.
            const bool subtracts = what == 6 ? !(n & 1) : what == 7 ? n & 1 : what & 2;
            if (subtracts && !z.nan()) z = negated(z);
            const bool negates = what >= 0xC;
            set_number<T>(s.d, n, multiply_add(x, y, z, negates, format_of<T>, s.env));
        }
    };
    s.wide ? run(u64()) : run(u32());
}

}  // namespace i386::fp
