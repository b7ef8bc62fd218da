// SPDX-License-Identifier: GPL-2.0-or-later
//
// FLD, FILD, FBLD and the constants.
#include "target/i386/fp/portable/big.h"
#include "target/i386/fp/portable/x87-call.h"

namespace i386::fp {
namespace {

/// Pushes what is there, if there is room.
void push(X87Call& s, const Float80& v) {
    if (s.empty(7)) return s.push(v);
    if (!s.overflowed()) s.push(indefinite);
}

void push_number(X87Call& s, const Format& f, u64 bits) {
    if (!s.empty(7)) return push(s, {});
    Number n = unpack(f, bits);
    if (n.nan())
        n = propagate(n, s.env);
    else
        note_denormals(n, n, s.env);
    n.denormal = false;
    // A denormal is loaded also where it is an unmasked exception.
    if (!(s.env.unmasked() & invalid)) s.push(n);
}

}  // namespace

void x87_load(X87Call& s) {
    if (!s.memory) {
        if (!s.empty(s.rm)) return push(s, s.st(s.rm));
        if (!s.underflowed()) s.push(indefinite);
        return;
    }
    switch (s.opcode) {
        case 0xD9: return push_number(s, single_format, s.load<u32>());
        case 0xDD: return push_number(s, double_format, s.load<u64>());
        default: {
            const Packed p = s.load<Packed>();
            Float80 v{};
            std::memcpy(&v.mantissa, p.byte, 8);
            std::memcpy(&v.sign_exponent, p.byte + 8, 2);
            push(s, v);
        }
    }
}

void x87_load_integer(X87Call& s) {
    const i64 v = s.opcode == 0xDB ? s.load<i32>() : s.digit == 5 ? s.load<i64>() : s.load<i16>();
    push(s, pack80(number_of(v)));
}

void x87_load_decimal(X87Call& s) {
    const Packed p = s.load<Packed>();
    u64 v = 0;
    for (unsigned n = 9; n-- > 0;)
        v = v * 100 + (p.byte[n] >> 4) * 10u + (p.byte[n] & 15u);
    Number n = number_of(i64(v));
    n.sign = p.byte[9] >> 7;
    push(s, pack80(n));
}

// D9 E8 to EE: 1, log2(10), log2(e), pi, log10(2), ln(2), 0; rounded as the control word says, and
// `precision` is not raised.
void x87_load_constant(X87Call& s) {
    constexpr auto round_down = MPFR_RNDZ;
    free_constants_with_thread();
    Big b, ten;
    mpfr_set_ui(ten, 10, round_down);
    switch (s.rm) {
        case 0: mpfr_set_ui(b, 1, round_down); break;
        case 1: mpfr_log2(b, ten, round_down); break;
        case 2:
            mpfr_const_log2(b, round_down);
            mpfr_ui_div(b, 1, b, round_down);
            break;
        case 3: mpfr_const_pi(b, round_down); break;
        case 4:
            mpfr_log2(b, ten, round_down);
            mpfr_ui_div(b, 1, b, round_down);
            break;
        case 5: mpfr_const_log2(b, round_down); break;
        default: mpfr_set_ui(b, 0, round_down); break;
    }
    Environment env = s.env;
    const Number n = round(b.exact(false), extended_format, env);
    push(s, pack80(n));
}

}  // namespace i386::fp
