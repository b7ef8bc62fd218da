// SPDX-License-Identifier: GPL-2.0-or-later
//
// Two-operand arithmetic and logic in all its forms.
#include "target/i386/interp/bind.h"

namespace i386 {

namespace {

// Each operation: the result of (a, b), and its flags. `writes` is false for CMP and TEST.
struct Add {
    static constexpr bool writes = true;
    template <class T>
    static T value(const CpuState&, T a, T b) {
        return T(a + b);
    }
    template <class T>
    static void flags(CpuState& s, T a, T b, T r) {
        flags_add<T>(s, a, b, r);
    }
};
struct Adc : Add {
    template <class T>
    static T value(const CpuState& s, T a, T b) {
        return T(a + b + T(get_cf(s)));
    }
};
struct Sub {
    static constexpr bool writes = true;
    template <class T>
    static T value(const CpuState&, T a, T b) {
        return T(a - b);
    }
    template <class T>
    static void flags(CpuState& s, T a, T b, T r) {
        flags_sub<T>(s, a, b, r);
    }
};
struct Sbb : Sub {
    template <class T>
    static T value(const CpuState& s, T a, T b) {
        return T(a - b - T(get_cf(s)));
    }
};
struct Cmp : Sub {
    static constexpr bool writes = false;
};
struct Logic {
    static constexpr bool writes = true;
    template <class T>
    static void flags(CpuState& s, T, T, T r) {
        flags_logic<T>(s, r);
    }
};
struct And : Logic {
    template <class T>
    static T value(const CpuState&, T a, T b) {
        return T(a & b);
    }
};
struct Or : Logic {
    template <class T>
    static T value(const CpuState&, T a, T b) {
        return T(a | b);
    }
};
struct Xor : Logic {
    template <class T>
    static T value(const CpuState&, T a, T b) {
        return T(a ^ b);
    }
};
struct Test : And {
    static constexpr bool writes = false;
};

enum class Source { reg, imm };

template <Source source, class T>
T second(const Cpu& c, const Insn* i) {
    return source == Source::imm ? T(i->imm) : c.get<T>(i->reg);
}

template <class Op, Source source>
struct RegisterForm {
    template <class T>
    static const Insn* run(Cpu& c, const Insn* i) {
        const T a = c.get<T>(i->rm), b = second<source, T>(c, i);
        const T r = Op::template value<T>(c.s, a, b);
        Op::template flags<T>(c.s, a, b, r);
        if constexpr (Op::writes) c.put<T>(i->rm, r);
        return c.next(i);
    }
};

template <class Op, Source source>
struct MemoryForm {
    template <class T>
    static const Insn* run(Cpu& c, const Insn* i) {
        if (!i->plain()) [[unlikely]]
            return slow<T>(c, i);
        const u64 linear = c.plain_address(i);
        u8* const p = c.try_host<T>(linear, Op::writes);
        if (!p) [[unlikely]]
            return slow<T>(c, i);
        T a;
        std::memcpy(&a, p, sizeof(T));
        const T b = second<source, T>(c, i);
        const T r = Op::template value<T>(c.s, a, b);
        Op::template flags<T>(c.s, a, b, r);
        if constexpr (Op::writes) std::memcpy(p, &r, sizeof(T));
        return c.next(i);
    }
    template <class T>
    [[gnu::noinline]] static const Insn* slow(Cpu& c, const Insn* i) {
        const T b = second<source, T>(c, i);
        T a;
        if constexpr (Op::writes)
            a = modify<T>(c, i, false, [&](T old) { return Op::template value<T>(c.s, old, b); });
        else
            a = c.load<T>(i);
        Op::template flags<T>(c.s, a, b, Op::template value<T>(c.s, a, b));
        return c.next(i);
    }
};

template <class Op, Source source>
struct LockedForm {
    template <class T>
    static const Insn* run(Cpu& c, const Insn* i) {
        const T b = second<source, T>(c, i);
        const T a =
            modify<T>(c, i, true, [&](T old) { return Op::template value<T>(c.s, old, b); });
        Op::template flags<T>(c.s, a, b, Op::template value<T>(c.s, a, b));
        return c.next(i);
    }
};

template <class Op>
struct ToRegister {
    template <class T>
    static const Insn* run(Cpu& c, const Insn* i) {
        const T a = c.get<T>(i->reg), b = c.get<T>(i->rm);
        const T r = Op::template value<T>(c.s, a, b);
        Op::template flags<T>(c.s, a, b, r);
        if constexpr (Op::writes) c.put<T>(i->reg, r);
        return c.next(i);
    }
};
template <class Op>
struct MemoryToRegister {
    template <class T>
    static const Insn* run(Cpu& c, const Insn* i) {
        T b;
        if (!c.try_load<T>(i, b)) [[unlikely]]
            return slow<T>(c, i);
        return finish<T>(c, i, b);
    }
    template <class T>
    [[gnu::noinline]] static const Insn* slow(Cpu& c, const Insn* i) {
        return finish<T>(c, i, c.load<T>(i));
    }
    template <class T>
    [[gnu::always_inline]] static const Insn* finish(Cpu& c, const Insn* i, T b) {
        const T a = c.get<T>(i->reg);
        const T r = Op::template value<T>(c.s, a, b);
        Op::template flags<T>(c.s, a, b, r);
        if constexpr (Op::writes) c.put<T>(i->reg, r);
        return c.next(i);
    }
};

template <class Op, Source source>
Handler choose(const Insn& i) {
    if (!i.memory) return by_size<RegisterForm<Op, source>>(i);
    if constexpr (Op::writes)
        if (i.lock) return by_size<LockedForm<Op, source>>(i);
    return by_size<MemoryForm<Op, source>>(i);
}
template <class Op>
Handler choose_g(const Insn& i) {
    return i.memory ? by_size<MemoryToRegister<Op>>(i) : by_size<ToRegister<Op>>(i);
}

}  // namespace

Handler bind_add(const Insn& i, u32) {
    return choose<Add, Source::reg>(i);
}
Handler bind_or(const Insn& i, u32) {
    return choose<Or, Source::reg>(i);
}
Handler bind_adc(const Insn& i, u32) {
    return choose<Adc, Source::reg>(i);
}
Handler bind_sbb(const Insn& i, u32) {
    return choose<Sbb, Source::reg>(i);
}
Handler bind_and(const Insn& i, u32) {
    return choose<And, Source::reg>(i);
}
Handler bind_sub(const Insn& i, u32) {
    return choose<Sub, Source::reg>(i);
}
Handler bind_xor(const Insn& i, u32) {
    return choose<Xor, Source::reg>(i);
}
Handler bind_cmp(const Insn& i, u32) {
    return choose<Cmp, Source::reg>(i);
}
Handler bind_test(const Insn& i, u32) {
    return choose<Test, Source::reg>(i);
}
Handler bind_add_i(const Insn& i, u32) {
    return choose<Add, Source::imm>(i);
}
Handler bind_or_i(const Insn& i, u32) {
    return choose<Or, Source::imm>(i);
}
Handler bind_adc_i(const Insn& i, u32) {
    return choose<Adc, Source::imm>(i);
}
Handler bind_sbb_i(const Insn& i, u32) {
    return choose<Sbb, Source::imm>(i);
}
Handler bind_and_i(const Insn& i, u32) {
    return choose<And, Source::imm>(i);
}
Handler bind_sub_i(const Insn& i, u32) {
    return choose<Sub, Source::imm>(i);
}
Handler bind_xor_i(const Insn& i, u32) {
    return choose<Xor, Source::imm>(i);
}
Handler bind_cmp_i(const Insn& i, u32) {
    return choose<Cmp, Source::imm>(i);
}
Handler bind_test_i(const Insn& i, u32) {
    return choose<Test, Source::imm>(i);
}
Handler bind_add_g(const Insn& i, u32) {
    return choose_g<Add>(i);
}
Handler bind_or_g(const Insn& i, u32) {
    return choose_g<Or>(i);
}
Handler bind_adc_g(const Insn& i, u32) {
    return choose_g<Adc>(i);
}
Handler bind_sbb_g(const Insn& i, u32) {
    return choose_g<Sbb>(i);
}
Handler bind_and_g(const Insn& i, u32) {
    return choose_g<And>(i);
}
Handler bind_sub_g(const Insn& i, u32) {
    return choose_g<Sub>(i);
}
Handler bind_xor_g(const Insn& i, u32) {
    return choose_g<Xor>(i);
}
Handler bind_cmp_g(const Insn& i, u32) {
    return choose_g<Cmp>(i);
}

}  // namespace i386
