// SPDX-License-Identifier: GPL-2.0-or-later
//
// Segment registers, descriptor tables, control and debug registers.
#include "target/i386/interp/system.h"

#include "target/i386/descriptor.h"

namespace i386 {

namespace {

void privileged(Cpu& c) {
    if (c.cpl() != 0 || c.vm86()) c.raise(exc_gp, 0);
}
/// SGDT, SIDT, SLDT, STR, SMSW under UMIP.
void user_may_not(Cpu& c) {
    if (c.cpl() > 0 && (c.s.cr4 & cr4_umip)) c.raise(exc_gp, 0);
}
/// A register gets the operand size (zero-extended), memory 16 bits.
void store_selector(Cpu& c, const Insn* i, u64 v) {
    if (i->memory)
        c.store<u16>(i, u16(v));
    else if (i->size_log2 == 1)
        c.put<u16>(i->rm, u16(v));
    else if (i->size_log2 == 2)
        c.put<u32>(i->rm, u32(v));
    else
        c.s.regs[i->rm] = v;
}

/// The descriptor for LAR, LSL, VERR, VERW: present in its table and visible at this privilege.
bool visible(Cpu& c, u16 selector, u64& raw) {
    if ((selector & 0xfffc) == 0 || !c.read_descriptor(selector, raw)) return false;
    const Descriptor d(raw);
    if (d.segment() && d.code() && d.conforming()) return true;
    return d.dpl() >= c.cpl() && d.dpl() >= (selector & 3u);
}
void verify(Cpu& c, const Insn* i, bool write) {
    u64 raw;
    bool ok = visible(c, rm_value<u16>(c, i), raw);
    if (ok) {
        const Descriptor d(raw);
        ok = d.segment() && (write ? !d.code() && d.writable() : !d.code() || d.readable());
    }
    set_zf(c.s, ok);
}
void store_table(Cpu& c, const Insn* i, const TableRegister& t, SvmExit seen_as) {
    user_may_not(c);
    c.intercept(seen_as);
    const bool wide = c.code64();
    const u64 at = c.linear(i, wide ? 10 : 6, Access::write);
    c.check_write(at, wide ? 10 : 6);
    c.store_at<u16>(at, u16(t.limit));
    if (wide)
        c.store_at<u64>(at + 2, t.base);
    else
        c.store_at<u32>(at + 2, u32(t.base));
}
TableRegister load_table(Cpu& c, const Insn* i, SvmExit seen_as) {
    privileged(c);
    c.intercept(seen_as);
    const bool wide = c.code64();
    const u64 at = c.linear(i, wide ? 10 : 6, Access::read);
    const u32 limit = c.load_at<u16>(at);
    u64 base = wide ? c.load_at<u64>(at + 2) : c.load_at<u32>(at + 2);
    if (!wide && i->size_log2 == 1) base &= 0xffffff;
    if (wide && !c.canonical(base)) c.raise(exc_gp, 0);
    return {base, limit};
}

/// MOV to and from control and debug registers take the whole register, whatever the prefix.
void put_register(Cpu& c, unsigned n, u64 v) {
    c.s.regs[n] = c.code64() ? v : u32(v);
}
u64 get_register(const Cpu& c, unsigned n) {
    return c.code64() ? c.s.regs[n] : u32(c.s.regs[n]);
}

}  // namespace

void mov_from_seg(Cpu& c, const Insn* i) {
    if (i->reg > gs) c.raise(exc_ud);
    store_selector(c, i, c.s.seg[i->reg].selector);
}
const Insn* mov_to_seg(Cpu& c, const Insn* i) {
    if (i->reg > gs || i->reg == cs) c.raise(exc_ud);
    c.load_segment(Seg(i->reg), rm_value<u16>(c, i));
    if (i->reg == ss) c.shadow_of_ss();
    return c.leave(i);
}

template <unsigned seg>
const Insn* load_far(Cpu& c, const Insn* i) {
    const u64 at = c.linear(i, i->size() + 2, Access::read);
    u64 offset;
    switch (i->size_log2) {
        case 1: offset = c.load_at<u16>(at); break;
        case 2: offset = c.load_at<u32>(at); break;
        default: offset = c.load_at<u64>(at);
    }
    c.load_segment(Seg(seg), c.load_at<u16>(at + i->size()));
    if (i->size_log2 == 1)
        c.put<u16>(i->reg, u16(offset));
    else
        c.s.regs[i->reg] = offset;
    return c.leave(i);
}
template <unsigned seg>
Handler bind_load_far(const Insn&, u32) {
    return &load_far<seg>;
}
template Handler bind_load_far<es>(const Insn&, u32);
template Handler bind_load_far<ss>(const Insn&, u32);
template Handler bind_load_far<ds>(const Insn&, u32);
template Handler bind_load_far<fs>(const Insn&, u32);
template Handler bind_load_far<gs>(const Insn&, u32);

void sldt(Cpu& c, const Insn* i) {
    user_may_not(c);
    c.intercept(SvmExit::ldtr_read);
    store_selector(c, i, c.s.ldt.selector);
}
void str(Cpu& c, const Insn* i) {
    user_may_not(c);
    c.intercept(SvmExit::tr_read);
    store_selector(c, i, c.s.tr.selector);
}
void lldt(Cpu& c, const Insn* i) {
    privileged(c);
    c.intercept(SvmExit::ldtr_write);
    c.load_ldt(rm_value<u16>(c, i));
}
void ltr(Cpu& c, const Insn* i) {
    privileged(c);
    c.intercept(SvmExit::tr_write);
    c.load_tr(rm_value<u16>(c, i));
}
void verr(Cpu& c, const Insn* i) {
    verify(c, i, false);
}
void verw(Cpu& c, const Insn* i) {
    verify(c, i, true);
}

void lar(Cpu& c, const Insn* i) {
    u64 raw;
    bool ok = visible(c, rm_value<u16>(c, i), raw);
    if (ok && !Descriptor(raw).segment()) {
        // Which system descriptors answer differs by mode (SDM volume 2, LAR).
        constexpr unsigned in_legacy = 0x1a3e, in_long = 0x1a04;
        ok = (c.long_active() ? in_long : in_legacy) >> Descriptor(raw).type() & 1;
    }
    set_zf(c.s, ok);
    if (!ok) return;
    const u32 rights = u32(raw >> 32) & 0x00ffff00;
    if (i->size_log2 == 1)
        c.put<u16>(i->reg, u16(rights));
    else
        c.put<u32>(i->reg, rights);
}
void lsl(Cpu& c, const Insn* i) {
    u64 raw;
    bool ok = visible(c, rm_value<u16>(c, i), raw);
    if (ok && !Descriptor(raw).segment()) {
        constexpr unsigned in_legacy = 0x0a0e, in_long = 0x0a04;
        ok = (c.long_active() ? in_long : in_legacy) >> Descriptor(raw).type() & 1;
    }
    set_zf(c.s, ok);
    if (!ok) return;
    const u32 limit = Descriptor(raw).limit();
    if (i->size_log2 == 1)
        c.put<u16>(i->reg, u16(limit));
    else
        c.put<u32>(i->reg, limit);
}
void arpl(Cpu& c, const Insn* i) {
    const u16 source = u16(c.s.regs[i->reg]);
    const u16 dest = rm_value<u16>(c, i);
    const bool raise = (dest & 3) < (source & 3);
    if (raise) rm_store<u16>(c, i, u16((dest & ~3) | (source & 3)));
    set_zf(c.s, raise);
}

void sgdt(Cpu& c, const Insn* i) {
    store_table(c, i, c.s.gdt, SvmExit::gdtr_read);
}
void sidt(Cpu& c, const Insn* i) {
    store_table(c, i, c.s.idt, SvmExit::idtr_read);
}
void lgdt(Cpu& c, const Insn* i) {
    c.s.gdt = load_table(c, i, SvmExit::gdtr_write);
}
void lidt(Cpu& c, const Insn* i) {
    c.s.idt = load_table(c, i, SvmExit::idtr_write);
}

void smsw(Cpu& c, const Insn* i) {
    user_may_not(c);
    c.intercept_cr(0, false);
    store_selector(c, i, c.s.cr0);
}
void lmsw(Cpu& c, const Insn* i) {
    privileged(c);
    const u16 v = rm_value<u16>(c, i);
    // PE can be set here, not cleared.
    const u64 value = (c.s.cr0 & ~u64(0xe)) | (v & 0xf);
    c.intercept_cr0_write(value);
    c.set_cr0(value);
}
void clts(Cpu& c, const Insn*) {
    privileged(c);
    c.intercept_cr(0, true);
    c.s.cr0 &= ~u64(cr0_ts);
    c.update_mode();
}

void mov_from_cr(Cpu& c, const Insn* i) {
    privileged(c);
    c.intercept_cr(i->reg, false);
    switch (i->reg) {
        case 0: put_register(c, i->rm, c.s.cr0); break;
        case 2: put_register(c, i->rm, c.s.cr2); break;
        case 3: put_register(c, i->rm, c.s.cr3); break;
        case 4: put_register(c, i->rm, c.s.cr4); break;
        case 8: put_register(c, i->rm, c.tpr()); break;
        default: c.raise(exc_ud);
    }
}
namespace {
void set_control_register(Cpu& c, unsigned n, u64 v) {
    switch (n) {
        case 0: c.set_cr0(v); break;
        case 2: c.s.cr2 = v; break;
        case 3: c.set_cr3(v); break;
        case 4: c.set_cr4(v); break;
        case 8:
            if (v & ~u64(0xf)) c.raise(exc_gp, 0);
            c.set_tpr(u8(v));
            break;
        default: c.raise(exc_ud);
    }
}
}  // namespace

void mov_to_cr(Cpu& c, const Insn* i) {
    privileged(c);
    const u64 v = get_register(c, i->rm);
    if (i->reg == 0)
        c.intercept_cr0_write(v);
    else
        c.intercept_cr(i->reg, true);
    c.ask("MOV to CR", i->reg, v, [&] { set_control_register(c, i->reg, v); });
}

namespace {
/// DR4 and DR5 are other names of DR6 and DR7 unless CR4.DE is set; DR7.GD guards all.
unsigned debug_register(Cpu& c, const Insn* i, bool write) {
    unsigned n = i->reg;
    if (n > 7 || ((n == 4 || n == 5) && (c.s.cr4 & cr4_de))) c.raise(exc_ud);
    privileged(c);
    c.intercept_dr(n, write);
    if (n == 4 || n == 5) n += 2;
    if (c.s.dr[7] & 1 << 13) {
        c.s.dr[6] |= 1 << 13;
        c.s.dr[7] &= ~u64(1 << 13);
        c.raise(exc_db);
    }
    return n;
}
}  // namespace

void mov_from_dr(Cpu& c, const Insn* i) {
    put_register(c, i->rm, c.s.dr[debug_register(c, i, false)]);
}
void mov_to_dr(Cpu& c, const Insn* i) {
    const unsigned n = debug_register(c, i, true);
    c.set_dr(n, get_register(c, i->rm));
}

void invlpg(Cpu& c, const Insn* i) {
    privileged(c);
    c.intercept(SvmExit::invlpg);
    const u64 offset = c.effective_address(i);
    const u64 base = i->seg == seg_flat || (c.code64() && i->seg < fs) ? 0 : c.s.seg[i->seg].base;
    const u64 linear = base + offset;
    c.flush_page(c.code64() ? linear : u32(linear));
}
void invpcid(Cpu& c, const Insn* i) {
    privileged(c);
    const u64 type = get_register(c, i->reg);
    const u64 at = c.linear(i, 16, Access::read);
    const u64 pcid = c.load_at<u64>(at);
    const u64 address = c.load_at<u64>(at + 8);
    if (type > 3 || (type < 2 && pcid >> 12) || (type == 0 && !c.canonical(address)))
        c.raise(exc_gp, 0);
    c.flush_tlb();
}
void invd(Cpu& c, const Insn*) {
    privileged(c);
    c.intercept(SvmExit::invd);
}
void wbinvd(Cpu& c, const Insn*) {
    privileged(c);
    c.intercept(SvmExit::wbinvd);
}

}  // namespace i386
