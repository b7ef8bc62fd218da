// SPDX-License-Identifier: GPL-2.0-or-later
//
// Hardware task switches (SDM volume 3, chapter 7).
#include "target/i386/cpu.h"
#include "target/i386/descriptor.h"
#include "target/i386/stack-writer.h"

namespace i386 {

namespace {

/// Where the fields of a TSS are. 16- and 32-bit ones hold the same things.
struct Layout {
    unsigned width, ip, flags, gpr, seg, ldt, segs, cr3, trace, limit;
};
constexpr Layout tss32{4, 0x20, 0x24, 0x28, 0x48, 0x60, 6, 0x1c, 0x64, 0x67};
constexpr Layout tss16{2, 0x0e, 0x10, 0x12, 0x22, 0x2a, 4, 0, 0, 0x2b};

}  // namespace

void Cpu::task_switch(u16 selector, TaskReason reason, u64 next_ip, bool has_error, u32 error) {
    intercept_task_switch(selector, reason, has_error, error);
    const u16 bad = selector & 0xfffc;
    const u8 vector = reason == TaskReason::iret ? exc_ts : exc_gp;
    u64 raw;
    if ((selector & 4) || bad == 0 || !read_descriptor(selector, raw)) raise(vector, bad);
    const Descriptor d(raw);
    const bool busy = d.type() & 2;
    const bool tss = !d.segment() && (d.type() & 5) == 1;
    if (!tss || busy != (reason == TaskReason::iret)) raise(vector, bad);
    if (!d.present()) raise(exc_np, bad);
    const Layout& to = d.type() & 8 ? tss32 : tss16;
    if (d.limit() < to.limit) raise(exc_ts, bad);
    const Layout& from = s.tr.type() & 8 ? tss32 : tss16;

    auto read = [&](u64 at, unsigned width) -> u32 {
        return width == 4 ? load_system<u32>(at) : load_system<u16>(at);
    };
    auto write = [&](u64 at, unsigned width, u32 v) {
        if (width == 4)
            store_system<u32>(at, v);
        else
            store_system<u16>(at, u16(v));
    };
    auto set_busy = [&](u16 which, bool on) {
        const u64 at = s.gdt.base + (which & ~7u) + 5;
        const u8 type = load_system<u8>(at);
        store_system<u8>(at, u8(on ? type | 2 : type & ~2));
    };

    // Everything of the new task is read before anything of the old one is written: faults up to
    // here belong to the old task.
    const u64 base = d.base();
    u32 gpr[8], seg[6] = {};
    for (unsigned n = 0; n < 8; n++)
        gpr[n] = read(base + to.gpr + n * to.width, to.width);
    for (unsigned n = 0; n < to.segs; n++)
        seg[n] = load_system<u16>(base + to.seg + n * to.width);
    const u32 new_cr3 = to.cr3 ? load_system<u32>(base + to.cr3) : 0;
    const u32 new_ip = read(base + to.ip, to.width);
    u32 new_flags = read(base + to.flags, to.width);
    const u16 new_ldt = load_system<u16>(base + to.ldt);
    const bool trace = to.trace && load_system<u16>(base + to.trace) & 1;

    u32 old_flags = eflags();
    if (reason == TaskReason::iret) old_flags &= ~u32(nt);
    const u64 old = s.tr.base;
    for (unsigned n = 0; n < 8; n++)
        write(old + from.gpr + n * from.width, from.width, u32(s.regs[n]));
    for (unsigned n = 0; n < from.segs; n++)
        store_system<u16>(old + from.seg + n * from.width, u16(s.seg[n].selector));
    write(old + from.ip, from.width, u32(next_ip));
    write(old + from.flags, from.width, old_flags);

    const bool nested = reason == TaskReason::call || reason == TaskReason::gate;
    if (nested) {
        store_system<u16>(base, u16(s.tr.selector));
        new_flags |= nt;
    }
    if (!nested) set_busy(u16(s.tr.selector), false);
    if (reason != TaskReason::iret) set_busy(selector, true);

    s.tr = d.cache(selector);
    s.tr.flags |= 2 << 8;
    s.cr0 |= cr0_ts;
    if (to.cr3 && (s.cr0 & cr0_pg)) set_cr3(new_cr3);
    for (unsigned n = 0; n < 8; n++)
        s.regs[n] = gpr[n];
    s.regs[rip] = new_ip;
    s.dr[7] &= ~u64(0x55);  // local breakpoints

    // From here on faults belong to the new task, at its first instruction.
    current_ = nullptr;
    for (unsigned n = 0; n < 6; n++)
        s.seg[n] = {seg[n], 0, 0, 0};
    s.ldt = {new_ldt, 0, 0, 0};
    forget_links();
    set_cpl(new_flags & vm ? 3 : seg[cs] & 3);
    set_eflags(new_flags);
    if (new_ldt & 4) raise(exc_ts, new_ldt & 0xfffc);
    if (new_ldt & 0xfffc) {
        u64 l;
        if (!read_descriptor(new_ldt, l) || Descriptor(l).segment() ||
            Descriptor(l).type() != sys_ldt || !Descriptor(l).present())
            raise(exc_ts, new_ldt & 0xfffc);
        s.ldt = Descriptor(l).cache(new_ldt);
    }
    if (new_flags & vm) {
        for (unsigned n = 0; n < 6; n++)
            load_real_segment(Seg(n), u16(seg[n]));
    } else {
        load_task_segments(seg);
    }
    update_mode();
    if (new_ip > s.seg[cs].limit) raise(exc_gp, 0);
    if (has_error) {
        StackWriter stack(*this, to.width);
        stack.push(error);
        stack.commit();
    }
    if (trace) {
        s.dr[6] |= 1 << 15;
        raise(exc_db);
    }
}

void Cpu::load_task_segments(const u32* selectors) {
    const u16 code = u16(selectors[cs]);
    u64 raw;
    if ((code & 0xfffc) == 0 || !read_descriptor(code, raw)) raise(exc_ts, code & 0xfffc);
    const Descriptor d(raw);
    const unsigned rpl = code & 3;
    if (!d.segment() || !d.code() || (d.conforming() ? d.dpl() > rpl : d.dpl() != rpl))
        raise(exc_ts, code & 0xfffc);
    if (!d.present()) raise(exc_np, code & 0xfffc);
    mark_accessed(code, raw);
    set_segment(cs, d.cache(code));
    update_mode();
    for (const Seg n : {ss, ds, es, fs, gs}) {
        try {
            load_segment(n, u16(selectors[n]));
        } catch (const Fault& f) {
            // What would be #GP for an instruction is #TS for a task.
            if (f.vector == exc_gp) raise(exc_ts, f.error);
            throw;
        }
    }
}

}  // namespace i386
