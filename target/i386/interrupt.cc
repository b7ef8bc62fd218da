// SPDX-License-Identifier: GPL-2.0-or-later
//
// Delivery of interrupts and exceptions through the IDT, and IRET (SDM volume 3, chapter 6).
#include "target/i386/cpu.h"
#include "target/i386/descriptor.h"
#include "target/i386/stack-writer.h"

namespace i386 {

void Cpu::push_on(const InnerStack& stack, u64 value, unsigned width) {
    u64 linear = stack.sp;
    if (stack.mask != ~u64(0)) {
        const u64 offset = stack.sp & stack.mask, last = offset + width - 1;
        const Segment& g = stack.ss;
        const bool down = protected_mode() && (g.type() & 0xc) == 4;
        if (down ? offset <= g.limit || last > stack.mask : last > g.limit)
            raise(exc_ss, stack.error);
        linear = u32(g.base + offset);
    } else if (!canonical(linear)) {
        raise(exc_ss, stack.error);
    }
    const TlbContext as = stack.cpl == 3                      ? tlb_user
                          : s.eflags & ac && s.cr4 & cr4_smap ? tlb_supervisor_ac
                                                              : tlb_supervisor;
    access_linear(linear, &value, width, Access::write, as);
}

InnerStack Cpu::inner_stack(unsigned cpl, unsigned ist, u16 external) {
    const u16 error = u16((s.tr.selector & 0xfffc) | external);
    if (long_active()) {
        const u64 at = ist ? 0x24 + 8 * (ist - 1) : 4 + 8 * cpl;
        if (at + 7 > s.tr.limit) raise(exc_ts, error);
        const u64 sp = load_system<u64>(s.tr.base + at);
        Segment null{cpl, 0, 0, cpl << 13 | 1u << 22};
        return {null, sp, ~u64(0), cpl, external};
    }
    u64 sp;
    u16 selector;
    if (s.tr.type() & 8) {
        if (4 + 8 * cpl + 5 > s.tr.limit) raise(exc_ts, error);
        sp = load_system<u32>(s.tr.base + 4 + 8 * cpl);
        selector = load_system<u16>(s.tr.base + 8 + 8 * cpl);
    } else {
        if (2 + 4 * cpl + 3 > s.tr.limit) raise(exc_ts, error);
        sp = load_system<u16>(s.tr.base + 2 + 4 * cpl);
        selector = load_system<u16>(s.tr.base + 4 + 4 * cpl);
    }
    const u16 bad = u16((selector & 0xfffc) | external);
    u64 raw;
    if ((selector & 0xfffc) == 0 || !read_descriptor(selector, raw)) raise(exc_ts, bad);
    const Descriptor d(raw);
    if ((selector & 3u) != cpl || d.dpl() != cpl || !d.segment() || d.code() || !d.writable())
        raise(exc_ts, bad);
    if (!d.present()) raise(exc_ss, bad);
    return {d.cache(selector), sp, d.big() ? 0xffffffffu : 0xffffu, cpl, bad};
}

void Cpu::interrupt_real(u8 vector, u64 return_ip) {
    if (vector * 4u + 3 > s.idt.limit) raise(exc_gp, vector * 8u + 2);
    const u32 entry = load_system<u32>(s.idt.base + vector * 4u);
    StackWriter stack(*this, 2);
    stack.push(eflags());
    stack.push(s.seg[cs].selector);
    stack.push(return_ip);
    stack.commit();
    load_real_segment(cs, u16(entry >> 16));
    s.regs[rip] = u16(entry);
    set_eflags(eflags() & ~u32(iflag | tf | ac | rf));
}

void Cpu::interrupt(u8 vector, Source source, bool has_error, u32 error, u64 return_ip) {
    if (logs(LogItem::interrupts)) log_interrupt(vector, source, error, return_ip);
    trap_flag_ = false;  // INT n is not stepped: the handler starts with TF clear
    if (s.svm.guest) [[unlikely]] {
        if (source == Source::int3_into) intercept_exception({vector, false, 0});
        note_delivery(vector, source, has_error, error);
    }
    enter_handler(vector, source, has_error, error, return_ip);
    delivering_ = 0;
}

void Cpu::enter_handler(u8 vector, Source source, bool has_error, u32 error, u64 return_ip) {
    if (!(s.cr0 & cr0_pe)) {
        interrupt_real(vector, return_ip);
        return;
    }
    const bool wide = long_active();
    const u16 external = source == Source::int_n || source == Source::int3_into ? 0 : 1;
    const u16 in_idt = u16(vector * 8 + 2 + external);
    const unsigned entry = wide ? 16 : 8;
    if (vector * entry + entry - 1 > s.idt.limit) raise(exc_gp, in_idt);
    const Descriptor gate(load_system<u64>(s.idt.base + vector * entry));
    const unsigned type = gate.type();
    const bool gate32 = type == sys_int32 || type == sys_trap32;
    const bool known =
        gate32 || (!wide && (type == sys_int16 || type == sys_trap16 || type == sys_task_gate));
    if (!known || gate.segment()) raise(exc_gp, in_idt);
    if (!external && gate.dpl() < cpl_) raise(exc_gp, in_idt);
    if (!gate.present()) raise(exc_np, in_idt);
    if (type == sys_task_gate) {
        task_switch(gate.gate_selector(), TaskReason::gate, return_ip, has_error, error);
        return;
    }
    u64 to = gate32 ? gate.gate_offset() : u16(gate.gate_offset());
    if (wide) to |= load_system<u64>(s.idt.base + vector * entry + 8) << 32;

    const u16 selector = gate.gate_selector();
    const u16 bad = u16((selector & 0xfffc) | external);
    u64 raw;
    if ((selector & 0xfffc) == 0) raise(exc_gp, external);
    if (!read_descriptor(selector, raw)) raise(exc_gp, bad);
    const Descriptor code(raw);
    if (!code.segment() || !code.code() || code.dpl() > cpl_) raise(exc_gp, bad);
    if (wide && (!code.long_mode() || code.big())) raise(exc_gp, bad);
    if (!code.present()) raise(exc_np, bad);
    const unsigned cpl = code.conforming() ? cpl_ : code.dpl();
    const bool from_vm86 = vm86();
    if (from_vm86 && cpl != 0) raise(exc_gp, bad);
    if (wide ? !canonical(to) : to > code.limit()) raise(exc_gp, external);

    const unsigned width = wide ? 8 : gate32 ? 4 : 2;
    const bool inner = cpl < cpl_;
    const unsigned ist = wide ? gate.gate_ist() : 0;
    InnerStack where{s.seg[ss], s.regs[rsp], wide ? ~u64(0) : stack_mask(), cpl, external};
    if (inner || ist) where = inner_stack(cpl, ist, external);
    if (!inner) where.ss = s.seg[ss];
    if (wide) where.sp &= ~u64(15);
    StackWriter stack(*this, width, where);

    if (from_vm86)
        for (const Seg n : {gs, fs, ds, es})
            stack.push(s.seg[n].selector);
    if (inner || wide) {
        stack.push(s.seg[ss].selector);
        stack.push(s.regs[rsp]);
    }
    u32 flags = eflags() & ~u32(rf);
    // Faults push RF set, so that a code breakpoint does not hit again on the way back.
    if (source == Source::fault && vector != exc_db) flags |= rf;
    stack.push(flags | (eflags() & rf));
    stack.push(s.seg[cs].selector);
    stack.push(return_ip);
    if (has_error) stack.push(error);
    stack.commit();

    if (from_vm86)
        for (const Seg n : {gs, fs, ds, es})
            set_segment(n, {0, 0, 0, 0});
    u32 cleared = tf | rf | nt | vm;
    if (type == sys_int16 || type == sys_int32) cleared |= iflag;
    s.eflags &= ~cleared;
    enter_code(selector, raw, cpl, to);
}

void Cpu::software_interrupt(u8 vector, u64 next_ip) {
    if (vm86() && iopl() < 3) {
        if (!(s.cr4 & cr4_vme)) raise(exc_gp, 0);
        // The 32 bytes below the I/O bitmap say which vectors the virtual-8086 program keeps.
        const u16 io_map = load_system<u16>(s.tr.base + 0x66);
        const u32 at = io_map - 32u + vector / 8u;
        if (at <= s.tr.limit && !(load_system<u8>(s.tr.base + at) >> (vector & 7) & 1)) {
            const u32 entry = load_system<u32>(vector * 4u);
            u32 image = (eflags() & ~u32(iflag)) | iopl_mask | (s.eflags & vif ? u32(iflag) : 0);
            trap_flag_ = false;
            StackWriter stack(*this, 2);
            stack.push(image);
            stack.push(s.seg[cs].selector);
            stack.push(next_ip);
            stack.commit();
            load_real_segment(cs, u16(entry >> 16));
            s.regs[rip] = u16(entry);
            set_eflags(eflags() & ~u32(vif | tf));
            return;
        }
        raise(exc_gp, 0);
    }
    interrupt(vector, Source::int_n, false, 0, next_ip);
}

u64 Cpu::pop_at(unsigned displacement, unsigned size) {
    switch (size) {
        case 2: return peek<u16>(displacement);
        case 4: return peek<u32>(displacement);
        default: return peek<u64>(displacement);
    }
}

/// What IRET may change of the flags at a privilege.
void Cpu::iret_flags(u64 flags, unsigned size, unsigned cpl) {
    u32 may = oszapc | tf | df | nt;
    if (size > 2) may |= rf | ac | id;
    if (cpl <= iopl()) may |= iflag;
    if (cpl == 0) may |= iopl_mask | (size > 2 ? vif | vip : 0u);
    set_eflags((eflags() & ~may) | (u32(flags) & may));
}

void Cpu::interrupt_return_at(unsigned size, u64 next_ip) {
    if (vm86() && iopl() < 3) {
        if (size != 2 || !(s.cr4 & cr4_vme)) raise(exc_gp, 0);
    }
    if (!protected_mode()) {
        const u64 ip = pop_at(0, size);
        const u16 selector = u16(pop_at(size, size));
        const u32 flags = u32(pop_at(2 * size, size));
        if (ip > s.seg[cs].limit) raise(exc_gp, 0);
        u32 may = oszapc | tf | df | nt | iopl_mask | iflag;
        if (size > 2) may |= rf | ac | id;
        u32 v = (eflags() & ~may) | (flags & may);
        if (vm86()) {
            if (iopl() < 3) {
                if ((flags & tf) || ((flags & iflag) && (s.eflags & vip))) raise(exc_gp, 0);
                v = (v & ~u32(iflag | vif)) | (s.eflags & iflag) | (flags & iflag ? u32(vif) : 0);
            }
            v = (v & ~u32(iopl_mask)) | (s.eflags & iopl_mask);
        }
        set_sp(s.regs[rsp] + 3 * size);
        load_real_segment(cs, selector);
        s.regs[rip] = ip;
        s.nmi_blocked = false;
        set_eflags(v);
        return;
    }
    if (s.eflags & nt) {
        if (long_active()) raise(exc_gp, 0);
        const u16 back = load_system<u16>(s.tr.base);
        s.nmi_blocked = false;
        task_switch(back, TaskReason::iret, next_ip, false, 0);
        return;
    }
    const u64 ip = pop_at(0, size);
    const u16 selector = u16(pop_at(size, size));
    const u64 flags = pop_at(2 * size, size);
    if ((flags & vm) && cpl_ == 0 && size == 4 && !long_active()) {
        return_to_vm86(ip, selector, u32(flags));
    } else {
        return_to(selector, ip, size, 3 * size, 0, true, flags);
    }
    s.nmi_blocked = false;
    update_request_mask();
}

void Cpu::return_to_vm86(u64 ip, u16 code, u32 flags) {
    u32 v[6];
    for (unsigned n = 0; n < 6; n++)
        v[n] = peek<u32>(12 + 4 * n);
    s.eflags |= vm;
    set_cpl(3);
    s.mode |= mode_vm86;
    load_real_segment(cs, code);
    load_real_segment(ss, u16(v[1]));
    load_real_segment(es, u16(v[2]));
    load_real_segment(ds, u16(v[3]));
    load_real_segment(fs, u16(v[4]));
    load_real_segment(gs, u16(v[5]));
    s.regs[rsp] = v[0];
    s.regs[rip] = u16(ip);
    set_eflags(flags);
}

namespace {
/// SDM volume 3, table 6-4.
bool contributory(u8 vector) {
    return vector == exc_de || (vector >= exc_ts && vector <= exc_gp);
}
}  // namespace

/// An exception, or another event that a hypervisor injects, and what comes of it.
void Cpu::deliver(Fault fault, Source source, bool injected) {
    s.halted = false;
    for (;;) {
        try {
            if (!injected) intercept_exception(fault);
            interrupt(fault.vector, source, fault.has_error, fault.error, s.regs[rip]);
            return;
        } catch (const VmExit& exit) {
            leave_guest(exit);
            return;
        } catch (const Fault& second) {
            const bool exception = source == Source::fault || source == Source::trap;
            const u8 first = exception ? fault.vector : u8(exc_nmi);
            if (log_)
                log_->print(LogItem::interrupts, "exception {:#x} while delivering {:#x}\n",
                            second.vector, first);
            if (deliver_second(first, second, fault)) return;
            source = Source::fault;
            injected = false;
        }
    }
}

/// What an exception becomes that came up while `first` was delivered. True: nothing, it has ended
/// here.
bool Cpu::deliver_second(u8 first, const Fault& second, Fault& becomes) {
    try {
        // A hypervisor sees the second one, not what both make.
        intercept_exception(second);
        if (first == exc_df) intercept(SvmExit::shutdown);
    } catch (const VmExit& exit) {
        leave_guest(exit);
        return true;
    }
    if (first == exc_df) {
        shutdown_ = true;
        if (log_) {
            log_->print(LogItem::interrupts, "Triple fault\n");
            log_->guest_error("cpu {}: triple fault at {:04x}:{:x}\n", apic_id_, s.seg[cs].selector,
                              s.regs[rip]);
        }
        return true;
    }
    const bool doubled = contributory(first) ? contributory(second.vector)
                                             : first == exc_pf && (contributory(second.vector) ||
                                                                   second.vector == exc_pf);
    becomes = doubled ? Fault{exc_df, true, 0} : second;
    return false;
}

}  // namespace i386
