// SPDX-License-Identifier: GPL-2.0-or-later
//
// System management mode: SMI and RSM with the AMD64 state-save area for processors with long mode
// and the 32-bit one for others (AMD64 APM volume 2, 10.2; SDM volume 3, 31.4).
#include "target/i386/cpu.h"
#include "target/i386/descriptor.h"
#include "target/i386/svm/vmcb.h"

namespace i386 {

namespace {

constexpr u32 revision64 = 0x00020064, revision32 = 0x00020000;

}  // namespace

void Cpu::enter_smm() {
    bus().smm_changed(true);
    s.smm = true;
    if (log_) log_->print(LogItem::interrupts, "SMM: enter\n");
    s.smm_nmi_blocked = s.nmi_blocked;
    s.nmi_blocked = true;
    memory_map_changed();
    const u64 area = s.msr.smbase + 0x8000;
    if (has(Feature::lm))
        save_smm64(area);
    else
        save_smm32(area);

    s.svm.guest = s.svm.nested_paging = false;
    if (s.msr.efer & efer_lma) s.msr.efer &= ~u64(efer_lma | efer_lme);
    s.eflags = 2;
    set_oszapc(s, 0);
    s.regs[rip] = 0x8000;
    set_segment(cs, {s.msr.smbase >> 4 & 0xffff, 0xffffffff, s.msr.smbase, 0x00809300});
    for (const Seg n : {es, ss, ds, fs, gs})
        set_segment(n, {0, 0xffffffff, 0, 0x00809300});
    s.cr0 &= ~u64(cr0_pe | cr0_em | cr0_ts | cr0_pg);
    s.cr4 = 0;
    s.dr[7] = 0x400;
    set_cpl(0);
    flush_tlb();
    update_mode();
}

void Cpu::save_smm64(u64 at) {
    for (unsigned n = 0; n < 6; n++) {
        const Segment& g = s.seg[n];
        const u64 p = at + 0x7e00 + n * 16;
        phys_store<u16>(p, u16(g.selector));
        phys_store<u16>(p + 2, packed_flags(g.flags));
        phys_store<u32>(p + 4, g.limit);
        phys_store<u64>(p + 8, g.base);
    }
    phys_store<u32>(at + 0x7e64, s.gdt.limit);
    phys_store<u64>(at + 0x7e68, s.gdt.base);
    phys_store<u16>(at + 0x7e70, u16(s.ldt.selector));
    phys_store<u16>(at + 0x7e72, packed_flags(s.ldt.flags));
    phys_store<u32>(at + 0x7e74, s.ldt.limit);
    phys_store<u64>(at + 0x7e78, s.ldt.base);
    phys_store<u32>(at + 0x7e84, s.idt.limit);
    phys_store<u64>(at + 0x7e88, s.idt.base);
    phys_store<u16>(at + 0x7e90, u16(s.tr.selector));
    phys_store<u16>(at + 0x7e92, packed_flags(s.tr.flags));
    phys_store<u32>(at + 0x7e94, s.tr.limit);
    phys_store<u64>(at + 0x7e98, s.tr.base);
    phys_store<u8>(at + 0x7ec9, s.halted);
    phys_store<u64>(at + 0x7ed0, s.msr.efer);
    for (unsigned n = 0; n < 16; n++)
        phys_store<u64>(at + 0x7ff8 - n * 8, s.regs[n]);
    phys_store<u64>(at + 0x7f78, s.regs[rip]);
    phys_store<u64>(at + 0x7f70, eflags());
    phys_store<u64>(at + 0x7f68, s.dr[6]);
    phys_store<u64>(at + 0x7f60, s.dr[7]);
    phys_store<u64>(at + 0x7f48, s.cr4);
    phys_store<u64>(at + 0x7f50, s.cr3);
    phys_store<u64>(at + 0x7f58, s.cr0);
    phys_store<u64>(at + 0x7ed8, s.svm.guest);
    phys_store<u64>(at + 0x7ee0, s.svm.vmcb);
    phys_store<u64>(at + 0x7ee8, (s.svm.v_intr & ~u32(v_tpr_mask)) | s.svm.v_tpr);
    phys_store<u32>(at + 0x7efc, revision64);
    phys_store<u32>(at + 0x7f00, s.msr.smbase);
}

void Cpu::load_smm64(u64 at) {
    s.msr.efer = phys_load<u64>(at + 0x7ed0);
    for (unsigned n = 0; n < 16; n++)
        s.regs[n] = phys_load<u64>(at + 0x7ff8 - n * 8);
    s.regs[rip] = phys_load<u64>(at + 0x7f78);
    const u32 flags = phys_load<u32>(at + 0x7f70);
    s.eflags = (flags & ~u32(oszapc)) | 2;
    set_oszapc(s, flags);
    s.dr[6] = phys_load<u32>(at + 0x7f68);
    s.dr[7] = phys_load<u32>(at + 0x7f60);
    s.cr4 = phys_load<u32>(at + 0x7f48);
    s.cr3 = phys_load<u64>(at + 0x7f50);
    s.cr0 = phys_load<u32>(at + 0x7f58);
    for (unsigned n = 0; n < 6; n++) {
        const u64 p = at + 0x7e00 + n * 16;
        set_segment(Seg(n), {phys_load<u16>(p), phys_load<u32>(p + 4), phys_load<u64>(p + 8),
                             unpacked_flags(phys_load<u16>(p + 2))});
    }
    s.gdt = {phys_load<u64>(at + 0x7e68), phys_load<u32>(at + 0x7e64)};
    s.ldt = {phys_load<u16>(at + 0x7e70), phys_load<u32>(at + 0x7e74), phys_load<u64>(at + 0x7e78),
             unpacked_flags(phys_load<u16>(at + 0x7e72))};
    s.idt = {phys_load<u64>(at + 0x7e88), phys_load<u32>(at + 0x7e84)};
    s.tr = {phys_load<u16>(at + 0x7e90), phys_load<u32>(at + 0x7e94), phys_load<u64>(at + 0x7e98),
            unpacked_flags(phys_load<u16>(at + 0x7e92))};
    s.halted = phys_load<u8>(at + 0x7ec9) & 1;
    if ((phys_load<u8>(at + 0x7ed8) & 1) && has(Feature::svm) && (s.msr.efer & efer_svme))
        resume_guest(phys_load<u64>(at + 0x7ee0), phys_load<u32>(at + 0x7ee8));
    // The handler moves the area by writing here; revision bit 17 says that it may.
    s.msr.smbase = phys_load<u32>(at + 0x7f00);
}

void Cpu::save_smm32(u64 at) {
    phys_store<u32>(at + 0x7ffc, u32(s.cr0));
    phys_store<u32>(at + 0x7ff8, u32(s.cr3));
    phys_store<u32>(at + 0x7ff4, eflags());
    phys_store<u32>(at + 0x7ff0, u32(s.regs[rip]));
    // EDI is at 7FEC, EAX at 7FD0.
    for (unsigned n = 0; n < 8; n++)
        phys_store<u32>(at + 0x7fd0 + n * 4, u32(s.regs[n]));
    phys_store<u32>(at + 0x7fcc, u32(s.dr[6]));
    phys_store<u32>(at + 0x7fc8, u32(s.dr[7]));
    auto hidden = [&](u64 p, const Segment& g) {
        phys_store<u32>(p + 8, u32(g.base));
        phys_store<u32>(p + 4, g.limit);
        phys_store<u32>(p, g.flags >> 8 & 0xf0ff);
    };
    phys_store<u32>(at + 0x7fc4, s.tr.selector);
    hidden(at + 0x7f5c, s.tr);
    phys_store<u32>(at + 0x7fc0, s.ldt.selector);
    hidden(at + 0x7f78, s.ldt);
    phys_store<u32>(at + 0x7f74, u32(s.gdt.base));
    phys_store<u32>(at + 0x7f70, s.gdt.limit);
    phys_store<u32>(at + 0x7f58, u32(s.idt.base));
    phys_store<u32>(at + 0x7f54, s.idt.limit);
    for (unsigned n = 0; n < 6; n++) {
        phys_store<u32>(at + 0x7fa8 + n * 4, s.seg[n].selector);
        hidden(at + (n < 3 ? 0x7f84 + n * 12 : 0x7f2c + (n - 3) * 12), s.seg[n]);
    }
    phys_store<u32>(at + 0x7f14, u32(s.cr4));
    phys_store<u32>(at + 0x7efc, revision32);
    phys_store<u32>(at + 0x7ef8, s.msr.smbase);
}

void Cpu::load_smm32(u64 at) {
    s.cr0 = phys_load<u32>(at + 0x7ffc);
    s.cr3 = phys_load<u32>(at + 0x7ff8);
    const u32 flags = phys_load<u32>(at + 0x7ff4);
    s.eflags = (flags & ~u32(oszapc)) | 2;
    set_oszapc(s, flags);
    s.regs[rip] = phys_load<u32>(at + 0x7ff0);
    for (unsigned n = 0; n < 8; n++)
        s.regs[n] = phys_load<u32>(at + 0x7fd0 + n * 4);
    s.dr[6] = phys_load<u32>(at + 0x7fcc);
    s.dr[7] = phys_load<u32>(at + 0x7fc8);
    auto hidden = [&](u64 p, u32 selector) {
        return Segment{selector, phys_load<u32>(p + 4), phys_load<u32>(p + 8),
                       (phys_load<u32>(p) & 0xf0ff) << 8};
    };
    s.tr = hidden(at + 0x7f5c, phys_load<u32>(at + 0x7fc4));
    s.ldt = hidden(at + 0x7f78, phys_load<u32>(at + 0x7fc0));
    s.gdt = {phys_load<u32>(at + 0x7f74), phys_load<u32>(at + 0x7f70)};
    s.idt = {phys_load<u32>(at + 0x7f58), phys_load<u32>(at + 0x7f54)};
    for (unsigned n = 0; n < 6; n++)
        set_segment(Seg(n), hidden(at + (n < 3 ? 0x7f84 + n * 12 : 0x7f2c + (n - 3) * 12),
                                   phys_load<u32>(at + 0x7fa8 + n * 4)));
    s.cr4 = phys_load<u32>(at + 0x7f14);
    s.msr.smbase = phys_load<u32>(at + 0x7ef8);
}

void Cpu::leave_smm() {
    const u64 area = s.msr.smbase + 0x8000;
    if (has(Feature::lm))
        load_smm64(area);
    else
        load_smm32(area);
    s.smm = false;
    s.nmi_blocked = s.smm_nmi_blocked;
    s.smm_nmi_blocked = false;
    if (log_) log_->print(LogItem::interrupts, "SMM: leave\n");
    set_cpl(s.cr0 & cr0_pe ? (s.eflags & vm ? 3 : s.seg[ss].dpl()) : 0);
    bus().smm_changed(false);
    memory_map_changed();
    update_mode();
}

}  // namespace i386
