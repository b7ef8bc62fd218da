// SPDX-License-Identifier: GPL-2.0-or-later
//
// Segments: limit and type checks of an access, descriptors, and loading the registers
// (SDM volume 3, chapters 3 and 5).
#include "target/i386/cpu.h"
#include "target/i386/descriptor.h"

namespace i386 {

u64 CpuMemory::segment_linear(Seg seg, u64 offset, unsigned size, Access access) {
    if (seg == seg_flat) return offset;
    const Segment& g = s.seg[seg];
    if (code64()) return seg >= fs ? g.base + offset : offset;
    const u8 vector = seg == ss ? exc_ss : exc_gp;
    const u64 last = offset + size - 1;
    if (protected_mode()) {
        // A null selector leaves no present segment behind.
        if (!g.present()) raise(vector, 0);
        const unsigned type = g.type();
        if (type & 8) {
            if (access == Access::write || (access == Access::read && !(type & 2)))
                raise(exc_gp, 0);
        } else {
            if (access == Access::write && !(type & 2)) raise(vector, 0);
            if (type & 4) {  // expand-down: valid above the limit
                if (offset <= g.limit || last > (g.big() ? 0xffffffff : 0xffff)) raise(vector, 0);
                return u32(g.base + offset);
            }
        }
    }
    if (last > g.limit) raise(vector, 0);
    return u32(g.base + offset);
}

bool CpuMemory::segment_holds(Seg seg, u64 offset, u64 size) const {
    if (seg == seg_flat || code64()) return true;
    const Segment& g = s.seg[seg];
    return !(protected_mode() && (g.type() & 0xc) == 4) && offset + size - 1 <= g.limit;
}

u64 CpuMemory::stack_linear(u64 sp, unsigned size, Access access) {
    if (s.mode & mode_code64) {
        if (!canonical(sp) || !canonical(sp + size - 1)) raise(exc_ss, 0);
        return sp;
    }
    return segment_linear(s.mode & mode_flat ? seg_flat : ss, sp & stack_mask(), size, access);
}

void Cpu::set_segment(Seg seg, const Segment& value) {
    if (seg == cs && (value.base != s.seg[cs].base || value.limit != s.seg[cs].limit))
        forget_links();
    s.seg[seg] = value;
}

void Cpu::load_real_segment(Seg seg, u16 selector) {
    Segment g = s.seg[seg];
    g.selector = selector;
    g.base = u64(selector) << 4;
    // Real mode keeps the limit and rights that are cached; virtual-8086 mode has its own.
    if (vm86()) {
        g.limit = 0xffff;
        g.flags = 0xf300;
    }
    set_segment(seg, g);
}

bool Cpu::read_descriptor(u16 selector, u64& out) {
    u64 base = s.gdt.base, limit = s.gdt.limit;
    if (selector & 4) {
        if (!s.ldt.present()) return false;
        base = s.ldt.base, limit = s.ldt.limit;
    }
    if ((selector | 7u) > limit) return false;
    out = load_system<u64>(base + (selector & ~7u));
    return true;
}

void Cpu::mark_accessed(u16 selector, u64& descriptor) {
    if (Descriptor(descriptor).type() & 1) return;
    const u64 base = selector & 4 ? s.ldt.base : s.gdt.base;
    descriptor |= u64(1) << 40;
    store_system<u8>(base + (selector & ~7u) + 5, u8(descriptor >> 40));
}

void Cpu::load_segment(Seg seg, u16 selector) {
    if (!protected_mode()) {
        load_real_segment(seg, selector);
        update_mode();
        return;
    }
    const u16 error = selector & 0xfffc;
    if (error == 0) {
        // SS may be null in 64-bit mode below CPL 3, with RPL = CPL.
        if (seg == ss && (!code64() || cpl_ == 3 || (selector & 3u) != cpl_)) raise(exc_gp, 0);
        Segment g = s.seg[seg];
        g.selector = selector;
        g.base = g.limit = 0;
        g.flags = seg == ss ? u32(cpl_) << 13 | 1u << 22 : 0;
        set_segment(seg, g);
        update_mode();
        return;
    }
    u64 raw;
    if (!read_descriptor(selector, raw)) raise(exc_gp, error);
    const Descriptor d(raw);
    const unsigned rpl = selector & 3;
    if (seg == ss) {
        if (!d.segment() || d.code() || !d.writable() || rpl != cpl_ || d.dpl() != cpl_)
            raise(exc_gp, error);
        if (!d.present()) raise(exc_ss, error);
    } else {
        if (!d.segment() || (d.code() && !d.readable())) raise(exc_gp, error);
        if (!(d.code() && d.conforming()) && (rpl > d.dpl() || cpl_ > d.dpl()))
            raise(exc_gp, error);
        if (!d.present()) raise(exc_np, error);
    }
    mark_accessed(selector, raw);
    set_segment(seg, Descriptor(raw).cache(selector));
    update_mode();
}

void Cpu::load_ldt(u16 selector) {
    const u16 error = selector & 0xfffc;
    if (selector & 4) raise(exc_gp, error);
    if (error == 0) {
        s.ldt = {selector, 0, 0, 0};
        return;
    }
    u64 raw;
    if (!read_descriptor(selector, raw)) raise(exc_gp, error);
    const Descriptor d(raw);
    if (d.segment() || d.type() != 2) raise(exc_gp, error);
    if (!d.present()) raise(exc_np, error);
    s.ldt = system_segment(selector, raw);
}

Segment Cpu::system_segment(u16 selector, u64 raw) {
    Segment g = Descriptor(raw).cache(selector);
    if (long_active()) {
        // 16-byte descriptors: base 63-32 in the third dword.
        if ((selector | 15u) > s.gdt.limit) raise(exc_gp, selector & 0xfffc);
        const u64 high = load_system<u64>(s.gdt.base + (selector & ~7u) + 8);
        g.base |= high << 32;
        if (!canonical(g.base) || (high >> 40 & 0x1f)) raise(exc_gp, selector & 0xfffc);
    }
    return g;
}

void Cpu::load_tr(u16 selector) {
    const u16 error = selector & 0xfffc;
    if ((selector & 4) || error == 0) raise(exc_gp, error);
    u64 raw;
    if (!read_descriptor(selector, raw)) raise(exc_gp, error);
    const Descriptor d(raw);
    // An available TSS, 16-bit only outside long mode.
    if (d.segment() || !(d.type() == 9 || (d.type() == 1 && !long_active()))) raise(exc_gp, error);
    if (!d.present()) raise(exc_np, error);
    Segment g = system_segment(selector, raw);
    g.flags |= 2 << 8;  // busy
    store_system<u8>(s.gdt.base + (selector & ~7u) + 5, u8(raw >> 40 | 2));
    s.tr = g;
}

}  // namespace i386
