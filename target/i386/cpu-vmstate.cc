// SPDX-License-Identifier: GPL-2.0-or-later
//
// Between a processor's registers and their shape on the wire.
#include "target/i386/cpu-vmstate.h"

#include <algorithm>

#include "target/i386/flags.h"
#include "target/i386/svm/vmcb.h"

namespace i386 {

namespace {

u32 hidden_flags(const Cpu& cpu) {
    const CpuState& s = cpu.s;
    u32 f = cpu.cpl();
    if (s.inhibit_irq) f |= hf_inhibit_irq;
    if (s.cr0 & cr0_pe) f |= hf_pe;
    f |= u32(s.cr0 << 8) & hf_mp_em_ts;
    if (s.cr4 & cr4_osfxsr) f |= hf_osfxsr;
    if (s.cr4 & cr4_smap) f |= hf_smap;
    if (s.cr4 & cr4_umip) f |= hf_umip;
    if ((s.cr4 & cr4_osxsave) && (s.xcr0 & 6) == 6) f |= hf_avx_en;
    if (s.msr.efer & efer_svme) f |= hf_svme;
    if (s.svm.guest) f |= hf_guest;
    if (s.smm) f |= hf_smm;
    const bool lma = s.msr.efer & efer_lma;
    if (lma) f |= hf_lma;
    if (lma && s.seg[cs].long_mode()) {
        f |= hf_cs64 | hf_cs32 | hf_ss32;
    } else {
        if (s.seg[cs].big()) f |= hf_cs32;
        if (s.seg[ss].big()) f |= hf_ss32;
        const bool bases = s.seg[ds].base | s.seg[es].base | s.seg[ss].base;
        if (!(s.cr0 & cr0_pe) || (s.eflags & vm) || !s.seg[cs].big() || bases) f |= hf_addseg;
    }
    return f;
}

u32 svm_hidden_flags2(const Svm& v) {
    return (v.gif ? u32(hf2_gif) : 0) | (v.host_if ? u32(hf2_host_if) : 0) |
           (v.guest && (v.v_intr & v_intr_masking) ? u32(hf2_v_intr_masking) : 0) |
           (v.nested_paging ? u32(hf2_nested_paging) : 0);
}

/// Of an SVM guest, or none.
Svm svm_from_wire(const WireCpu& w) {
    Svm v{};
    v.vmcb = w.vm_vmcb;
    v.gif = w.hflags2 & hf2_gif;
    v.guest = w.hflags & hf_guest;
    if (!v.guest) return v;
    v.intercepts = w.intercept;
    v.exceptions = w.intercept_exceptions;
    v.cr_read = w.intercept_cr_read, v.cr_write = w.intercept_cr_write;
    v.dr_read = w.intercept_dr_read, v.dr_write = w.intercept_dr_write;
    v.v_tpr = w.v_tpr & 0xf;
    v.v_intr = w.int_ctl & ~u32(v_tpr_mask);
    v.host_if = w.hflags2 & hf2_host_if;
    v.nested_paging = w.hflags2 & hf2_nested_paging;
    if (v.nested_paging) v.nested_cr3 = w.nested_cr3, v.nested_mode = w.nested_pg_mode;
    return v;
}

WireSegment to_wire(const Segment& s) {
    return {s.selector, s.base, s.limit, s.flags};
}
WireSegment to_wire(const TableRegister& t) {
    return {0, t.base, t.limit, 0};
}
Segment from_wire(const WireSegment& w) {
    return {w.selector, w.limit, w.base, w.flags};
}

}  // namespace

void CpuCommonSection::pre_save(WireCpuCommon& w) {
    w.halted = cpu_.s.halted;
    const u32 r = cpu_.requests();
    w.interrupt_request =
        (poll_ && ticks_.now() == poll_set_at_ ? u32(wire_poll) : 0) |
        (r & request_interrupt ? u32(wire_hard) : 0) | (r & request_smi ? u32(wire_smi) : 0) |
        (r & request_nmi ? u32(wire_nmi) : 0) | (r & request_init ? u32(wire_init) : 0) |
        (r & request_sipi ? u32(wire_sipi) : 0) |
        (cpu_.virtual_interrupt_pending() ? u32(wire_virtual) : 0);
}

void CpuCommonSection::post_load(int) {
    cpu_.s.halted = state_.halted;
    const u32 w = state_.interrupt_request;
    set_poll(w & wire_poll);
    // INTR follows the APIC, whose own section comes later; the edges are kept here.
    cpu_.clear_request(request_smi | request_nmi | request_init | request_sipi);
    cpu_.request((w & wire_smi ? u32(request_smi) : 0) | (w & wire_nmi ? u32(request_nmi) : 0) |
                 (w & wire_init ? u32(request_init) : 0) | (w & wire_sipi ? u32(request_sipi) : 0));
}

void CpuSection::pre_save(WireCpu& w) {
    const CpuState& s = cpu_.s;
    std::copy_n(s.regs.begin(), 16, w.regs.begin());
    w.eip = s.regs[rip];
    w.eflags = cpu_.eflags();
    w.hflags = hidden_flags(cpu_);
    w.hflags2 = hf2_vgif | (s.nmi_blocked ? u32(hf2_nmi) : 0) |
                (s.smm_nmi_blocked ? u32(hf2_smm_inside_nmi) : 0) | svm_hidden_flags2(s.svm);
    const Svm& v = s.svm;
    w.vm_vmcb = v.vmcb, w.intercept = v.intercepts, w.intercept_exceptions = v.exceptions;
    w.intercept_cr_read = v.cr_read, w.intercept_cr_write = v.cr_write;
    w.intercept_dr_read = v.dr_read, w.intercept_dr_write = v.dr_write;
    w.v_tpr = v.v_tpr, w.int_ctl = (v.v_intr & ~u32(v_tpr_mask)) | v.v_tpr;
    w.nested_cr3 = v.nested_cr3, w.nested_pg_mode = v.nested_mode;
    w.fpuc = s.x87.control;
    w.fpus = s.x87.status;
    w.fptag = s.x87.valid;
    for (unsigned i = 0; i < 8; i++)
        w.fpregs[i] = {s.x87.reg[i].mantissa, s.x87.reg[i].sign_exponent};
    w.fpop = s.x87.opcode;
    w.fpip = s.x87.ip;
    w.fpdp = s.x87.dp;
    for (unsigned i = 0; i < 6; i++)
        w.segs[i] = to_wire(s.seg[i]);
    w.ldt = to_wire(s.ldt);
    w.tr = to_wire(s.tr);
    w.gdt = to_wire(s.gdt);
    w.idt = to_wire(s.idt);
    w.cr0 = s.cr0, w.cr2 = s.cr2, w.cr3 = s.cr3, w.cr4 = s.cr4;
    w.dr = s.dr;
    w.a20_mask = i32(s.a20_mask);
    w.mxcsr = s.mxcsr;
    for (unsigned i = 0; i < 16; i++) {
        w.xmm[i] = {s.vec[i].q[0], s.vec[i].q[1]};
        w.ymm_high[i] = {s.vec[i].q[2], s.vec[i].q[3]};
    }
    const Msrs& m = s.msr;
    w.efer = m.efer, w.star = m.star, w.lstar = m.lstar, w.cstar = m.cstar;
    w.fmask = m.fmask, w.kernelgsbase = m.kernelgsbase;
    w.sysenter_cs = m.sysenter_cs, w.sysenter_esp = m.sysenter_esp;
    w.sysenter_eip = m.sysenter_eip;
    w.smbase = m.smbase, w.pat = m.pat, w.vm_hsave = m.vm_hsave;
    w.tsc_offset = m.tsc_offset, w.tsc_aux = m.tsc_aux;
    w.misc_enable = m.misc_enable, w.smi_count = m.smi_count, w.pkru = m.pkru, w.pkrs = m.pkrs;
    w.tsc_adjust = m.tsc_adjust, w.tsc_deadline = m.tsc_deadline, w.xss = m.xss;
    w.feature_control = m.feature_control, w.spec_ctrl = m.spec_ctrl;
    w.mtrr_fixed = s.mtrr.fixed;
    w.mtrr_deftype = s.mtrr.deftype;
    for (unsigned i = 0; i < 8; i++)
        w.mtrr_var[i] = {s.mtrr.variable[i].base, s.mtrr.variable[i].mask};
    // Whether it waits for a SIPI is its local APIC's to say on the wire.
    const bool waits = s.mp_state == MpState::uninitialized || s.mp_state == MpState::init_received;
    w.mp_state = u32(waits ? MpState::runnable : s.mp_state);
    w.nmi_pending = s.nmi_pending;
    w.sipi_vector = cpu_.requests() & request_sipi ? cpu_.start_vector() : 0;
    w.mcg_cap = s.mce.cap, w.mcg_status = s.mce.status, w.mcg_ctl = s.mce.ctl;
    w.mce_banks = s.mce.banks;
    w.xcr0 = s.xcr0;
}

Result<void> CpuSection::check_state(const WireCpu& w, int) const {
    if (w.mp_state > u32(MpState::sipi_received))
        return fail("env.mp_state: expected 0 to 4, found {}", w.mp_state);
    if (w.fpregs_format)
        return fail("env.fpregs_format_vmstate: expected 0, found {}", w.fpregs_format);
    // A hypervisor may have its guest page in real mode (APM volume 2, 15.19).
    if ((w.cr0 & cr0_pg) && !(w.cr0 & cr0_pe) && !(w.hflags & hf_guest))
        return fail("env.cr[0]: paging without protection, {:#x}", w.cr0);
    if ((w.hflags & hf_guest) && !(w.efer & efer_svme))
        return fail("env.hflags: in a virtual machine, without SVME in env.efer");
    if ((w.efer & efer_svme) && !cpu_.has(Feature::svm))
        return fail("env.efer: SVME is on, which needs a processor with svm (see -cpu)");
    return {};
}

void CpuSection::post_load(int) {
    const WireCpu& w = state_;
    CpuState& s = cpu_.s;
    std::copy_n(w.regs.begin(), 16, s.regs.begin());
    s.regs[rip] = w.eip;
    s.eflags = (u32(w.eflags) & ~u32(oszapc)) | 2;
    set_oszapc(s, u32(w.eflags));
    s.inhibit_irq = w.hflags & hf_inhibit_irq;
    s.smm = w.hflags & hf_smm;
    s.nmi_blocked = w.hflags2 & hf2_nmi;
    s.smm_nmi_blocked = w.hflags2 & hf2_smm_inside_nmi;
    s.svm = svm_from_wire(w);
    s.x87.control = w.fpuc;
    s.x87.status = w.fpus;
    s.x87.valid = u8(w.fptag);
    for (unsigned i = 0; i < 8; i++)
        s.x87.reg[i] = {w.fpregs[i].mantissa, w.fpregs[i].exponent};
    s.x87.opcode = w.fpop;
    s.x87.ip = w.fpip;
    s.x87.dp = w.fpdp;
    for (unsigned i = 0; i < 6; i++)
        s.seg[i] = from_wire(w.segs[i]);
    s.ldt = from_wire(w.ldt);
    s.tr = from_wire(w.tr);
    s.gdt = {w.gdt.base, w.gdt.limit};
    s.idt = {w.idt.base, w.idt.limit};
    s.cr0 = w.cr0, s.cr2 = w.cr2, s.cr3 = w.cr3, s.cr4 = w.cr4;
    s.dr = w.dr;
    s.a20_mask = u32(w.a20_mask);
    s.mxcsr = w.mxcsr;
    for (unsigned i = 0; i < 16; i++)
        s.vec[i].q = {w.xmm[i].low, w.xmm[i].high, w.ymm_high[i].low, w.ymm_high[i].high};
    Msrs& m = s.msr;
    m.efer = w.efer, m.star = w.star, m.lstar = w.lstar, m.cstar = w.cstar;
    m.fmask = w.fmask, m.kernelgsbase = w.kernelgsbase;
    m.sysenter_cs = w.sysenter_cs, m.sysenter_esp = w.sysenter_esp;
    m.sysenter_eip = w.sysenter_eip;
    m.smbase = w.smbase, m.pat = w.pat, m.vm_hsave = w.vm_hsave;
    m.tsc_offset = w.tsc_offset, m.tsc_aux = w.tsc_aux;
    m.misc_enable = w.misc_enable, m.smi_count = w.smi_count, m.pkru = w.pkru, m.pkrs = w.pkrs;
    m.tsc_adjust = w.tsc_adjust, m.tsc_deadline = w.tsc_deadline, m.xss = w.xss;
    m.feature_control = w.feature_control, m.spec_ctrl = w.spec_ctrl;
    s.mtrr.fixed = w.mtrr_fixed;
    s.mtrr.deftype = w.mtrr_deftype;
    for (unsigned i = 0; i < 8; i++)
        s.mtrr.variable[i] = {w.mtrr_var[i].base, w.mtrr_var[i].mask};
    s.mp_state = MpState(w.mp_state);
    s.nmi_pending = w.nmi_pending;
    cpu_.set_start_vector(u8(w.sipi_vector));
    s.mce.cap = w.mcg_cap, s.mce.status = w.mcg_status, s.mce.ctl = w.mcg_ctl;
    s.mce.banks = w.mce_banks;
    s.xcr0 = w.xcr0;
    cpu_.state_replaced();
}

}  // namespace i386
