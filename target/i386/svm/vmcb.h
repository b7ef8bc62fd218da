// SPDX-License-Identifier: GPL-2.0-or-later
//
// The virtual machine control block: where its fields are, and what its event words say
// (APM volume 2, appendix B).
#pragma once

#include "target/i386/cpu.h"

namespace i386 {

/// Offsets of the control area.
enum VmcbControl : u16 {
    vmcb_cr_read = 0x00,
    vmcb_cr_write = 0x02,
    vmcb_dr_read = 0x04,
    vmcb_dr_write = 0x06,
    vmcb_exceptions = 0x08,
    vmcb_intercepts = 0x0c,
    vmcb_iopm_base = 0x40,
    vmcb_msrpm_base = 0x48,
    vmcb_tsc_offset = 0x50,
    vmcb_asid = 0x58,
    vmcb_v_intr = 0x60,
    vmcb_v_intr_vector = 0x64,
    vmcb_interrupt_shadow = 0x68,
    vmcb_exitcode = 0x70,
    vmcb_exitinfo1 = 0x78,
    vmcb_exitinfo2 = 0x80,
    vmcb_exitintinfo = 0x88,
    vmcb_np_enable = 0x90,
    vmcb_eventinj = 0xa8,
    vmcb_n_cr3 = 0xb0,
};

/// Offsets of the state save area. The area at VM_HSAVE_PA has the same form here.
enum VmcbSave : u16 {
    save_es = 0x400,  // 16 bytes a segment, in the order of Seg
    save_gdtr = 0x460,
    save_ldtr = 0x470,
    save_idtr = 0x480,
    save_tr = 0x490,
    save_cpl = 0x4cb,
    save_efer = 0x4d0,
    save_cr4 = 0x548,
    save_cr3 = 0x550,
    save_cr0 = 0x558,
    save_dr7 = 0x560,
    save_dr6 = 0x568,
    save_rflags = 0x570,
    save_rip = 0x578,
    save_rsp = 0x5d8,
    save_rax = 0x5f8,
    save_star = 0x600,
    save_lstar = 0x608,
    save_cstar = 0x610,
    save_sfmask = 0x618,
    save_kernel_gs_base = 0x620,
    save_sysenter_cs = 0x628,
    save_sysenter_esp = 0x630,
    save_sysenter_eip = 0x638,
    save_cr2 = 0x640,
    save_g_pat = 0x668,
};

/// V_INTR, offset 60h.
enum VIntr : u32 {
    v_tpr_mask = 0xff,
    v_irq = 1 << 8,
    v_gif = 1 << 9,
    v_intr_prio_shift = 16,
    v_ign_tpr = 1 << 20,
    v_intr_masking = 1 << 24,
    v_gif_enable = 1 << 25,
};

/// EVENTINJ and EXITINTINFO (APM volume 2, 15.20).
enum SvmEvent : u32 {
    event_vector = 0xff,
    event_type = 7 << 8,
    event_intr = 0 << 8,
    event_nmi = 2 << 8,
    event_exception = 3 << 8,
    event_int_n = 4 << 8,
    event_error_valid = 1 << 11,
    event_valid = 1u << 31,
};

/// What one page of VMCB form holds, by physical address.
class Vmcb {
public:
    Vmcb(Cpu& cpu, u64 address) : cpu_(cpu), at_(address & page_mask) {}

    template <class T = u64>
    T get(unsigned field) const {
        return cpu_.phys_load<T>(at_ + field);
    }
    template <class T = u64>
    void set(unsigned field, T value) const {
        cpu_.phys_store<T>(at_ + field, value);
    }
    Segment segment(unsigned field) const;
    void set_segment(unsigned field, const Segment& value) const;
    TableRegister table(unsigned field) const;
    void set_table(unsigned field, const TableRegister& value) const;

private:
    Cpu& cpu_;
    u64 at_;
};

}  // namespace i386
