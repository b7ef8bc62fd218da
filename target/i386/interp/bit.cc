// SPDX-License-Identifier: GPL-2.0-or-later
//
// Bit tests, scans and counts, CRC32.
#include "target/i386/interp/bind.h"

#include <bit>

namespace i386 {

namespace {

struct Bt {
    static constexpr bool writes = false;
    template <class T>
    static T value(T a, T) {
        return a;
    }
};
struct Bts {
    static constexpr bool writes = true;
    template <class T>
    static T value(T a, T bit) {
        return T(a | bit);
    }
};
struct Btr {
    static constexpr bool writes = true;
    template <class T>
    static T value(T a, T bit) {
        return T(a & ~bit);
    }
};
struct Btc {
    static constexpr bool writes = true;
    template <class T>
    static T value(T a, T bit) {
        return T(a ^ bit);
    }
};

template <class Op, bool immediate>
struct OnRegister {
    template <class T>
    static const Insn* run(Cpu& c, const Insn* i) {
        const unsigned n = unsigned(immediate ? u64(i->imm) : c.s.regs[i->reg]) & (width_of<T> - 1);
        const T a = c.get<T>(i->rm);
        set_cf(c.s, a >> n & 1);
        if constexpr (Op::writes) c.put<T>(i->rm, Op::template value<T>(a, T(T(1) << n)));
        return c.next(i);
    }
};
template <class Op, bool immediate>
struct OnMemory {
    template <class T>
    static const Insn* run(Cpu& c, const Insn* i) {
        const unsigned n = unsigned(immediate ? u64(i->imm) : c.s.regs[i->reg]) & (width_of<T> - 1);
        if constexpr (!immediate) {
            // A register names a bit of a string that starts at the operand: signed, in words of T.
            using S = std::make_signed_t<T>;
            const i64 words = i64(S(c.s.regs[i->reg])) >> std::countr_zero(width_of<T>);
            const u64 address = c.effective_address(i) + u64(words * i64(sizeof(T)));
            return string_word<T>(c, i, address, n);
        }
        T a;
        if constexpr (Op::writes)
            a = modify<T>(c, i, i->lock,
                          [n](T old) { return Op::template value<T>(old, T(T(1) << n)); });
        else
            a = c.load<T>(i);
        set_cf(c.s, a >> n & 1);
        return c.next(i);
    }
    template <class T>
    static const Insn* string_word(Cpu& c, const Insn* i, u64 address, unsigned n) {
        const u64 offset = i->address_log2 == 3   ? address
                           : i->address_log2 == 2 ? u32(address)
                                                  : u16(address);
        const u64 linear = c.segment_linear(Seg(i->seg), offset, sizeof(T),
                                            Op::writes ? Access::write : Access::read);
        T a;
        if constexpr (Op::writes)
            a = modify_at<T>(c, linear, i->lock,
                             [n](T old) { return Op::template value<T>(old, T(T(1) << n)); });
        else
            a = c.load_at<T>(linear);
        set_cf(c.s, a >> n & 1);
        return c.next(i);
    }
};
template <class Op, bool immediate>
Handler choose(const Insn& i) {
    return i.memory ? by_wide_size<OnMemory<Op, immediate>>(i)
                    : by_wide_size<OnRegister<Op, immediate>>(i);
}

// BSF and BSR of zero leave the destination as it is, which AMD documents and Intel does.
template <bool reverse>
struct Scan {
    template <class T>
    static const Insn* run(Cpu& c, const Insn* i) {
        const T a = rm_value<T>(c, i);
        if (a) {
            const unsigned n = unsigned(reverse ? int(width_of<T>) - 1 - std::countl_zero(a)
                                                : std::countr_zero(a));
            c.put<T>(i->reg, T(n));
        }
        flags_logic<T>(c.s, a);
        return c.next(i);
    }
};
template <bool leading>
struct CountZeros {
    template <class T>
    static const Insn* run(Cpu& c, const Insn* i) {
        const T a = rm_value<T>(c, i);
        const T r = T(leading ? std::countl_zero(a) : std::countr_zero(a));
        c.put<T>(i->reg, r);
        flags_result<T>(c.s, r, a == 0, false);
        return c.next(i);
    }
};
struct Popcnt {
    template <class T>
    static const Insn* run(Cpu& c, const Insn* i) {
        const T a = rm_value<T>(c, i);
        c.put<T>(i->reg, T(std::popcount(a)));
        set_oszapc(c.s, a == 0 ? u32(zf) : 0);
        return c.next(i);
    }
};

// CRC-32C, reflected polynomial of 11EDC6F41 (SDM volume 2, CRC32).
u32 crc32c(u32 crc, u64 data, unsigned bits) {
    for (unsigned n = 0; n < bits; n++) {
        const bool low = (crc ^ data >> n) & 1;
        crc = crc >> 1 ^ (low ? 0x82f63b78u : 0);
    }
    return crc;
}
struct Crc32 {
    template <class T>
    static const Insn* run(Cpu& c, const Insn* i) {
        c.put<u32>(i->reg, crc32c(u32(c.s.regs[i->reg]), rm_value<T>(c, i), width_of<T>));
        return c.next(i);
    }
};

}  // namespace

Handler bind_bt(const Insn& i, u32) {
    return choose<Bt, false>(i);
}
Handler bind_bts(const Insn& i, u32) {
    return choose<Bts, false>(i);
}
Handler bind_btr(const Insn& i, u32) {
    return choose<Btr, false>(i);
}
Handler bind_btc(const Insn& i, u32) {
    return choose<Btc, false>(i);
}
Handler bind_bt_i(const Insn& i, u32) {
    return choose<Bt, true>(i);
}
Handler bind_bts_i(const Insn& i, u32) {
    return choose<Bts, true>(i);
}
Handler bind_btr_i(const Insn& i, u32) {
    return choose<Btr, true>(i);
}
Handler bind_btc_i(const Insn& i, u32) {
    return choose<Btc, true>(i);
}
Handler bind_bsf(const Insn& i, u32) {
    return by_wide_size<Scan<false>>(i);
}
Handler bind_bsr(const Insn& i, u32) {
    return by_wide_size<Scan<true>>(i);
}
Handler bind_tzcnt(const Insn& i, u32) {
    return by_wide_size<CountZeros<false>>(i);
}
Handler bind_lzcnt(const Insn& i, u32) {
    return by_wide_size<CountZeros<true>>(i);
}
Handler bind_popcnt(const Insn& i, u32) {
    return by_wide_size<Popcnt>(i);
}
Handler bind_crc32_8(const Insn&, u32) {
    return &Crc32::run<u8>;
}
Handler bind_crc32_v(const Insn& i, u32) {
    return by_wide_size<Crc32>(i);
}

}  // namespace i386
