// SPDX-License-Identifier: GPL-2.0-or-later
//
// Multiplication, division, and decimal adjustment.
#include "target/i386/interp/bind.h"

#include <limits>

namespace i386 {

namespace {

template <class T>
struct Twice;
template <>
struct Twice<u8> {
    using type = u16;
    using sign = i16;
};
template <>
struct Twice<u16> {
    using type = u32;
    using sign = i32;
};
template <>
struct Twice<u32> {
    using type = u64;
    using sign = i64;
};
template <>
struct Twice<u64> {
    using type = unsigned __int128;
    using sign = __int128;
};

/// The double-width register pair: AX, DX:AX, EDX:EAX, RDX:RAX.
template <class T>
typename Twice<T>::type pair(const Cpu& c) {
    using W = typename Twice<T>::type;
    if constexpr (sizeof(T) == 1)
        return u16(c.s.regs[rax]);
    else
        return W(W(T(c.s.regs[rdx])) << width_of<T> | T(c.s.regs[rax]));
}
template <class T>
void set_pair(Cpu& c, T low, T high) {
    if constexpr (sizeof(T) == 1) {
        c.put<u16>(rax, u16(low | high << 8));
    } else {
        c.put<T>(rax, low);
        c.put<T>(rdx, high);
    }
}

struct Mul {
    template <class T>
    static const Insn* run(Cpu& c, const Insn* i) {
        using W = typename Twice<T>::type;
        const W r = W(W(rm_value<T>(c, i)) * T(c.s.regs[rax]));
        const T high = T(r >> width_of<T>);
        set_pair<T>(c, T(r), high);
        flags_result<T>(c.s, T(r), high != 0, high != 0);
        return c.next(i);
    }
};

/// The product of two signed values, and whether it does not fit.
template <class T>
typename Twice<T>::sign signed_product(T a, T b, bool& overflow) {
    using S = std::make_signed_t<T>;
    using W = typename Twice<T>::sign;
    const W r = W(W(S(a)) * S(b));
    overflow = r != W(S(r));
    return r;
}
struct Imul {
    template <class T>
    static const Insn* run(Cpu& c, const Insn* i) {
        bool over;
        const auto r = signed_product<T>(rm_value<T>(c, i), T(c.s.regs[rax]), over);
        set_pair<T>(c, T(r), T(r >> width_of<T>));
        flags_result<T>(c.s, T(r), over, over);
        return c.next(i);
    }
};
template <bool immediate>
struct ImulTo {
    template <class T>
    static const Insn* run(Cpu& c, const Insn* i) {
        bool over;
        const T b = immediate ? T(i->imm) : c.get<T>(i->reg);
        const T r = T(signed_product<T>(rm_value<T>(c, i), b, over));
        c.put<T>(i->reg, r);
        flags_result<T>(c.s, r, over, over);
        return c.next(i);
    }
};

struct Div {
    template <class T>
    static const Insn* run(Cpu& c, const Insn* i) {
        const T b = rm_value<T>(c, i);
        const auto a = pair<T>(c);
        if (b == 0 || T(a >> width_of<T>) >= b) c.raise(exc_de);
        if constexpr (sizeof(T) == 8)
            if (u64(a >> 64) == 0) {
                set_pair<T>(c, u64(a) / b, u64(a) % b);
                return c.next(i);
            }
        set_pair<T>(c, T(a / b), T(a % b));
        return c.next(i);
    }
};
struct Idiv {
    template <class T>
    static const Insn* run(Cpu& c, const Insn* i) {
        using W = typename Twice<T>::sign;
        using S = std::make_signed_t<T>;
        const S b = S(rm_value<T>(c, i));
        const W a = W(pair<T>(c));
        constexpr W lowest = W(W(1) << (width_of<T> * 2 - 1));
        if (b == 0 || (b == -1 && a == lowest)) c.raise(exc_de);
        const W q = W(a / b);
        if (q != W(S(q))) c.raise(exc_de);
        set_pair<T>(c, T(q), T(a % b));
        return c.next(i);
    }
};

// Decimal adjustment (SDM volume 2, DAA, DAS, AAA, AAS, AAM, AAD).
template <bool subtract>
void decimal_adjust(Cpu& c, const Insn*) {
    const u8 old = u8(c.s.regs[rax]);
    const bool old_cf = get_cf(c.s), old_af = get_af(c.s);
    u8 al = old;
    bool carry = false, half = false;
    if ((old & 0xf) > 9 || old_af) {
        carry = old_cf || (subtract ? old < 6 : old > 0xf9);
        al = u8(subtract ? al - 6 : al + 6);
        half = true;
    }
    if (old > 0x99 || old_cf) {
        al = u8(subtract ? al - 0x60 : al + 0x60);
        carry = true;
    }
    c.put<u8>(0, al);
    flags_result<u8>(c.s, al, carry, false);
    if (half) c.s.lazy.carries |= u64(1) << 59;
}
template <bool subtract>
void ascii_adjust(Cpu& c, const Insn*) {
    u16 ax = u16(c.s.regs[rax]);
    const bool adjust = (ax & 0xf) > 9 || get_af(c.s);
    if (adjust) ax = u16(subtract ? ax - 0x106 : ax + 0x106);
    ax &= 0xff0f;
    c.put<u16>(rax, ax);
    flags_result<u8>(c.s, u8(ax), adjust, false);
    if (adjust) c.s.lazy.carries |= u64(1) << 59;
}
void aam(Cpu& c, const Insn* i) {
    const u8 base = u8(i->imm), al = u8(c.s.regs[rax]);
    if (base == 0) c.raise(exc_de);
    c.put<u16>(rax, u16(al / base << 8 | al % base));
    flags_logic<u8>(c.s, u8(al % base));
}
void aad(Cpu& c, const Insn* i) {
    const u16 ax = u16(c.s.regs[rax]);
    const u8 al = u8((ax & 0xff) + (ax >> 8) * u8(i->imm));
    c.put<u16>(rax, al);
    flags_logic<u8>(c.s, al);
}

}  // namespace

Handler bind_mul(const Insn& i, u32) {
    return by_size<Mul>(i);
}
Handler bind_imul(const Insn& i, u32) {
    return by_size<Imul>(i);
}
Handler bind_imul_g(const Insn& i, u32) {
    return by_wide_size<ImulTo<false>>(i);
}
Handler bind_imul_i(const Insn& i, u32) {
    return by_wide_size<ImulTo<true>>(i);
}
Handler bind_div(const Insn& i, u32) {
    return by_size<Div>(i);
}
Handler bind_idiv(const Insn& i, u32) {
    return by_size<Idiv>(i);
}
Handler bind_daa(const Insn&, u32) {
    return &then_next<decimal_adjust<false>>;
}
Handler bind_das(const Insn&, u32) {
    return &then_next<decimal_adjust<true>>;
}
Handler bind_aaa(const Insn&, u32) {
    return &then_next<ascii_adjust<false>>;
}
Handler bind_aas(const Insn&, u32) {
    return &then_next<ascii_adjust<true>>;
}
Handler bind_aam(const Insn&, u32) {
    return &then_next<aam>;
}
Handler bind_aad(const Insn&, u32) {
    return &then_next<aad>;
}

}  // namespace i386
