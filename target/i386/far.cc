// SPDX-License-Identifier: GPL-2.0-or-later
//
// Far jumps, calls and returns: through code segments, call gates and tasks (SDM volume 2, JMP,
// CALL, RET; volume 3, 5.8).
#include "target/i386/cpu.h"
#include "target/i386/descriptor.h"
#include "target/i386/stack-writer.h"

namespace i386 {

void Cpu::enter_code(u16 selector, u64 raw, unsigned cpl, u64 offset) {
    mark_accessed(selector, raw);
    set_segment(cs, Descriptor(raw).cache(u16((selector & ~3u) | cpl)));
    set_cpl(cpl);
    s.regs[rip] = offset;
    update_mode();
}

/// A direct far branch to a code segment: privilege stays. Checks only.
void Cpu::check_code_target(u16 selector, u64 raw, u64 offset) {
    const Descriptor d(raw);
    const u16 error = selector & 0xfffc;
    if (!d.segment() || !d.code()) raise(exc_gp, error);
    if (d.conforming() ? d.dpl() > cpl_ : (selector & 3u) > cpl_ || d.dpl() != cpl_)
        raise(exc_gp, error);
    if (!d.present()) raise(exc_np, error);
    if (long_active() && d.long_mode()) {
        if (d.big()) raise(exc_gp, error);
        if (!canonical(offset)) raise(exc_gp, 0);
    } else if (offset > d.limit()) {
        raise(exc_gp, 0);
    }
}

namespace {

/// JMP and CALL to a TSS or a task gate. False: it is a call gate instead.
bool far_to_task(Cpu& cpu, u16 selector, u64 raw, Cpu::TaskReason reason, u64 return_ip) {
    const Descriptor d(raw);
    const u16 error = selector & 0xfffc;
    if (d.dpl() < cpu.cpl() || d.dpl() < (selector & 3u)) cpu.raise(exc_gp, error);
    // Long mode has neither task switches nor 16-bit gates.
    switch (d.type()) {
        case sys_tss16:
        case sys_tss32:
        case sys_task_gate:
            if (cpu.long_active()) break;
            if (!d.present()) cpu.raise(exc_np, error);
            cpu.task_switch(d.type() == sys_task_gate ? d.gate_selector() : selector, reason,
                            return_ip, false, 0);
            return true;
        case sys_call16:
            if (cpu.long_active()) break;
            return false;
        case sys_call32: return false;
        default: break;
    }
    cpu.raise(exc_gp, error);
}

}  // namespace

void Cpu::far_jump(u16 selector, u64 offset, unsigned size, u64 return_ip) {
    if (size == 2) offset = u16(offset);
    if (!protected_mode()) {
        if (offset > s.seg[cs].limit) raise(exc_gp, 0);
        load_real_segment(cs, selector);
        s.regs[rip] = offset;
        update_mode();
        return;
    }
    const u16 error = selector & 0xfffc;
    u64 raw;
    if (error == 0) raise(exc_gp, 0);
    if (!read_descriptor(selector, raw)) raise(exc_gp, error);
    const Descriptor d(raw);
    if (d.segment()) {
        check_code_target(selector, raw, offset);
        enter_code(selector, raw, cpl_, offset);
        return;
    }
    if (far_to_task(*this, selector, raw, TaskReason::jump, return_ip)) return;
    u64 code;
    const u64 to = call_gate(selector, raw, code);
    const u16 target = d.gate_selector();
    const Descriptor c(code);
    if (c.conforming() ? c.dpl() > cpl_ : c.dpl() != cpl_) raise(exc_gp, target & 0xfffc);
    if (!c.present()) raise(exc_np, target & 0xfffc);
    if (!long_active() && to > c.limit()) raise(exc_gp, 0);
    enter_code(target, code, cpl_, to);
}

/// Reads a call gate's target; in long mode gates have 16 bytes. Returns the offset.
u64 Cpu::call_gate(u16 selector, u64 raw, u64& code) {
    const Descriptor gate(raw);
    const u16 error = selector & 0xfffc;
    if (!gate.present()) raise(exc_np, error);
    u64 to = gate.type() == sys_call16 ? u16(gate.gate_offset()) : gate.gate_offset();
    if (long_active()) {
        u64 high;
        if (!read_descriptor(u16(selector + 8), high) || (high >> 40 & 0x1f)) raise(exc_gp, error);
        to |= high << 32;
        if (!canonical(to)) raise(exc_gp, 0);
    }
    const u16 target = gate.gate_selector();
    if ((target & 0xfffc) == 0) raise(exc_gp, 0);
    if (!read_descriptor(target, code)) raise(exc_gp, target & 0xfffc);
    const Descriptor d(code);
    if (!d.segment() || !d.code() || d.dpl() > cpl_) raise(exc_gp, target & 0xfffc);
    if (long_active() && (!d.long_mode() || d.big())) raise(exc_gp, target & 0xfffc);
    return to;
}

void Cpu::far_call(u16 selector, u64 offset, unsigned size, u64 return_ip) {
    if (size == 2) offset = u16(offset);
    if (!protected_mode()) {
        if (offset > s.seg[cs].limit) raise(exc_gp, 0);
        StackWriter stack(*this, size);
        stack.push(s.seg[cs].selector);
        stack.push(return_ip);
        stack.commit();
        load_real_segment(cs, selector);
        s.regs[rip] = offset;
        update_mode();
        return;
    }
    const u16 error = selector & 0xfffc;
    u64 raw;
    if (error == 0) raise(exc_gp, 0);
    if (!read_descriptor(selector, raw)) raise(exc_gp, error);
    const Descriptor d(raw);
    if (d.segment()) {
        check_code_target(selector, raw, offset);
        StackWriter stack(*this, size);
        stack.push(s.seg[cs].selector);
        stack.push(return_ip);
        stack.commit();
        enter_code(selector, raw, cpl_, offset);
        return;
    }
    if (!far_to_task(*this, selector, raw, TaskReason::call, return_ip))
        far_call_gate(selector, raw, return_ip);
}

void Cpu::far_call_gate(u16 selector, u64 raw, u64 return_ip) {
    const Descriptor gate(raw);
    u64 code;
    const u64 to = call_gate(selector, raw, code);
    const u16 target = gate.gate_selector();
    const Descriptor c(code);
    if (!c.present()) raise(exc_np, target & 0xfffc);
    const unsigned width = long_active() ? 8 : gate.type() == sys_call16 ? 2 : 4;
    if (!long_active() && to > c.limit()) raise(exc_gp, 0);
    if (c.conforming() || c.dpl() == cpl_) {
        StackWriter stack(*this, width);
        stack.push(s.seg[cs].selector);
        stack.push(return_ip);
        stack.commit();
        enter_code(target, code, cpl_, to);
        return;
    }
    // To an inner ring: its stack comes from the TSS; parameters are copied over.
    const unsigned cpl = c.dpl();
    const u64 old_sp = s.regs[rsp];
    const Segment old_ss = s.seg[ss];
    u64 parameters[31];
    const unsigned count = long_active() ? 0 : gate.gate_count();
    for (unsigned n = 0; n < count; n++) {
        const u64 at = stack_linear(old_sp + n * width, width, Access::read);
        parameters[n] = width == 2 ? load_at<u16>(at) : load_at<u32>(at);
    }
    StackWriter stack(*this, width, inner_stack(cpl, 0, 0));
    stack.push(old_ss.selector);
    stack.push(old_sp);
    for (unsigned n = count; n-- > 0;)
        stack.push(parameters[n]);
    stack.push(s.seg[cs].selector);
    stack.push(return_ip);
    stack.commit();
    enter_code(target, code, cpl, to);
}

void Cpu::far_return(unsigned size, unsigned release) {
    const u64 ip = pop_at(0, size);
    const u16 selector = u16(pop_at(size, size));
    if (!protected_mode()) {
        if (ip > s.seg[cs].limit) raise(exc_gp, 0);
        set_sp(s.regs[rsp] + 2 * size + release);
        load_real_segment(cs, selector);
        s.regs[rip] = ip;
        update_mode();
        return;
    }
    return_to(selector, ip, size, 2 * size, release, false, 0);
}

/// The common part of far RET and IRET in protected mode. `taken` bytes are already read from the
/// stack; for IRET `flags` are to be set.
void Cpu::return_to(u16 selector, u64 ip, unsigned size, unsigned taken, unsigned release,
                    bool is_iret, u64 flags) {
    const u16 error = selector & 0xfffc;
    const unsigned rpl = selector & 3;
    u64 raw;
    if (error == 0) raise(exc_gp, 0);
    if (!read_descriptor(selector, raw)) raise(exc_gp, error);
    const Descriptor d(raw);
    if (!d.segment() || !d.code() || rpl < cpl_) raise(exc_gp, error);
    if (d.conforming() ? d.dpl() > rpl : d.dpl() != rpl) raise(exc_gp, error);
    if (!d.present()) raise(exc_np, error);
    const bool to64 = long_active() && d.long_mode();
    if (to64 ? !canonical(ip) : ip > d.limit()) raise(exc_gp, 0);

    const bool outer = rpl != cpl_;
    // IRET in 64-bit mode always pops SS:RSP.
    if (!outer && !(is_iret && code64())) {
        set_sp(s.regs[rsp] + taken + release);
        enter_code(selector, raw, rpl, ip);
        if (is_iret) iret_flags(flags, size, cpl_);
        return;
    }
    const u64 new_sp = pop_at(taken + release, size);
    const u16 new_ss = u16(pop_at(taken + release + size, size));
    Segment stack{new_ss, 0, 0, 0};
    u64 stack_raw = 0;
    if ((new_ss & 0xfffc) == 0) {
        if (!to64 || rpl == 3) raise(exc_gp, 0);
        stack.flags = rpl << 13 | 1u << 22;
    } else {
        if (!read_descriptor(new_ss, stack_raw)) raise(exc_gp, new_ss & 0xfffc);
        const Descriptor sd(stack_raw);
        if ((new_ss & 3u) != rpl || !sd.segment() || sd.code() || !sd.writable() || sd.dpl() != rpl)
            raise(exc_gp, new_ss & 0xfffc);
        if (!sd.present()) raise(exc_ss, new_ss & 0xfffc);
        mark_accessed(new_ss, stack_raw);
        stack = Descriptor(stack_raw).cache(new_ss);
    }
    const unsigned old_cpl = cpl_;
    mark_accessed(selector, raw);
    set_segment(cs, Descriptor(raw).cache(selector));
    set_segment(ss, stack);
    set_cpl(rpl);
    s.regs[rip] = ip;
    update_mode();
    const u64 m = stack_mask();
    s.regs[rsp] =
        m == 0xffff ? (s.regs[rsp] & ~m) | ((new_sp + release) & m) : (new_sp + release) & m;
    // Segments the outer ring may not use become null.
    if (outer) {
        for (const Seg n : {es, ds, fs, gs}) {
            Segment& g = s.seg[n];
            const bool conforming_code = (g.type() & 0xc) == 0xc;
            if (g.present() && !conforming_code && g.dpl() < rpl) {
                g.selector = 0;
                g.flags = 0;
                if (!long_active()) g.base = g.limit = 0;
            }
        }
    }
    if (is_iret) iret_flags(flags, size, old_cpl);
    update_mode();
}

}  // namespace i386
