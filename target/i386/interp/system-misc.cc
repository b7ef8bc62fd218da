// SPDX-License-Identifier: GPL-2.0-or-later
//
// Interrupt flag, halting, ports, MSRs, time stamps, and the fast system calls.
#include "target/i386/interp/system.h"

#include <sys/random.h>

namespace i386 {

namespace {

void privileged(Cpu& c) {
    if (c.cpl() != 0 || c.vm86()) c.raise(exc_gp, 0);
}

/// Virtual interrupts stand in for IF: virtual-8086 mode with VME, CPL 3 with PVI.
bool virtual_if(const Cpu& c) {
    if (c.vm86()) return c.iopl() < 3 && (c.s.cr4 & cr4_vme);
    return c.protected_mode() && c.cpl() == 3 && c.iopl() < 3 && (c.s.cr4 & cr4_pvi);
}
bool may_change_if(const Cpu& c) {
    return !(c.s.mode & mode_pe) || (c.vm86() ? c.iopl() == 3 : c.cpl() <= c.iopl());
}

template <bool immediate>
struct In {
    template <class T>
    static const Insn* run(Cpu& c, const Insn* i) {
        const u16 port = immediate ? u8(i->imm) : u16(c.s.regs[rdx]);
        c.check_io(port, sizeof(T));
        c.intercept_io(i, port, sizeof(T), {.in = true, .string = false});
        c.put<T>(0, T(c.port_in(port, sizeof(T))));
        return c.leave(i);
    }
};
template <bool immediate>
struct Out {
    template <class T>
    static const Insn* run(Cpu& c, const Insn* i) {
        const u16 port = immediate ? u8(i->imm) : u16(c.s.regs[rdx]);
        c.check_io(port, sizeof(T));
        c.intercept_io(i, port, sizeof(T), {.in = false, .string = false});
        c.port_out(port, T(c.s.regs[rax]), sizeof(T));
        return c.leave(i);
    }
};
template <class Op>
Handler io(const Insn& i) {
    return i.size_log2 == 0   ? &Op::template run<u8>
           : i.size_log2 == 1 ? &Op::template run<u16>
                              : &Op::template run<u32>;
}

void set_edx_eax(Cpu& c, u64 v) {
    c.s.regs[rax] = u32(v);
    c.s.regs[rdx] = v >> 32;
}
u64 edx_eax(const Cpu& c) {
    return u64(u32(c.s.regs[rdx])) << 32 | u32(c.s.regs[rax]);
}

Segment flat_code(u32 selector, unsigned dpl, bool is64) {
    const u32 size = is64 ? 1u << 21 : 1u << 22;
    return {selector, 0xffffffff, 0, 0x809b00 | dpl << 13 | size};
}
Segment flat_stack(u32 selector, unsigned dpl) {
    return {selector, 0xffffffff, 0, 0xc09300 | dpl << 13};
}

void fs_gs_allowed(Cpu& c) {
    if (!(c.s.cr4 & cr4_fsgsbase)) c.raise(exc_ud);
}
void write_base(Cpu& c, const Insn* i, Seg seg) {
    fs_gs_allowed(c);
    const u64 v = i->size_log2 == 3 ? c.s.regs[i->rm] : u32(c.s.regs[i->rm]);
    if (!c.canonical(v)) c.raise(exc_gp, 0);
    c.s.seg[seg].base = v;
}
void read_base(Cpu& c, const Insn* i, Seg seg) {
    fs_gs_allowed(c);
    const u64 v = c.s.seg[seg].base;
    c.s.regs[i->rm] = i->size_log2 == 3 ? v : u32(v);
}

struct Random {
    template <class T>
    static const Insn* run(Cpu& c, const Insn* i) {
        T v;
        const bool ok = getrandom(&v, sizeof v, 0) == ssize_t(sizeof v);
        c.put<T>(i->rm, ok ? v : T(0));
        set_oszapc(c.s, ok ? u32(cf) : 0);
        return c.next(i);
    }
};

}  // namespace

void cli(Cpu& c, const Insn*) {
    if (virtual_if(c)) {
        c.s.eflags &= ~u32(vif);
        return;
    }
    if (!may_change_if(c)) c.raise(exc_gp, 0);
    c.s.eflags &= ~u32(iflag);
    c.update_request_mask();
}
const Insn* sti(Cpu& c, const Insn* i) {
    if (virtual_if(c)) {
        if (c.s.eflags & vip) c.raise(exc_gp, 0);
        c.s.eflags |= vif;
        return c.leave(i);
    }
    if (!may_change_if(c)) c.raise(exc_gp, 0);
    // Interrupts stay off for one more instruction when they were off before.
    if (!(c.s.eflags & iflag)) c.s.inhibit_irq = true;
    c.s.eflags |= iflag;
    c.update_request_mask();
    return c.leave(i);
}
void clac(Cpu& c, const Insn*) {
    if (c.cpl() != 0) c.raise(exc_ud);
    c.s.eflags &= ~u32(ac);
    c.update_mode();
}
void stac(Cpu& c, const Insn*) {
    if (c.cpl() != 0) c.raise(exc_ud);
    c.s.eflags |= ac;
    c.update_mode();
}
const Insn* hlt(Cpu& c, const Insn* i) {
    privileged(c);
    c.intercept(SvmExit::hlt);
    c.s.halted = true;
    return c.leave(i);
}
void monitor(Cpu& c, const Insn* i) {
    if (c.cpl() != 0) c.raise(exc_ud);
    c.intercept(SvmExit::monitor);
    if (u32(c.s.regs[rcx]) != 0) c.raise(exc_gp, 0);
    const u64 mask = i->address_log2 == 3 ? ~u64(0) : i->address_log2 == 2 ? 0xffffffff : 0xffff;
    const Seg seg = i->seg == seg_flat ? ds : Seg(i->seg);
    c.arm_monitor(c.segment_linear(seg, c.s.regs[rax] & mask, 1, Access::read));
}
const Insn* mwait(Cpu& c, const Insn* i) {
    if (c.cpl() != 0) c.raise(exc_ud);
    if (c.line_armed()) c.intercept(SvmExit::mwait_armed);
    c.intercept(SvmExit::mwait);
    if (u32(c.s.regs[rcx]) & ~1u) c.raise(exc_gp, 0);
    c.wait_for_line();
    return c.leave(i);
}

Handler bind_pause(const Insn&, u32) {
    return [](Cpu& c, const Insn* i) {
        c.intercept(SvmExit::pause);
        return c.leave(i);
    };
}
Handler bind_in_i(const Insn& i, u32) {
    return io<In<true>>(i);
}
Handler bind_in_dx(const Insn& i, u32) {
    return io<In<false>>(i);
}
Handler bind_out_i(const Insn& i, u32) {
    return io<Out<true>>(i);
}
Handler bind_out_dx(const Insn& i, u32) {
    return io<Out<false>>(i);
}
Handler bind_salc(const Insn&, u32) {
    return [](Cpu& c, const Insn* i) {
        c.put<u8>(0, get_cf(c.s) ? 0xff : 0);
        return c.next(i);
    };
}

void rdmsr(Cpu& c, const Insn*) {
    privileged(c);
    const u32 index = u32(c.s.regs[rcx]);
    c.ask("RDMSR", index, 0, [&] { set_edx_eax(c, c.read_msr(index)); });
}
void wrmsr(Cpu& c, const Insn*) {
    privileged(c);
    const u32 index = u32(c.s.regs[rcx]);
    const u64 value = edx_eax(c);
    c.ask("WRMSR", index, value, [&] { c.write_msr(index, value); });
}
static void read_tsc(Cpu& c, SvmExit seen_as) {
    if ((c.s.cr4 & cr4_tsd) && c.cpl() != 0) c.raise(exc_gp, 0);
    c.intercept(seen_as);
    set_edx_eax(c, c.tsc());
}
void rdtsc(Cpu& c, const Insn*) {
    read_tsc(c, SvmExit::rdtsc);
}
void rdtscp(Cpu& c, const Insn*) {
    read_tsc(c, SvmExit::rdtscp);
    c.s.regs[rcx] = u32(c.s.msr.tsc_aux);
}
void rdpmc(Cpu& c, const Insn*) {
    if (!(c.s.cr4 & cr4_pce) && c.cpl() != 0) c.raise(exc_gp, 0);
    c.intercept(SvmExit::rdpmc);
    c.raise(exc_ud);  // there are no counters
}
void rdpid(Cpu& c, const Insn* i) {
    c.s.regs[i->rm] = u32(c.s.msr.tsc_aux);
}

void cpuid(Cpu& c, const Insn*) {
    c.intercept(SvmExit::cpuid);
    const auto r = c.cpuid(u32(c.s.regs[rax]), u32(c.s.regs[rcx]));
    c.s.regs[rax] = r[0];
    c.s.regs[rbx] = r[1];
    c.s.regs[rcx] = r[2];
    c.s.regs[rdx] = r[3];
}

void xgetbv(Cpu& c, const Insn*) {
    if (!(c.s.cr4 & cr4_osxsave)) c.raise(exc_ud);
    const u32 index = u32(c.s.regs[rcx]);
    if (index == 0)
        set_edx_eax(c, c.s.xcr0);
    else if (index == 1 && c.has(Feature::xgetbv1))
        set_edx_eax(c, c.s.xcr0);
    else
        c.raise(exc_gp, 0);
}
void xsetbv(Cpu& c, const Insn*) {
    if (!(c.s.cr4 & cr4_osxsave)) c.raise(exc_ud);
    privileged(c);
    c.intercept(SvmExit::xsetbv);
    const u64 v = edx_eax(c);
    if (u32(c.s.regs[rcx]) != 0 || !(v & 1) || (v & ~c.xcr0_allowed()) || (v & 6) == 4)
        c.raise(exc_gp, 0);
    c.s.xcr0 = v;
    c.update_mode();
}
void rdpkru(Cpu& c, const Insn*) {
    if (!(c.s.cr4 & cr4_pke)) c.raise(exc_ud);
    if (u32(c.s.regs[rcx]) != 0) c.raise(exc_gp, 0);
    set_edx_eax(c, c.s.msr.pkru);
}
void wrpkru(Cpu& c, const Insn*) {
    if (!(c.s.cr4 & cr4_pke)) c.raise(exc_ud);
    if (u32(c.s.regs[rcx]) != 0 || u32(c.s.regs[rdx]) != 0) c.raise(exc_gp, 0);
    c.s.msr.pkru = u32(c.s.regs[rax]);
    c.flush_tlb();
}

void swapgs(Cpu& c, const Insn*) {
    privileged(c);
    std::swap(c.s.seg[gs].base, c.s.msr.kernelgsbase);
}
void rdfsbase(Cpu& c, const Insn* i) {
    read_base(c, i, fs);
}
void rdgsbase(Cpu& c, const Insn* i) {
    read_base(c, i, gs);
}
void wrfsbase(Cpu& c, const Insn* i) {
    write_base(c, i, fs);
}
void wrgsbase(Cpu& c, const Insn* i) {
    write_base(c, i, gs);
}

// SYSCALL and SYSRET (AMD64 APM volume 3): CS and SS come from STAR, flat, without descriptors.
const Insn* syscall(Cpu& c, const Insn* i) {
    if (!(c.s.msr.efer & efer_sce)) c.raise(exc_ud);
    const u32 selector = u32(c.s.msr.star >> 32) & 0xfffc;
    const u64 next = c.next_ip(i);
    const u32 flags = c.eflags();
    c.s.regs[rcx] = next;
    if (c.long_active()) {
        c.s.regs[r11] = flags & ~u32(rf);
        c.s.regs[rip] = c.code64() ? c.s.msr.lstar : c.s.msr.cstar;
    } else {
        c.s.regs[rip] = u32(c.s.msr.star);
    }
    const bool wide = c.long_active();
    c.set_segment(cs, flat_code(selector, 0, wide));
    c.set_segment(ss, flat_stack(selector + 8, 0));
    c.set_cpl(0);
    u32 cleared = rf;
    cleared |= wide ? u32(c.s.msr.fmask) : u32(iflag | vm);
    c.set_eflags(flags & ~cleared);
    c.step_by_new_flags();
    return nullptr;
}
const Insn* sysret(Cpu& c, const Insn* i) {
    if (!(c.s.msr.efer & efer_sce)) c.raise(exc_ud);
    if (!c.protected_mode() || c.cpl() != 0) c.raise(exc_gp, 0);
    u32 selector = u32(c.s.msr.star >> 48) & 0xfffc;
    const bool wide = c.code64() && i->size_log2 == 3;
    const u64 to = wide ? c.s.regs[rcx] : u32(c.s.regs[rcx]);
    if (wide && !c.canonical(to)) c.raise(exc_gp, 0);
    const u32 stack = selector + 8;
    if (wide) selector += 16;
    u32 flags = c.eflags() | iflag;
    if (c.code64()) {
        constexpr u32 may = oszapc | tf | iflag | df | iopl_mask | nt | ac | vif | vip | id;
        flags = (u32(c.s.regs[r11]) & may) | 2;
    }
    c.set_segment(cs, flat_code(selector | 3, 3, wide));
    c.set_segment(ss, flat_stack(stack | 3, 3));
    c.set_cpl(3);
    c.s.regs[rip] = to;
    c.set_eflags(flags);
    c.step_by_new_flags();
    return nullptr;
}

const Insn* sysenter(Cpu& c, const Insn*) {
    const u32 selector = c.s.msr.sysenter_cs & 0xfffc;
    if (selector == 0 || !(c.s.mode & mode_pe)) c.raise(exc_gp, 0);
    const bool wide = c.long_active();
    c.set_segment(cs, flat_code(selector, 0, wide));
    c.set_segment(ss, flat_stack(selector + 8, 0));
    c.set_cpl(0);
    c.s.regs[rsp] = wide ? c.s.msr.sysenter_esp : u32(c.s.msr.sysenter_esp);
    c.s.regs[rip] = wide ? c.s.msr.sysenter_eip : u32(c.s.msr.sysenter_eip);
    c.set_eflags(c.eflags() & ~u32(vm | iflag | rf));
    return nullptr;
}
const Insn* sysexit(Cpu& c, const Insn* i) {
    const u32 selector = c.s.msr.sysenter_cs & 0xfffc;
    if (selector == 0 || c.cpl() != 0 || !c.protected_mode()) c.raise(exc_gp, 0);
    const bool wide = c.code64() && i->size_log2 == 3;
    const u64 to = wide ? c.s.regs[rdx] : u32(c.s.regs[rdx]);
    if (wide && (!c.canonical(to) || !c.canonical(c.s.regs[rcx]))) c.raise(exc_gp, 0);
    const u32 code = selector + (wide ? 32 : 16);
    c.set_segment(cs, flat_code(code | 3, 3, wide));
    c.set_segment(ss, flat_stack((code + 8) | 3, 3));
    c.set_cpl(3);
    c.s.regs[rsp] = wide ? c.s.regs[rcx] : u32(c.s.regs[rcx]);
    c.s.regs[rip] = to;
    c.update_mode();
    return nullptr;
}

const Insn* rsm(Cpu& c, const Insn*) {
    c.intercept(SvmExit::rsm);
    if (!c.s.smm) c.raise(exc_ud);
    c.leave_smm();
    return nullptr;
}

void fence(Cpu&, const Insn*) {
    std::atomic_thread_fence(std::memory_order_seq_cst);
}
void clflush(Cpu& c, const Insn* i) {
    c.check_read(c.linear(i, 1, Access::read), 1);
}
Handler bind_rdrand(const Insn& i, u32) {
    return by_wide_size<Random>(i);
}

}  // namespace i386
