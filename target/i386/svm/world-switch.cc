// SPDX-License-Identifier: GPL-2.0-or-later
//
// VMRUN and #VMEXIT: between a hypervisor and its guest (APM volume 2, 15.5 and 15.6). The host's
// registers wait in the page at VM_HSAVE_PA, whose form is the processor's own affair: it is that
// of a control block, as QEMU 7.2 has it, so that a machine saved in the middle goes on there and
// here.
#include "target/i386/page-walk.h"
#include "target/i386/svm/checks.h"
#include "target/i386/svm/vmcb.h"

namespace i386 {

namespace {

/// The registers that both directions move, to or from a block's save area.
void store_state(const Cpu& c, const Vmcb& to) {
    const CpuState& s = c.s;
    for (const Seg n : {es, cs, ss, ds})
        to.set_segment(save_es + n * 16, s.seg[n]);
    to.set_table(save_gdtr, s.gdt);
    to.set_table(save_idtr, s.idt);
    to.set(save_efer, s.msr.efer);
    to.set(save_cr0, s.cr0);
    to.set(save_cr3, s.cr3);
    to.set(save_cr4, s.cr4);
    to.set(save_dr6, s.dr[6]);
    to.set(save_dr7, s.dr[7]);
    to.set(save_rflags, u64(c.eflags()));
    to.set(save_rsp, s.regs[rsp]);
    to.set(save_rax, s.regs[rax]);
}

void load_state(Cpu& c, const Vmcb& from) {
    CpuState& s = c.s;
    s.cr0 = u32(from.get(save_cr0)) | cr0_et;
    s.cr3 = from.get(save_cr3);
    s.cr4 = from.get(save_cr4);
    s.msr.efer = from.get(save_efer) & ~u64(efer_lma);
    if ((s.msr.efer & efer_lme) && (s.cr0 & cr0_pg)) s.msr.efer |= efer_lma;
    for (const Seg n : {es, cs, ss, ds})
        c.set_segment(n, from.segment(save_es + n * 16));
    s.gdt = from.table(save_gdtr);
    s.idt = from.table(save_idtr);
    s.regs[rip] = from.get(save_rip);
    s.regs[rsp] = from.get(save_rsp);
    s.regs[rax] = from.get(save_rax);
}

}  // namespace

/// What the intercepts and virtual interrupts are from now on.
void Cpu::load_controls(const Vmcb& block) {
    Svm& v = s.svm;
    v.cr_read = block.get<u16>(vmcb_cr_read);
    v.cr_write = block.get<u16>(vmcb_cr_write);
    v.dr_read = block.get<u16>(vmcb_dr_read);
    v.dr_write = block.get<u16>(vmcb_dr_write);
    v.exceptions = block.get<u32>(vmcb_exceptions);
    v.intercepts = block.get(vmcb_intercepts);
    v.v_intr = block.get<u32>(vmcb_v_intr);
    v.v_tpr = u8(v.v_intr & 0xf);
}

/// After SMM, which a guest is in without its hypervisor.
void Cpu::resume_guest(u64 address, u32 v_intr) {
    const Vmcb block(*this, address), host(*this, s.msr.vm_hsave);
    load_controls(block);
    Svm& v = s.svm;
    v.vmcb = address;
    v.v_intr = v_intr;
    v.v_tpr = u8(v_intr & 0xf);
    v.host_if = host.get(save_rflags) & iflag;
    v.nested_paging = block.get(vmcb_np_enable) & 1;
    v.nested_cr3 = block.get(vmcb_n_cr3);
    v.nested_mode = paging_mode_of(host.get(save_cr4), host.get(save_efer));
    v.guest = true;
}

void Cpu::enter_guest(u64 address, u64 next_ip) {
    const Vmcb block(*this, address), host(*this, s.msr.vm_hsave);
    if (!svm_block_valid(*this, block)) {
        // Nothing of the guest was loaded; the hypervisor goes on after VMRUN.
        block.set(vmcb_exitcode, u64(SvmExit::invalid));
        for (const unsigned field : {vmcb_exitinfo1, vmcb_exitinfo2, vmcb_exitintinfo})
            block.set(field, u64(0));
        s.regs[rip] = next_ip;
        set_gif(false);
        return;
    }
    store_state(*this, host);
    host.set(save_rip, next_ip);
    host.set(save_cr2, s.cr2);
    host.set(vmcb_tsc_offset, s.msr.tsc_offset);

    Svm& v = s.svm;
    v.vmcb = address;
    v.host_if = s.eflags & iflag;
    v.nested_paging = block.get(vmcb_np_enable) & 1;
    if (v.nested_paging) {
        v.nested_cr3 = block.get(vmcb_n_cr3);
        v.nested_mode = paging_mode_of(s.cr4, s.msr.efer);
        host.set(save_g_pat, s.msr.pat);
        s.msr.pat = block.get(save_g_pat);
    }
    load_controls(block);
    load_state(*this, block);
    s.cr2 = block.get(save_cr2);
    s.dr[6] = u32(block.get(save_dr6));
    s.dr[7] = u32(block.get(save_dr7)) | 0x400;
    s.msr.tsc_offset += block.get(vmcb_tsc_offset);
    const u32 flags = u32(block.get(save_rflags));
    const bool real = !(s.cr0 & cr0_pe);
    set_cpl(real ? 0 : flags & vm ? 3 : block.get<u8>(save_cpl) & 3);
    s.inhibit_irq = block.get(vmcb_interrupt_shadow) & 1;
    v.guest = true;
    v.gif = true;
    s.halted = shadowed_ = false;
    flush_tlb();
    set_eflags(real ? flags & ~u32(vm) : flags);
    if (logs(LogItem::interrupts)) log_->print(LogItem::interrupts, "VMRUN of {:#x}\n", address);
    inject_event(block.get(vmcb_eventinj));
}

void Cpu::leave_guest(const VmExit& exit) {
    Svm& v = s.svm;
    const Vmcb block(*this, v.vmcb), host(*this, s.msr.vm_hsave);
    if (logs(LogItem::interrupts))
        log_->print(LogItem::interrupts, "#VMEXIT {:#x} ({:#x}, {:#x}) at {:x}\n", u64(exit.code),
                    exit.info1, exit.info2, s.regs[rip]);
    block.set(vmcb_exitcode, u64(exit.code));
    block.set(vmcb_exitinfo1, exit.info1);
    block.set(vmcb_exitinfo2, exit.info2);
    block.set(vmcb_exitintinfo, delivering_);
    block.set(vmcb_eventinj, block.get(vmcb_eventinj) & ~u64(event_valid));
    block.set(vmcb_interrupt_shadow, u64(s.inhibit_irq || shadowed_));
    block.set(vmcb_v_intr, (v.v_intr & ~u32(v_tpr_mask)) | v.v_tpr);
    store_state(*this, block);
    block.set(save_rip, s.regs[rip]);
    block.set(save_cr2, s.cr2);
    block.set(save_cpl, u8(cpl_));
    if (v.nested_paging) {
        block.set(save_g_pat, s.msr.pat);
        // A machine that QEMU saved in this guest has none.
        if (const u64 pat = host.get(save_g_pat)) s.msr.pat = pat;
    }
    delivering_ = 0;
    const u64 vmcb = v.vmcb;
    v = {};
    v.vmcb = vmcb;
    clear_request(request_virtual);
    s.msr.tsc_offset = host.get(vmcb_tsc_offset);
    s.halted = s.inhibit_irq = waiting_ = false;
    dr6_pending_ = 0;
    load_state(*this, host);
    // The area is the hypervisor's to spoil.
    s.cr0 |= cr0_pe;
    s.cr4 &= cr4_allowed();
    s.msr.efer &= efer_allowed();
    s.dr[7] = 0x400;
    set_cpl(0);
    flush_tlb();
    set_eflags(u32(host.get(save_rflags)) & ~u32(vm));
}

void Cpu::set_gif(bool on) {
    // Of the guest's own, where the hypervisor gave it one.
    if (s.svm.guest && (s.svm.v_intr & v_gif_enable))
        s.svm.v_intr = on ? s.svm.v_intr | v_gif : s.svm.v_intr & ~u32(v_gif);
    else
        s.svm.gif = on;
    update_request_mask();
}

}  // namespace i386
