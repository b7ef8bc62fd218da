// SPDX-License-Identifier: GPL-2.0-or-later
//
// Near and far branches, loops, software interrupts. All end a block.
#include "target/i386/follow.h"
#include "target/i386/interp/bind.h"

namespace i386 {

namespace {

/// Where a near branch of operand size T goes: 16-bit ones stay in the first 64K.
template <class T>
u64 target(u64 ip) {
    if constexpr (sizeof(T) == 2)
        return u16(ip);
    else if constexpr (sizeof(T) == 4)
        return u32(ip);
    else
        return ip;
}

template <class T>
const Insn* go(Cpu& c, const Insn* i) {
    const u64 to = target<T>(c.s.regs[rip] + u64(i->imm));
    // A relative branch leaves the canonical range only where the next fetch faults anyway.
    if constexpr (sizeof(T) < 8) c.check_branch(to);
    c.s.regs[rip] = to;
    return c.follow(1);
}
template <class T>
const Insn* fall_through(Cpu& c, const Insn* i) {
    const u64 to = c.s.regs[rip] + i->end();
    c.s.regs[rip] = sizeof(T) == 8 ? to : u32(to);
    return c.follow(0);
}

template <unsigned cc>
struct Jcc {
    template <class T>
    static const Insn* run(Cpu& c, const Insn* i) {
        if (condition<cc>(c.s)) return go<T>(c, i);
        return fall_through<T>(c, i);
    }
};
struct Jmp {
    template <class T>
    static const Insn* run(Cpu& c, const Insn* i) {
        return go<T>(c, i);
    }
};
struct JmpRm {
    template <class T>
    static const Insn* run(Cpu& c, const Insn* i) {
        const u64 to = rm_value<T>(c, i);
        c.check_branch(to);
        c.s.regs[rip] = to;
        return c.jump_indirect();
    }
};
struct Call {
    template <class T>
    static const Insn* run(Cpu& c, const Insn* i) {
        const u64 to = target<T>(c.s.regs[rip] + u64(i->imm));
        c.check_branch(to);
        c.push<T>(T(c.next_ip(i)));
        c.s.regs[rip] = to;
        return c.follow(1);
    }
};
[[gnu::noinline]] const Insn* call64_slow(Cpu& c, const Insn* i) {
    return Call::run<u64>(c, i);
}
const Insn* call64(Cpu& c, const Insn* i) {
    const u64 to = c.s.regs[rip] + u64(i->imm), sp = c.s.regs[rsp] - 8;
    if (!c.try_store_at<u64>(sp, c.s.regs[rip] + i->end())) [[unlikely]]
        return call64_slow(c, i);
    c.s.regs[rsp] = sp;
    c.s.regs[rip] = to;
    return c.follow(1);
}
struct CallRm {
    template <class T>
    static const Insn* run(Cpu& c, const Insn* i) {
        const u64 to = rm_value<T>(c, i);
        c.check_branch(to);
        c.push<T>(T(c.next_ip(i)));
        c.s.regs[rip] = to;
        return c.jump_indirect();
    }
};
struct Ret {
    template <class T>
    static const Insn* run(Cpu& c, const Insn* i) {
        const u64 to = c.peek<T>();
        c.check_branch(to);
        // `imm` is 0 for the form without one.
        c.set_sp(c.s.regs[rsp] + sizeof(T) + u16(i->imm));
        c.s.regs[rip] = to;
        return c.jump_indirect();
    }
};

[[gnu::noinline]] const Insn* ret64_slow(Cpu& c, const Insn* i) {
    return Ret::run<u64>(c, i);
}
const Insn* ret64(Cpu& c, const Insn* i) {
    u64 to;
    if (!c.try_load_at<u64>(c.s.regs[rsp], to) || !c.canonical(to)) [[unlikely]]
        return ret64_slow(c, i);
    c.s.regs[rsp] += 8 + u16(i->imm);
    c.s.regs[rip] = to;
    return c.jump_indirect();
}

bool count_down(Cpu& c, const Insn* i) {
    switch (i->address_log2) {
        case 1: {
            const u16 n = u16(c.s.regs[rcx] - 1);
            c.put<u16>(rcx, n);
            return n;
        }
        case 2: {
            const u32 n = u32(c.s.regs[rcx] - 1);
            c.put<u32>(rcx, n);
            return n;
        }
        default: return --c.s.regs[rcx];
    }
}
enum class Until { count, equal, not_equal };
template <Until until>
struct Loop {
    template <class T>
    static const Insn* run(Cpu& c, const Insn* i) {
        const u64 to = target<T>(c.s.regs[rip] + u64(i->imm));
        const u64 n = c.s.regs[rcx];
        bool again = count_down(c, i);
        if constexpr (until == Until::equal) again = again && get_zf(c.s);
        if constexpr (until == Until::not_equal) again = again && !get_zf(c.s);
        if (!again) return fall_through<T>(c, i);
        if (!c.code64() && to > c.s.seg[cs].limit) {
            c.s.regs[rcx] = n;
            c.raise(exc_gp, 0);
        }
        return go<T>(c, i);
    }
};
struct Jcxz {
    template <class T>
    static const Insn* run(Cpu& c, const Insn* i) {
        const u64 n = c.s.regs[rcx];
        const bool zero = i->address_log2 == 1 ? !u16(n) : i->address_log2 == 2 ? !u32(n) : !n;
        return zero ? go<T>(c, i) : fall_through<T>(c, i);
    }
};

const Insn* jmp_far(Cpu& c, const Insn* i) {
    c.far_jump(u16(u64(i->imm) >> 32), u32(i->imm), i->size(), c.next_ip(i));
    return nullptr;
}
const Insn* call_far(Cpu& c, const Insn* i) {
    c.far_call(u16(u64(i->imm) >> 32), u32(i->imm), i->size(), c.next_ip(i));
    return nullptr;
}
/// A far pointer in memory: the offset of operand size, then the selector.
u64 load_pointer(Cpu& c, const Insn* i, u16& selector) {
    const u64 at = c.linear(i, i->size() + 2, Access::read);
    u64 offset;
    switch (i->size_log2) {
        case 1: offset = c.load_at<u16>(at); break;
        case 2: offset = c.load_at<u32>(at); break;
        default: offset = c.load_at<u64>(at);
    }
    selector = c.load_at<u16>(at + i->size());
    return offset;
}
const Insn* jmp_far_m(Cpu& c, const Insn* i) {
    u16 selector;
    const u64 offset = load_pointer(c, i, selector);
    c.far_jump(selector, offset, i->size(), c.next_ip(i));
    return nullptr;
}
const Insn* call_far_m(Cpu& c, const Insn* i) {
    u16 selector;
    const u64 offset = load_pointer(c, i, selector);
    c.far_call(selector, offset, i->size(), c.next_ip(i));
    return nullptr;
}
const Insn* retf(Cpu& c, const Insn* i) {
    c.far_return(i->size(), u16(i->imm));
    return nullptr;
}
const Insn* iret(Cpu& c, const Insn* i) {
    c.intercept(SvmExit::iret);
    c.interrupt_return_at(i->size(), c.next_ip(i));
    return nullptr;
}

const Insn* int_n(Cpu& c, const Insn* i) {
    c.intercept(SvmExit::int_n);
    c.software_interrupt(u8(i->imm), c.next_ip(i));
    return nullptr;
}
const Insn* int3(Cpu& c, const Insn* i) {
    c.interrupt(exc_bp, Cpu::Source::int3_into, false, 0, c.next_ip(i));
    return nullptr;
}
const Insn* into(Cpu& c, const Insn* i) {
    if (!get_of(c.s)) return fall_through<u32>(c, i);
    c.interrupt(exc_of, Cpu::Source::int3_into, false, 0, c.next_ip(i));
    return nullptr;
}
const Insn* int1(Cpu& c, const Insn* i) {
    c.intercept(SvmExit::icebp);
    c.intercept(SvmExit::exception + exc_db);
    c.interrupt(exc_db, Cpu::Source::trap, false, 0, c.next_ip(i));
    return nullptr;
}
template <class S>
void bound(Cpu& c, const Insn* i) {
    using U = std::make_unsigned_t<S>;
    const u64 at = c.linear(i, 2 * sizeof(S), Access::read);
    const S low = S(c.load_at<U>(at)), high = S(c.load_at<U>(at + sizeof(S)));
    const S v = S(c.get<U>(i->reg));
    if (v < low || v > high) c.raise(exc_br);
}

}  // namespace

template <unsigned cc>
Handler bind_jcc(const Insn& i, u32) {
    return by_wide_size<Jcc<cc>>(i);
}
template Handler bind_jcc<0>(const Insn&, u32);
template Handler bind_jcc<1>(const Insn&, u32);
template Handler bind_jcc<2>(const Insn&, u32);
template Handler bind_jcc<3>(const Insn&, u32);
template Handler bind_jcc<4>(const Insn&, u32);
template Handler bind_jcc<5>(const Insn&, u32);
template Handler bind_jcc<6>(const Insn&, u32);
template Handler bind_jcc<7>(const Insn&, u32);
template Handler bind_jcc<8>(const Insn&, u32);
template Handler bind_jcc<9>(const Insn&, u32);
template Handler bind_jcc<10>(const Insn&, u32);
template Handler bind_jcc<11>(const Insn&, u32);
template Handler bind_jcc<12>(const Insn&, u32);
template Handler bind_jcc<13>(const Insn&, u32);
template Handler bind_jcc<14>(const Insn&, u32);
template Handler bind_jcc<15>(const Insn&, u32);

Handler bind_jmp(const Insn& i, u32) {
    return by_wide_size<Jmp>(i);
}
Handler bind_jmp_e(const Insn& i, u32) {
    return by_wide_size<JmpRm>(i);
}
Handler bind_jmp_far(const Insn&, u32) {
    return &jmp_far;
}
Handler bind_jmp_far_m(const Insn&, u32) {
    return &jmp_far_m;
}
Handler bind_call(const Insn& i, u32 mode) {
    return mode & mode_code64 ? &call64 : by_wide_size<Call>(i);
}
Handler bind_call_e(const Insn& i, u32) {
    return by_wide_size<CallRm>(i);
}
Handler bind_call_far(const Insn&, u32) {
    return &call_far;
}
Handler bind_call_far_m(const Insn&, u32) {
    return &call_far_m;
}
Handler bind_ret(const Insn& i, u32 mode) {
    return mode & mode_code64 ? &ret64 : by_wide_size<Ret>(i);
}
Handler bind_ret_i(const Insn& i, u32 mode) {
    return mode & mode_code64 ? &ret64 : by_wide_size<Ret>(i);
}
Handler bind_retf(const Insn&, u32) {
    return &retf;
}
Handler bind_retf_i(const Insn&, u32) {
    return &retf;
}
Handler bind_iret(const Insn&, u32) {
    return &iret;
}
Handler bind_loop(const Insn& i, u32) {
    return by_wide_size<Loop<Until::count>>(i);
}
Handler bind_loope(const Insn& i, u32) {
    return by_wide_size<Loop<Until::equal>>(i);
}
Handler bind_loopne(const Insn& i, u32) {
    return by_wide_size<Loop<Until::not_equal>>(i);
}
Handler bind_jcxz(const Insn& i, u32) {
    return by_wide_size<Jcxz>(i);
}
Handler bind_int(const Insn&, u32) {
    return &int_n;
}
Handler bind_int3(const Insn&, u32) {
    return &int3;
}
Handler bind_into(const Insn&, u32) {
    return &into;
}
Handler bind_int1(const Insn&, u32) {
    return &int1;
}
Handler bind_bound(const Insn& i, u32) {
    return i.size_log2 == 1 ? &then_next<bound<i16>> : &then_next<bound<i32>>;
}
Handler bind_ud(const Insn&, u32) {
    return nullptr;
}

}  // namespace i386
