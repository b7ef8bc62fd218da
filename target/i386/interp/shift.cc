// SPDX-License-Identifier: GPL-2.0-or-later
//
// Shifts and rotates. Counts are taken modulo 32 (64 for 64-bit operands); a count of zero changes
// no flag. OF is defined for counts of one only; for others it is what processors give.
#include "target/i386/interp/bind.h"

namespace i386 {

namespace {

template <class T>
constexpr unsigned count_mask = sizeof(T) == 8 ? 63 : 31;
template <class T>
bool top(T v) {
    return v >> (width_of<T> - 1) & 1;
}

// Each operation: the result, and its flags from operand and result; count is masked, not zero.
struct Shl {
    template <class T>
    static T value(const CpuState&, T a, unsigned n) {
        return n < width_of<T> ? T(u64(a) << n) : T(0);
    }
    template <class T>
    static void flags(CpuState& s, T a, unsigned n, T r) {
        const bool carry = n <= width_of<T> && (u64(a) >> (width_of<T> - n) & 1);
        flags_result<T>(s, r, carry, carry != top(r));
    }
};
struct Shr {
    template <class T>
    static T value(const CpuState&, T a, unsigned n) {
        return n < width_of<T> ? T(a >> n) : T(0);
    }
    template <class T>
    static void flags(CpuState& s, T a, unsigned n, T r) {
        const bool carry = n <= width_of<T> && (u64(a) >> (n - 1) & 1);
        flags_result<T>(s, r, carry, n == 1 && top(a));
    }
};
struct Sar {
    template <class T>
    static T value(const CpuState&, T a, unsigned n) {
        using S = std::make_signed_t<T>;
        return T(S(a) >> (n < width_of<T> ? n : width_of<T> - 1));
    }
    template <class T>
    static void flags(CpuState& s, T a, unsigned n, T r) {
        using S = std::make_signed_t<T>;
        const bool carry = i64(S(a)) >> (n - 1) & 1;
        flags_result<T>(s, r, carry, false);
    }
};

/// Rotates set CF and OF only.
inline void rotate_flags(CpuState& s, bool carry, bool overflow) {
    s.lazy.carries =
        (s.lazy.carries & ~(u64(3) << 62)) | u64(carry) << 63 | u64(carry != overflow) << 62;
}
struct Rol {
    template <class T>
    static T value(const CpuState&, T a, unsigned n) {
        n &= width_of<T> - 1;
        return n ? T(a << n | a >> (width_of<T> - n)) : a;
    }
    template <class T>
    static void flags(CpuState& s, T, unsigned, T r) {
        rotate_flags(s, r & 1, bool(r & 1) != top(r));
    }
};
struct Ror {
    template <class T>
    static T value(const CpuState&, T a, unsigned n) {
        n &= width_of<T> - 1;
        return n ? T(a >> n | a << (width_of<T> - n)) : a;
    }
    template <class T>
    static void flags(CpuState& s, T, unsigned, T r) {
        rotate_flags(s, top(r), top(r) != bool(r >> (width_of<T> - 2) & 1));
    }
};

// Through carry: a rotation of width + 1 bits.
using u128 = unsigned __int128;
template <class T>
u128 with_carry(const CpuState& s, T a) {
    return u128(get_cf(s)) << width_of<T> | a;
}
template <class T>
u128 rotated_left(const CpuState& s, T a, unsigned n) {
    constexpr unsigned w = width_of<T> + 1;
    n %= w;
    const u128 v = with_carry(s, a);
    return n ? (v << n | v >> (w - n)) & ((u128(1) << w) - 1) : v;
}
struct Rcl {
    template <class T>
    static T value(const CpuState& s, T a, unsigned n) {
        return T(rotated_left(s, a, n));
    }
    template <class T>
    static void flags(CpuState& s, T a, unsigned n, T r) {
        const bool carry = rotated_left(s, a, n) >> width_of<T> & 1;
        rotate_flags(s, carry, carry != top(r));
    }
};
struct Rcr {
    template <class T>
    static unsigned left(unsigned n) {
        constexpr unsigned w = width_of<T> + 1;
        return (w - n % w) % w;
    }
    template <class T>
    static T value(const CpuState& s, T a, unsigned n) {
        return T(rotated_left(s, a, left<T>(n)));
    }
    template <class T>
    static void flags(CpuState& s, T a, unsigned n, T r) {
        const bool carry = rotated_left(s, a, left<T>(n)) >> width_of<T> & 1;
        rotate_flags(s, carry, top(r) != bool(r >> (width_of<T> - 2) & 1));
    }
};

enum class Count { one, imm, cl };
template <Count count, class T>
unsigned amount(const Cpu& c, const Insn* i) {
    if constexpr (count == Count::one) return 1;
    return unsigned(count == Count::imm ? u64(i->imm) : c.s.regs[rcx]) & count_mask<T>;
}

template <class Op, Count count>
struct Register {
    template <class T>
    static const Insn* run(Cpu& c, const Insn* i) {
        const unsigned n = amount<count, T>(c, i);
        const T a = c.get<T>(i->rm);
        if (n == 0) {
            c.put<T>(i->rm, a);
            return c.next(i);
        }
        const T r = Op::template value<T>(c.s, a, n);
        Op::template flags<T>(c.s, a, n, r);
        c.put<T>(i->rm, r);
        return c.next(i);
    }
};
template <class Op, Count count>
struct Memory {
    template <class T>
    static const Insn* run(Cpu& c, const Insn* i) {
        const unsigned n = amount<count, T>(c, i);
        T r = 0;
        const T a = modify<T>(
            c, i, false, [&](T old) { return r = n ? Op::template value<T>(c.s, old, n) : old; });
        if (n) Op::template flags<T>(c.s, a, n, r);
        return c.next(i);
    }
};
template <class Op, Count count>
Handler choose(const Insn& i) {
    return i.memory ? by_size<Memory<Op, count>>(i) : by_size<Register<Op, count>>(i);
}

/// SHLD and SHRD. With 16 bits a count above 16 is undefined; here the source repeats.
template <bool left, bool by_cl>
struct DoubleShift {
    template <class T>
    static T value(T a, T b, unsigned n, bool& carry) {
        constexpr unsigned w = width_of<T>;
        if constexpr (sizeof(T) == 2) {
            const u64 v =
                left ? u64(a) << 32 | u64(b) << 16 | a : u64(a) | u64(b) << 16 | u64(a) << 32;
            carry = left ? v >> (48 - n) & 1 : v >> (n - 1) & 1;
            return left ? T(v << n >> 32) : T(v >> n);
        }
        carry = left ? a >> (w - n) & 1 : a >> (n - 1) & 1;
        return left ? T(a << n | b >> (w - n)) : T(a >> n | b << (w - n));
    }
    template <class T>
    static const Insn* run(Cpu& c, const Insn* i) {
        const unsigned n = unsigned(by_cl ? c.s.regs[rcx] : u64(i->imm)) & count_mask<T>;
        const T b = c.get<T>(i->reg);
        bool carry = false;
        T a, r = 0;
        if (i->memory) {
            a = modify<T>(c, i, false,
                          [&](T old) { return r = n ? value<T>(old, b, n, carry) : old; });
        } else {
            a = c.get<T>(i->rm);
            r = n ? value<T>(a, b, n, carry) : a;
            c.put<T>(i->rm, r);
        }
        if (n) flags_result<T>(c.s, r, carry, top(T(a ^ r)));
        return c.next(i);
    }
};

}  // namespace

Handler bind_rol(const Insn& i, u32) {
    return choose<Rol, Count::imm>(i);
}
Handler bind_ror(const Insn& i, u32) {
    return choose<Ror, Count::imm>(i);
}
Handler bind_rcl(const Insn& i, u32) {
    return choose<Rcl, Count::imm>(i);
}
Handler bind_rcr(const Insn& i, u32) {
    return choose<Rcr, Count::imm>(i);
}
Handler bind_shl(const Insn& i, u32) {
    return choose<Shl, Count::imm>(i);
}
Handler bind_shr(const Insn& i, u32) {
    return choose<Shr, Count::imm>(i);
}
Handler bind_sar(const Insn& i, u32) {
    return choose<Sar, Count::imm>(i);
}
Handler bind_rol1(const Insn& i, u32) {
    return choose<Rol, Count::one>(i);
}
Handler bind_ror1(const Insn& i, u32) {
    return choose<Ror, Count::one>(i);
}
Handler bind_rcl1(const Insn& i, u32) {
    return choose<Rcl, Count::one>(i);
}
Handler bind_rcr1(const Insn& i, u32) {
    return choose<Rcr, Count::one>(i);
}
Handler bind_shl1(const Insn& i, u32) {
    return choose<Shl, Count::one>(i);
}
Handler bind_shr1(const Insn& i, u32) {
    return choose<Shr, Count::one>(i);
}
Handler bind_sar1(const Insn& i, u32) {
    return choose<Sar, Count::one>(i);
}
Handler bind_rol_cl(const Insn& i, u32) {
    return choose<Rol, Count::cl>(i);
}
Handler bind_ror_cl(const Insn& i, u32) {
    return choose<Ror, Count::cl>(i);
}
Handler bind_rcl_cl(const Insn& i, u32) {
    return choose<Rcl, Count::cl>(i);
}
Handler bind_rcr_cl(const Insn& i, u32) {
    return choose<Rcr, Count::cl>(i);
}
Handler bind_shl_cl(const Insn& i, u32) {
    return choose<Shl, Count::cl>(i);
}
Handler bind_shr_cl(const Insn& i, u32) {
    return choose<Shr, Count::cl>(i);
}
Handler bind_sar_cl(const Insn& i, u32) {
    return choose<Sar, Count::cl>(i);
}
Handler bind_shld(const Insn& i, u32) {
    return by_wide_size<DoubleShift<true, false>>(i);
}
Handler bind_shrd(const Insn& i, u32) {
    return by_wide_size<DoubleShift<false, false>>(i);
}
Handler bind_shld_cl(const Insn& i, u32) {
    return by_wide_size<DoubleShift<true, true>>(i);
}
Handler bind_shrd_cl(const Insn& i, u32) {
    return by_wide_size<DoubleShift<false, true>>(i);
}

}  // namespace i386
