// SPDX-License-Identifier: GPL-2.0-or-later
//
// Moves, extensions, conditional moves, and single flags.
#include "target/i386/interp/bind.h"

namespace i386 {

namespace {

struct MovToRm {
    template <class T>
    static const Insn* run(Cpu& c, const Insn* i) {
        c.put<T>(i->rm, c.get<T>(i->reg));
        return c.next(i);
    }
};
struct MovToMemory {
    template <class T>
    static const Insn* run(Cpu& c, const Insn* i) {
        if (!c.try_store<T>(i, c.get<T>(i->reg))) [[unlikely]]
            return slow<T>(c, i);
        return c.next(i);
    }
    template <class T>
    [[gnu::noinline]] static const Insn* slow(Cpu& c, const Insn* i) {
        c.store<T>(i, c.get<T>(i->reg));
        return c.next(i);
    }
};
struct MovFromRm {
    template <class T>
    static const Insn* run(Cpu& c, const Insn* i) {
        c.put<T>(i->reg, c.get<T>(i->rm));
        return c.next(i);
    }
};
struct MovFromMemory {
    template <class T>
    static const Insn* run(Cpu& c, const Insn* i) {
        T v;
        if (!c.try_load<T>(i, v)) [[unlikely]]
            return slow<T>(c, i);
        c.put<T>(i->reg, v);
        return c.next(i);
    }
    template <class T>
    [[gnu::noinline]] static const Insn* slow(Cpu& c, const Insn* i) {
        c.put<T>(i->reg, c.load<T>(i));
        return c.next(i);
    }
};
struct MovImmediate {
    template <class T>
    static const Insn* run(Cpu& c, const Insn* i) {
        c.put<T>(i->rm, T(i->imm));
        return c.next(i);
    }
};
struct MovImmediateToMemory {
    template <class T>
    static const Insn* run(Cpu& c, const Insn* i) {
        c.store<T>(i, T(i->imm));
        return c.next(i);
    }
};
struct MovImmediateZ {
    template <class T>
    static const Insn* run(Cpu& c, const Insn* i) {
        c.put<T>(i->reg, T(i->imm));
        return c.next(i);
    }
};
struct MovFromOffset {
    template <class T>
    static const Insn* run(Cpu& c, const Insn* i) {
        c.put<T>(0,
                 c.load_at<T>(c.segment_linear(Seg(i->seg), u64(i->imm), sizeof(T), Access::read)));
        return c.next(i);
    }
};
struct MovToOffset {
    template <class T>
    static const Insn* run(Cpu& c, const Insn* i) {
        c.store_at<T>(c.segment_linear(Seg(i->seg), u64(i->imm), sizeof(T), Access::write),
                      c.get<T>(0));
        return c.next(i);
    }
};

/// From: the narrow type, signed for MOVSX.
template <class From>
struct Extend {
    template <class T>
    static const Insn* run(Cpu& c, const Insn* i) {
        c.put<T>(i->reg, T(From(c.get<std::make_unsigned_t<From>>(i->rm))));
        return c.next(i);
    }
};
template <class From>
struct ExtendMemory {
    template <class T>
    static const Insn* run(Cpu& c, const Insn* i) {
        From v;
        if (!c.try_load<From>(i, v)) [[unlikely]]
            return slow<T>(c, i);
        c.put<T>(i->reg, T(v));
        return c.next(i);
    }
    template <class T>
    [[gnu::noinline]] static const Insn* slow(Cpu& c, const Insn* i) {
        c.put<T>(i->reg, T(c.load<From>(i)));
        return c.next(i);
    }
};
template <class From>
Handler extend(const Insn& i) {
    return i.memory ? by_wide_size<ExtendMemory<From>>(i) : by_wide_size<Extend<From>>(i);
}

struct Lea {
    template <class T>
    static const Insn* run(Cpu& c, const Insn* i) {
        c.put<T>(i->reg, T(c.effective_address(i)));
        return c.next(i);
    }
};

template <unsigned cc>
struct Cmov {
    template <class T>
    static const Insn* run(Cpu& c, const Insn* i) {
        // Memory is read, and a 32-bit destination cleared above, whatever the condition.
        const T v = rm_value<T>(c, i);
        c.put<T>(i->reg, condition<cc>(c.s) ? v : c.get<T>(i->reg));
        return c.next(i);
    }
};
template <unsigned cc>
void setcc(Cpu& c, const Insn* i) {
    rm_store<u8>(c, i, condition<cc>(c.s));
}

template <class T>
T swap_bytes(T v) {
    if constexpr (sizeof(T) == 2)
        return __builtin_bswap16(v);
    else if constexpr (sizeof(T) == 4)
        return __builtin_bswap32(v);
    else
        return __builtin_bswap64(v);
}
struct Bswap {
    template <class T>
    static const Insn* run(Cpu& c, const Insn* i) {
        // With 16 bits undefined; processors give zero.
        c.put<T>(i->reg, sizeof(T) == 2 ? T(0) : swap_bytes(c.get<T>(i->reg)));
        return c.next(i);
    }
};
struct MovbeLoad {
    template <class T>
    static const Insn* run(Cpu& c, const Insn* i) {
        c.put<T>(i->reg, swap_bytes(c.load<T>(i)));
        return c.next(i);
    }
};
struct MovbeStore {
    template <class T>
    static const Insn* run(Cpu& c, const Insn* i) {
        c.store<T>(i, swap_bytes(c.get<T>(i->reg)));
        return c.next(i);
    }
};

void cbw(Cpu& c, const Insn*) {
    c.put<u16>(rax, u16(i8(c.s.regs[rax])));
}
void cwde(Cpu& c, const Insn*) {
    c.put<u32>(rax, u32(i16(c.s.regs[rax])));
}
void cdqe(Cpu& c, const Insn*) {
    c.s.regs[rax] = u64(i32(c.s.regs[rax]));
}
void cwd(Cpu& c, const Insn*) {
    c.put<u16>(rdx, u16(i16(c.s.regs[rax]) >> 15));
}
void cdq(Cpu& c, const Insn*) {
    c.put<u32>(rdx, u32(i32(c.s.regs[rax]) >> 31));
}
void cqo(Cpu& c, const Insn*) {
    c.s.regs[rdx] = u64(i64(c.s.regs[rax]) >> 63);
}

void xlat(Cpu& c, const Insn* i) {
    const u64 a = c.s.regs[rbx] + u8(c.s.regs[rax]);
    const u64 offset = i->address_log2 == 3 ? a : i->address_log2 == 2 ? u32(a) : u16(a);
    c.put<u8>(0, c.load_at<u8>(c.segment_linear(Seg(i->seg), offset, 1, Access::read)));
}

void lahf(Cpu& c, const Insn*) {
    c.put<u8>(1, u8((get_oszapc(c.s) & 0xff) | 2));
}
void sahf(Cpu& c, const Insn*) {
    set_oszapc(c.s, (c.get<u8>(1) & (sf | zf | af | pf | cf)) | (get_of(c.s) ? u32(of) : 0));
}
void clc(Cpu& c, const Insn*) {
    set_cf(c.s, false);
}
void stc(Cpu& c, const Insn*) {
    set_cf(c.s, true);
}
void cmc(Cpu& c, const Insn*) {
    set_cf(c.s, !get_cf(c.s));
}
void cld(Cpu& c, const Insn*) {
    c.s.eflags &= ~u32(df);
}
void std_(Cpu& c, const Insn*) {
    c.s.eflags |= df;
}
void nop(Cpu&, const Insn*) {}

}  // namespace

Handler bind_mov(const Insn& i, u32) {
    return i.memory ? by_size<MovToMemory>(i) : by_size<MovToRm>(i);
}
Handler bind_mov_g(const Insn& i, u32) {
    return i.memory ? by_size<MovFromMemory>(i) : by_size<MovFromRm>(i);
}
Handler bind_mov_i(const Insn& i, u32) {
    return i.memory ? by_size<MovImmediateToMemory>(i) : by_size<MovImmediate>(i);
}
Handler bind_mov_zi(const Insn& i, u32) {
    return by_size<MovImmediateZ>(i);
}
Handler bind_mov_ao(const Insn& i, u32) {
    return by_size<MovFromOffset>(i);
}
Handler bind_mov_oa(const Insn& i, u32) {
    return by_size<MovToOffset>(i);
}
Handler bind_movzx8(const Insn& i, u32) {
    return extend<u8>(i);
}
Handler bind_movzx16(const Insn& i, u32) {
    return extend<u16>(i);
}
Handler bind_movsx8(const Insn& i, u32) {
    return extend<i8>(i);
}
Handler bind_movsx16(const Insn& i, u32) {
    return extend<i16>(i);
}
Handler bind_movsxd(const Insn& i, u32) {
    return i.size_log2 == 1 ? bind_mov_g(i, 0) : extend<i32>(i);
}
Handler bind_lea(const Insn& i, u32) {
    return by_wide_size<Lea>(i);
}
Handler bind_bswap(const Insn& i, u32) {
    return by_wide_size<Bswap>(i);
}
// F2 makes CRC32 of it, F3 nothing.
Handler bind_movbe_g(const Insn& i, u32) {
    if (i.rep) return nullptr;
    return by_wide_size<MovbeLoad>(i);
}
Handler bind_movbe_m(const Insn& i, u32) {
    if (i.rep) return nullptr;
    return by_wide_size<MovbeStore>(i);
}
Handler bind_cbw(const Insn& i, u32) {
    return i.size_log2 == 1   ? &then_next<cbw>
           : i.size_log2 == 2 ? &then_next<cwde>
                              : &then_next<cdqe>;
}
Handler bind_cwd(const Insn& i, u32) {
    return i.size_log2 == 1   ? &then_next<cwd>
           : i.size_log2 == 2 ? &then_next<cdq>
                              : &then_next<cqo>;
}
Handler bind_xlat(const Insn&, u32) {
    return &then_next<xlat>;
}
Handler bind_lahf(const Insn&, u32) {
    return &then_next<lahf>;
}
Handler bind_sahf(const Insn&, u32) {
    return &then_next<sahf>;
}
Handler bind_clc(const Insn&, u32) {
    return &then_next<clc>;
}
Handler bind_stc(const Insn&, u32) {
    return &then_next<stc>;
}
Handler bind_cmc(const Insn&, u32) {
    return &then_next<cmc>;
}
Handler bind_cld(const Insn&, u32) {
    return &then_next<cld>;
}
Handler bind_std(const Insn&, u32) {
    return &then_next<std_>;
}
Handler bind_nop(const Insn&, u32) {
    return &then_next<nop>;
}

template <unsigned cc>
Handler bind_cmov(const Insn& i, u32) {
    return by_wide_size<Cmov<cc>>(i);
}
template <unsigned cc>
Handler bind_set(const Insn&, u32) {
    return &then_next<setcc<cc>>;
}

template Handler bind_cmov<0>(const Insn&, u32);
template Handler bind_cmov<1>(const Insn&, u32);
template Handler bind_cmov<2>(const Insn&, u32);
template Handler bind_cmov<3>(const Insn&, u32);
template Handler bind_cmov<4>(const Insn&, u32);
template Handler bind_cmov<5>(const Insn&, u32);
template Handler bind_cmov<6>(const Insn&, u32);
template Handler bind_cmov<7>(const Insn&, u32);
template Handler bind_cmov<8>(const Insn&, u32);
template Handler bind_cmov<9>(const Insn&, u32);
template Handler bind_cmov<10>(const Insn&, u32);
template Handler bind_cmov<11>(const Insn&, u32);
template Handler bind_cmov<12>(const Insn&, u32);
template Handler bind_cmov<13>(const Insn&, u32);
template Handler bind_cmov<14>(const Insn&, u32);
template Handler bind_cmov<15>(const Insn&, u32);
template Handler bind_set<0>(const Insn&, u32);
template Handler bind_set<1>(const Insn&, u32);
template Handler bind_set<2>(const Insn&, u32);
template Handler bind_set<3>(const Insn&, u32);
template Handler bind_set<4>(const Insn&, u32);
template Handler bind_set<5>(const Insn&, u32);
template Handler bind_set<6>(const Insn&, u32);
template Handler bind_set<7>(const Insn&, u32);
template Handler bind_set<8>(const Insn&, u32);
template Handler bind_set<9>(const Insn&, u32);
template Handler bind_set<10>(const Insn&, u32);
template Handler bind_set<11>(const Insn&, u32);
template Handler bind_set<12>(const Insn&, u32);
template Handler bind_set<13>(const Insn&, u32);
template Handler bind_set<14>(const Insn&, u32);
template Handler bind_set<15>(const Insn&, u32);

}  // namespace i386
