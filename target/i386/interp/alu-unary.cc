// SPDX-License-Identifier: GPL-2.0-or-later
//
// INC, DEC, NOT, NEG, and the exchanges: XCHG, XADD, CMPXCHG and its wide forms.
#include "target/i386/interp/bind.h"

namespace i386 {

namespace {

// CF survives INC and DEC: the carries of the addition of 1, with the topmost one replaced so that
// OF stays what it was.
template <class T>
void keep_cf(CpuState& s, bool carry) {
    set_cf(s, carry);
}

struct Inc {
    template <class T>
    static T value(T a) {
        return T(a + 1);
    }
    template <class T>
    static void flags(CpuState& s, T a, T r) {
        const bool carry = get_cf(s);
        flags_add<T>(s, a, T(1), r);
        keep_cf<T>(s, carry);
    }
};
struct Dec {
    template <class T>
    static T value(T a) {
        return T(a - 1);
    }
    template <class T>
    static void flags(CpuState& s, T a, T r) {
        const bool carry = get_cf(s);
        flags_sub<T>(s, a, T(1), r);
        keep_cf<T>(s, carry);
    }
};
struct Not {
    template <class T>
    static T value(T a) {
        return T(~a);
    }
    template <class T>
    static void flags(CpuState&, T, T) {}
};
struct Neg {
    template <class T>
    static T value(T a) {
        return T(-a);
    }
    template <class T>
    static void flags(CpuState& s, T a, T r) {
        flags_sub<T>(s, T(0), a, r);
    }
};

template <class Op>
struct OnRegister {
    template <class T>
    static const Insn* run(Cpu& c, const Insn* i) {
        const T a = c.get<T>(i->rm), r = Op::template value<T>(a);
        Op::template flags<T>(c.s, a, r);
        c.put<T>(i->rm, r);
        return c.next(i);
    }
};
template <class Op>
struct OnReg {
    template <class T>
    static const Insn* run(Cpu& c, const Insn* i) {
        const T a = c.get<T>(i->reg), r = Op::template value<T>(a);
        Op::template flags<T>(c.s, a, r);
        c.put<T>(i->reg, r);
        return c.next(i);
    }
};
template <class Op>
struct OnMemory {
    template <class T>
    static const Insn* run(Cpu& c, const Insn* i) {
        const T a = modify<T>(c, i, i->lock, [](T old) { return Op::template value<T>(old); });
        Op::template flags<T>(c.s, a, Op::template value<T>(a));
        return c.next(i);
    }
};
template <class Op>
Handler unary(const Insn& i) {
    return i.memory ? by_size<OnMemory<Op>>(i) : by_size<OnRegister<Op>>(i);
}

struct Xadd {
    template <class T>
    static const Insn* run(Cpu& c, const Insn* i) {
        const T b = c.get<T>(i->reg);
        T a;
        if (i->memory) {
            a = modify<T>(c, i, i->lock, [b](T old) { return T(old + b); });
            c.put<T>(i->reg, a);
        } else {
            a = c.get<T>(i->rm);
            c.put<T>(i->reg, a);
            c.put<T>(i->rm, T(a + b));
        }
        flags_add<T>(c.s, a, b, T(a + b));
        return c.next(i);
    }
};

struct Cmpxchg {
    template <class T>
    static const Insn* run(Cpu& c, const Insn* i) {
        const T expected = c.get<T>(0), desired = c.get<T>(i->reg);
        T old;
        if (i->memory) {
            // The store happens in any case, of the old value if need be (SDM, CMPXCHG).
            old = modify<T>(c, i, i->lock, [&](T v) { return v == expected ? desired : v; });
        } else {
            old = c.get<T>(i->rm);
            if (old == expected) c.put<T>(i->rm, desired);
        }
        flags_sub<T>(c.s, expected, old, T(expected - old));
        // On success the accumulator keeps its upper half, even for 32 bits.
        if (old != expected) c.put<T>(0, old);
        return c.next(i);
    }
};

void cmpxchg8b(Cpu& c, const Insn* i) {
    const u64 expected = u64(u32(c.s.regs[rdx])) << 32 | u32(c.s.regs[rax]);
    const u64 desired = u64(u32(c.s.regs[rcx])) << 32 | u32(c.s.regs[rbx]);
    const u64 old = modify<u64>(c, i, i->lock, [&](u64 v) { return v == expected ? desired : v; });
    set_zf(c.s, old == expected);
    if (old == expected) return;
    c.s.regs[rax] = u32(old);
    c.s.regs[rdx] = old >> 32;
}

using u128 = unsigned __int128;

void cmpxchg16b(Cpu& c, const Insn* i) {
    const u64 linear = c.linear(i, 16, Access::write);
    if (linear & 15) c.raise(exc_gp, 0);
    const u128 expected = u128(c.s.regs[rdx]) << 64 | c.s.regs[rax];
    const u128 desired = u128(c.s.regs[rcx]) << 64 | c.s.regs[rbx];
    u128 old = c.modify_wide(linear, expected, desired);
    set_zf(c.s, old == expected);
    if (old == expected) return;
    c.s.regs[rax] = u64(old);
    c.s.regs[rdx] = u64(old >> 64);
}

struct Xchg {
    template <class T>
    static const Insn* run(Cpu& c, const Insn* i) {
        const T b = c.get<T>(i->reg);
        if (i->memory) {
            c.put<T>(i->reg, modify<T>(c, i, true, [b](T) { return b; }));
        } else {
            c.put<T>(i->reg, c.get<T>(i->rm));
            c.put<T>(i->rm, b);
        }
        return c.next(i);
    }
};
struct XchgAccumulator {
    template <class T>
    static const Insn* run(Cpu& c, const Insn* i) {
        const T b = c.get<T>(i->reg);
        c.put<T>(i->reg, c.get<T>(0));
        c.put<T>(0, b);
        return c.next(i);
    }
};

}  // namespace

Handler bind_inc(const Insn& i, u32) {
    return unary<Inc>(i);
}
Handler bind_dec(const Insn& i, u32) {
    return unary<Dec>(i);
}
Handler bind_inc_z(const Insn& i, u32) {
    return by_wide_size<OnReg<Inc>>(i);
}
Handler bind_dec_z(const Insn& i, u32) {
    return by_wide_size<OnReg<Dec>>(i);
}
Handler bind_not(const Insn& i, u32) {
    return unary<Not>(i);
}
Handler bind_neg(const Insn& i, u32) {
    return unary<Neg>(i);
}
Handler bind_xadd(const Insn& i, u32) {
    return by_size<Xadd>(i);
}
Handler bind_cmpxchg(const Insn& i, u32) {
    return by_size<Cmpxchg>(i);
}
Handler bind_cmpxchg8b(const Insn& i, u32) {
    return i.rex_w ? &then_next<cmpxchg16b> : &then_next<cmpxchg8b>;
}
Handler bind_xchg(const Insn& i, u32) {
    return by_size<Xchg>(i);
}
// 90 is NOP and leaves the upper half of RAX alone (SDM volume 2, NOP).
Handler bind_xchg_z(const Insn& i, u32) {
    if (i.reg == rax) return [](Cpu& c, const Insn* nop) { return c.next(nop); };
    return by_wide_size<XchgAccumulator>(i);
}

}  // namespace i386
