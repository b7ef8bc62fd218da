// SPDX-License-Identifier: GPL-2.0-or-later
//
// PUSH, POP and the rest of the stack instructions.
#include "target/i386/interp/bind.h"

namespace i386 {

namespace {

struct PushReg {
    template <class T>
    static const Insn* run(Cpu& c, const Insn* i) {
        c.push<T>(c.get<T>(i->reg));
        return c.next(i);
    }
};
/// 64-bit mode with the default size: no segment, no mask.
[[gnu::noinline]] const Insn* push64_slow(Cpu& c, const Insn* i) {
    const u64 sp = c.s.regs[rsp] - 8;
    c.store_at<u64>(sp, c.s.regs[i->reg]);
    c.s.regs[rsp] = sp;
    return c.next(i);
}
const Insn* push64(Cpu& c, const Insn* i) {
    const u64 sp = c.s.regs[rsp] - 8;
    if (!c.try_store_at<u64>(sp, c.s.regs[i->reg])) [[unlikely]]
        return push64_slow(c, i);
    c.s.regs[rsp] = sp;
    return c.next(i);
}
[[gnu::noinline]] const Insn* pop64_slow(Cpu& c, const Insn* i) {
    const u64 v = c.load_at<u64>(c.s.regs[rsp]);
    c.s.regs[rsp] += 8;
    c.s.regs[i->reg] = v;
    return c.next(i);
}
const Insn* pop64(Cpu& c, const Insn* i) {
    u64 v;
    if (!c.try_load_at<u64>(c.s.regs[rsp], v)) [[unlikely]]
        return pop64_slow(c, i);
    c.s.regs[rsp] += 8;
    c.s.regs[i->reg] = v;
    return c.next(i);
}
struct PushRm {
    template <class T>
    static const Insn* run(Cpu& c, const Insn* i) {
        c.push<T>(rm_value<T>(c, i));
        return c.next(i);
    }
};
struct PushImmediate {
    template <class T>
    static const Insn* run(Cpu& c, const Insn* i) {
        c.push<T>(T(i->imm));
        return c.next(i);
    }
};
struct PopReg {
    template <class T>
    static const Insn* run(Cpu& c, const Insn* i) {
        const T v = c.peek<T>();
        c.set_sp(c.s.regs[rsp] + sizeof(T));
        c.put<T>(i->reg, v);
        return c.next(i);
    }
};
struct PopRm {
    template <class T>
    static const Insn* run(Cpu& c, const Insn* i) {
        const T v = c.peek<T>();
        const u64 old = c.s.regs[rsp];
        // An address by (E)SP uses the value after the increment (SDM, POP).
        c.set_sp(old + sizeof(T));
        if (!i->memory) {
            c.put<T>(i->rm, v);
            return c.next(i);
        }
        try {
            c.store<T>(i, v);
        } catch (const Fault&) {
            c.s.regs[rsp] = old;
            throw;
        }
        return c.next(i);
    }
};

template <unsigned seg>
struct PushSegment {
    template <class T>
    static const Insn* run(Cpu& c, const Insn* i) {
        const u64 sp = c.s.regs[rsp] - sizeof(T);
        // Processors write 16 bits only, whatever the size of the slot, when it is 32 bits.
        const u64 at = c.stack_linear(sp, sizeof(T), Access::write);
        if constexpr (sizeof(T) == 4)
            c.store_at<u16>(at, u16(c.s.seg[seg].selector));
        else
            c.store_at<T>(at, T(c.s.seg[seg].selector));
        c.set_sp(sp);
        return c.next(i);
    }
};
template <unsigned seg>
struct PopSegment {
    template <class T>
    static const Insn* run(Cpu& c, const Insn* i) {
        const u16 selector = u16(c.peek<T>());
        c.load_segment(Seg(seg), selector);
        c.set_sp(c.s.regs[rsp] + sizeof(T));
        if constexpr (seg == ss) c.shadow_of_ss();
        return c.leave(i);
    }
};

struct Pusha {
    template <class T>
    static const Insn* run(Cpu& c, const Insn* i) {
        const u64 sp = c.s.regs[rsp];
        for (unsigned n = 8; n-- > 0;)
            c.check_write(c.stack_linear(sp - (8 - n) * sizeof(T), sizeof(T), Access::write),
                          sizeof(T));
        for (unsigned n = 0; n < 8; n++)
            c.push<T>(n == rsp ? T(sp) : c.get<T>(n));
        return c.next(i);
    }
};
struct Popa {
    template <class T>
    static const Insn* run(Cpu& c, const Insn* i) {
        T v[8];
        for (unsigned n = 0; n < 8; n++)
            v[n] = c.peek<T>(n * sizeof(T));
        for (unsigned n = 0; n < 8; n++)
            if (7 - n != rsp) c.put<T>(7 - n, v[n]);
        c.set_sp(c.s.regs[rsp] + 8 * sizeof(T));
        return c.next(i);
    }
};

struct Pushf {
    template <class T>
    static const Insn* run(Cpu& c, const Insn* i) {
        c.intercept(SvmExit::pushf);
        u32 f = c.eflags() & ~u32(rf | vm);
        if (c.vm86() && c.iopl() < 3) {
            // With VME a 16-bit PUSHF shows the virtual interrupt flag (SDM volume 3, 20.3).
            if (sizeof(T) != 2 || !(c.s.cr4 & cr4_vme)) c.raise(exc_gp, 0);
            f = (f & ~u32(iflag)) | iopl_mask | (f & vif ? u32(iflag) : 0);
        }
        c.push<T>(T(f));
        return c.next(i);
    }
};
struct Popf {
    template <class T>
    static const Insn* run(Cpu& c, const Insn* i) {
        c.intercept(SvmExit::popf);
        const u32 old = c.eflags();
        u32 may = oszapc | tf | df | nt;
        if (sizeof(T) > 2) may |= ac | id;
        if (c.vm86() && c.iopl() < 3) {
            if (sizeof(T) != 2 || !(c.s.cr4 & cr4_vme)) c.raise(exc_gp, 0);
            const T v = c.peek<T>();
            if ((v & tf) || ((v & iflag) && (old & vip))) c.raise(exc_gp, 0);
            c.set_sp(c.s.regs[rsp] + sizeof(T));
            c.set_eflags((old & ~(may | vif)) | (u32(v) & may) | (v & iflag ? u32(vif) : 0));
            return c.leave(i);
        }
        const T v = c.peek<T>();
        if (c.cpl() == 0) may |= iopl_mask;
        if (c.cpl() <= c.iopl()) may |= iflag;
        c.set_sp(c.s.regs[rsp] + sizeof(T));
        c.set_eflags((old & ~(may | u32(rf))) | (u32(v) & may));
        return c.leave(i);
    }
};

struct Enter {
    template <class T>
    static const Insn* run(Cpu& c, const Insn* i) {
        const u16 size = u16(i->imm);
        const unsigned level = unsigned(i->imm >> 16) & 31;
        const u64 old = c.s.regs[rsp], m = c.stack_mask();
        u64 sp = old - sizeof(T);
        auto at = [&](u64 offset, Access a) { return c.stack_linear(offset, sizeof(T), a); };
        c.store_at<T>(at(sp, Access::write), c.get<T>(rbp));
        const u64 frame = sp;
        u64 bp = c.s.regs[rbp];
        for (unsigned n = 1; n < level; n++) {
            bp -= sizeof(T);
            sp -= sizeof(T);
            c.store_at<T>(at(sp, Access::write), c.load_at<T>(at(bp, Access::read)));
        }
        if (level) {
            sp -= sizeof(T);
            c.store_at<T>(at(sp, Access::write), T(frame & m));
        }
        sp -= size;
        // A frame that reaches unwritable memory faults here, not at its first use.
        c.check_write(at(sp, Access::write), sizeof(T));
        c.put<T>(rbp, T(m == 0xffff && sizeof(T) > 2 ? (old & ~m) | (frame & m) : frame));
        c.set_sp(sp);
        return c.next(i);
    }
};
struct Leave {
    template <class T>
    static const Insn* run(Cpu& c, const Insn* i) {
        const u64 bp = c.s.regs[rbp];
        const T v = c.load_at<T>(c.stack_linear(bp, sizeof(T), Access::read));
        c.set_sp(bp + sizeof(T));
        c.put<T>(rbp, v);
        return c.next(i);
    }
};

}  // namespace

Handler bind_push_z(const Insn& i, u32 mode) {
    return mode & mode_code64 && i.size_log2 == 3 ? &push64 : by_wide_size<PushReg>(i);
}
Handler bind_pop_z(const Insn& i, u32 mode) {
    return mode & mode_code64 && i.size_log2 == 3 ? &pop64 : by_wide_size<PopReg>(i);
}
Handler bind_push_e(const Insn& i, u32) {
    return by_wide_size<PushRm>(i);
}
Handler bind_push_i(const Insn& i, u32) {
    return by_wide_size<PushImmediate>(i);
}
Handler bind_pop_e(const Insn& i, u32) {
    return by_wide_size<PopRm>(i);
}
Handler bind_pusha(const Insn& i, u32) {
    return i.size_log2 == 1 ? &Pusha::run<u16> : &Pusha::run<u32>;
}
Handler bind_popa(const Insn& i, u32) {
    return i.size_log2 == 1 ? &Popa::run<u16> : &Popa::run<u32>;
}
Handler bind_pushf(const Insn& i, u32) {
    return by_wide_size<Pushf>(i);
}
Handler bind_popf(const Insn& i, u32) {
    return by_wide_size<Popf>(i);
}
Handler bind_enter(const Insn& i, u32) {
    return by_wide_size<Enter>(i);
}
Handler bind_leave_frame(const Insn& i, u32) {
    return by_wide_size<Leave>(i);
}

template <unsigned seg>
Handler bind_push_seg(const Insn& i, u32) {
    return by_wide_size<PushSegment<seg>>(i);
}
template <unsigned seg>
Handler bind_pop_seg(const Insn& i, u32) {
    return by_wide_size<PopSegment<seg>>(i);
}
template Handler bind_push_seg<es>(const Insn&, u32);
template Handler bind_push_seg<cs>(const Insn&, u32);
template Handler bind_push_seg<ss>(const Insn&, u32);
template Handler bind_push_seg<ds>(const Insn&, u32);
template Handler bind_push_seg<fs>(const Insn&, u32);
template Handler bind_push_seg<gs>(const Insn&, u32);
template Handler bind_pop_seg<es>(const Insn&, u32);
template Handler bind_pop_seg<ss>(const Insn&, u32);
template Handler bind_pop_seg<ds>(const Insn&, u32);
template Handler bind_pop_seg<fs>(const Insn&, u32);
template Handler bind_pop_seg<gs>(const Insn&, u32);

}  // namespace i386
