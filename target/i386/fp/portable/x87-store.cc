// SPDX-License-Identifier: GPL-2.0-or-later
//
// FST, FIST, FISTTP, FBSTP. An exception other than `precision` that is not masked leaves memory
// and stack as they are.
#include "target/i386/fp/portable/x87-call.h"

#include <limits>

namespace i386::fp {
namespace {

bool not_stored(const X87Call& s) {
    return s.env.unmasked() & ~unsigned(precision);
}

template <class T>
void store_number(X87Call& s) {
    Number n = indefinite;
    if (s.empty(0)) {
        if (s.underflowed()) return;
    } else {
        n = s.number(0);
        s.env.x87 = false;  // no scaled results in memory
        if (n.kind == Kind::unsupported)
            n = invalid_operation(s.env);
        else if (n.nan())
            n = propagate(n, s.env);
        else if (n.kind == Kind::finite)
            n = round(exact(n), format_of<T>, s.env);
        if (not_stored(s)) {
            s.env.raised &= u8(~precision);
            s.env.up = false;
            return;
        }
    }
    s.store(T(pack(format_of<T>, n)));
}

void store_extended(X87Call& s) {
    Float80 v = pack80(indefinite);
    if (!s.empty(0))
        v = s.st(0);
    else if (s.underflowed())
        return;
    Packed p;
    std::memcpy(p.byte, &v.mantissa, 8);
    std::memcpy(p.byte + 8, &v.sign_exponent, 2);
    s.store(p);
}

void store_register(X87Call& s) {
    if (!s.empty(0))
        s.set(s.rm, s.st(0));
    else if (!s.underflowed())
        s.set(s.rm, indefinite);
}

void store(X87Call& s) {
    if (!s.memory) return store_register(s);
    if (s.opcode == 0xDB) return store_extended(s);
    s.opcode == 0xD9 ? store_number<u32>(s) : store_number<u64>(s);
}

template <class T>
void store_integer_of(X87Call& s, bool truncate) {
    Integer v{false, std::numeric_limits<T>::min()};
    if (s.empty(0)) {
        if (s.underflowed()) return;
    } else {
        if (truncate) s.env.rounding = Rounding::zero;
        v = round_to_integer(s.number(0), sizeof(T) * 8, s.env);
        if (not_stored(s)) return;
    }
    s.store(T(v.value));
}
void store_integer(X87Call& s, bool truncate) {
    const bool wide = s.digit == 7 || s.opcode == 0xDD;
    wide               ? store_integer_of<i64>(s, truncate)
    : s.opcode == 0xDB ? store_integer_of<i32>(s, truncate)
                       : store_integer_of<i16>(s, truncate);
}

constexpr Packed no_decimal = {{0, 0, 0, 0, 0, 0, 0, 0xC0, 0xFF, 0xFF}};
Packed decimal(X87Call& s) {
    constexpr i64 limit = 1'000'000'000'000'000'000;
    Environment env = s.env;
    const Number n = s.number(0);
    Integer v = round_to_integer(n, 64, env);
    if (!v.fits || v.value <= -limit || v.value >= limit) {
        s.env.raise(invalid);
        return no_decimal;
    }
    s.env = env;
    Packed p{};
    u64 rest = v.value < 0 ? 0 - u64(v.value) : u64(v.value);
    for (unsigned k = 0; k < 9; k++, rest /= 100)
        p.byte[k] = u8(rest % 10 | rest / 10 % 10 << 4);
    p.byte[9] = n.sign ? 0x80 : 0;
    return p;
}

/// Whether the instruction got as far as its pop.
void pop_unless_stopped(X87Call& s) {
    const bool went_on = s.memory ? !not_stored(s) : !s.stopped();
    if (went_on) s.pop();
}

}  // namespace

void x87_store(X87Call& s) {
    store(s);
}
void x87_store_pop(X87Call& s) {
    store(s);
    pop_unless_stopped(s);
}
/// D9 D8 to DF: an empty register is nothing to complain about.
void x87_store_pop_unchecked(X87Call& s) {
    if (!s.empty(0)) s.set(s.rm, s.st(0));
    s.pop();
}
void x87_store_integer(X87Call& s) {
    store_integer(s, false);
}
void x87_store_integer_pop(X87Call& s) {
    store_integer(s, false);
    pop_unless_stopped(s);
}
void x87_store_truncated_pop(X87Call& s) {
    store_integer(s, true);
    pop_unless_stopped(s);
}
void x87_store_decimal_pop(X87Call& s) {
    if (s.empty(0)) {
        if (s.underflowed()) return;
        s.store(no_decimal);
    } else {
        const Packed p = decimal(s);
        if (not_stored(s)) return;
        s.store(p);
    }
    s.pop();
}

}  // namespace i386::fp
