// SPDX-License-Identifier: GPL-2.0-or-later
//
// Model-specific registers. An unknown one reads as zero and ignores writes, with #GP only where a
// guest relies on it, as the machines this stands in for do.
#include "target/i386/cpu.h"
#include "target/i386/cpuid.h"

#include <algorithm>

namespace i386 {

namespace {

enum Msr : u32 {
    msr_tsc = 0x10,
    msr_apicbase = 0x1b,
    msr_feature_control = 0x3a,
    msr_tsc_adjust = 0x3b,
    msr_spec_ctrl = 0x48,
    msr_smi_count = 0x34,
    msr_ucode_rev = 0x8b,
    msr_smbase = 0x9e,
    msr_mtrrcap = 0xfe,
    msr_sysenter_cs = 0x174,
    msr_sysenter_esp,
    msr_sysenter_eip,
    msr_mcg_cap = 0x179,
    msr_mcg_status,
    msr_mcg_ctl,
    msr_perf_status = 0x198,
    msr_misc_enable = 0x1a0,
    msr_mtrr_base0 = 0x200,
    msr_mtrr_fix64k = 0x250,
    msr_mtrr_fix16k = 0x258,
    msr_mtrr_fix4k = 0x268,
    msr_pat = 0x277,
    msr_mtrr_deftype = 0x2ff,
    msr_mc0_ctl = 0x400,
    msr_tsc_deadline = 0x6e0,
    msr_pkrs = 0x6e1,
    msr_x2apic = 0x800,
    msr_xss = 0xda0,
    msr_efer = 0xc0000080,
    msr_star,
    msr_lstar,
    msr_cstar,
    msr_fmask,
    msr_fsbase = 0xc0000100,
    msr_gsbase,
    msr_kernelgsbase,
    msr_tsc_aux,
    msr_vm_cr = 0xc0010114,
    msr_vm_hsave = 0xc0010117,
};

}  // namespace

bool Cpu::valid_pat(u64 v) {
    for (unsigned n = 0; n < 8; n++, v >>= 8)
        if ((v & 0xff) > 7 || (v & 0xff) == 2 || (v & 0xff) == 3) return false;
    return true;
}

u64* Cpu::mtrr_slot(u32 index) {
    if (index >= msr_mtrr_base0 && index < msr_mtrr_base0 + 16) {
        MtrrRange& r = s.mtrr.variable[(index - msr_mtrr_base0) / 2];
        return index & 1 ? &r.mask : &r.base;
    }
    if (index == msr_mtrr_fix64k) return &s.mtrr.fixed[0];
    if (index == msr_mtrr_fix16k || index == msr_mtrr_fix16k + 1)
        return &s.mtrr.fixed[1 + index - msr_mtrr_fix16k];
    if (index >= msr_mtrr_fix4k && index < msr_mtrr_fix4k + 8)
        return &s.mtrr.fixed[3 + index - msr_mtrr_fix4k];
    if (index == msr_mtrr_deftype) return &s.mtrr.deftype;
    return nullptr;
}

u64 Cpu::read_msr(u32 index) {
    intercept_msr(index, false);
    if (index >= msr_x2apic && index < msr_x2apic + 0x100) {
        u64 v = 0;
        if (!bus().x2apic_read(index, v)) raise(exc_gp, 0);
        return v;
    }
    if (const u64* slot = mtrr_slot(index)) return *slot;
    if (index >= msr_mc0_ctl && index < msr_mc0_ctl + 4 * (s.mce.cap & 0xff))
        return s.mce.banks[index - msr_mc0_ctl];
    switch (index) {
        case msr_tsc: return tsc();
        case msr_apicbase: return bus_.apic_base();
        case msr_feature_control: return s.msr.feature_control;
        case msr_tsc_adjust: return s.msr.tsc_adjust;
        case msr_spec_ctrl: return s.msr.spec_ctrl;
        case msr_smi_count: return s.msr.smi_count;
        case msr_ucode_rev: return model_.vendor == "GenuineIntel" ? u64(1) << 32 : 0x01000065;
        case msr_smbase: return s.msr.smbase;
        case msr_mtrrcap: return 8 | 1 << 8 | 1 << 10;  // eight ranges, fixed ones, WC
        case msr_sysenter_cs: return s.msr.sysenter_cs;
        case msr_sysenter_esp: return s.msr.sysenter_esp;
        case msr_sysenter_eip: return s.msr.sysenter_eip;
        case msr_mcg_cap: return s.mce.cap;
        case msr_mcg_status: return s.mce.status;
        case msr_mcg_ctl: return s.mce.cap & 1 << 8 ? s.mce.ctl : 0;
        case msr_perf_status: return 1000 | u64(4) << 40;
        case msr_misc_enable: return s.msr.misc_enable;
        case msr_pat: return s.msr.pat;
        case msr_tsc_deadline: return s.msr.tsc_deadline;
        case msr_pkrs:
            if (!has(Feature::pks)) raise(exc_gp, 0);
            return s.msr.pkrs;
        case msr_xss: return s.msr.xss;
        case msr_efer: return s.msr.efer;
        case msr_star: return s.msr.star;
        case msr_lstar: return s.msr.lstar;
        case msr_cstar: return s.msr.cstar;
        case msr_fmask: return s.msr.fmask;
        case msr_fsbase: return s.seg[fs].base;
        case msr_gsbase: return s.seg[gs].base;
        case msr_kernelgsbase: return s.msr.kernelgsbase;
        case msr_tsc_aux: return s.msr.tsc_aux;
        case msr_vm_cr: return 0;  // SVM is not locked
        case msr_vm_hsave: return s.msr.vm_hsave;
        default:
            if (log_) log_->unimplemented("RDMSR of {:#x}, which does not exist\n", index);
            return 0;
    }
}

void Cpu::write_msr(u32 index, u64 value) {
    intercept_msr(index, true);
    auto canonical_or_fault = [&] {
        if (!canonical(value)) raise(exc_gp, 0);
        return value;
    };
    if (index >= msr_x2apic && index < msr_x2apic + 0x100) {
        if (!bus().x2apic_write(index, value)) raise(exc_gp, 0);
        return;
    }
    if (u64* slot = mtrr_slot(index)) {
        *slot = value;
        return;
    }
    if (index >= msr_mc0_ctl && index < msr_mc0_ctl + 4 * (s.mce.cap & 0xff)) {
        // Control registers take all ones or all zeroes, the others only zero.
        if ((index & 3) == 0 ? value == 0 || value == ~u64(0) : value == 0)
            s.mce.banks[index - msr_mc0_ctl] = value;
        return;
    }
    switch (index) {
        case msr_tsc: s.msr.tsc_offset += value - tsc(); break;
        case msr_apicbase:
            if (!bus().set_apic_base(value)) raise(exc_gp, 0);
            break;
        case msr_feature_control: s.msr.feature_control = value; break;
        case msr_tsc_adjust:
            s.msr.tsc_offset += value - s.msr.tsc_adjust;
            s.msr.tsc_adjust = value;
            break;
        case msr_spec_ctrl: s.msr.spec_ctrl = value; break;
        case msr_sysenter_cs: s.msr.sysenter_cs = value & 0xffff; break;
        case msr_sysenter_esp: s.msr.sysenter_esp = canonical_or_fault(); break;
        case msr_sysenter_eip: s.msr.sysenter_eip = canonical_or_fault(); break;
        case msr_mcg_status: s.mce.status = value; break;
        case msr_mcg_ctl: s.mce.ctl = value; break;
        case msr_misc_enable: s.msr.misc_enable = value; break;
        case msr_pat:
            if (!valid_pat(value)) raise(exc_gp, 0);
            s.msr.pat = value;
            break;
        case msr_tsc_deadline: s.msr.tsc_deadline = value; break;
        case msr_pkrs:
            if (!has(Feature::pks) || value >> 32) raise(exc_gp, 0);
            s.msr.pkrs = u32(value);
            flush_tlb();
            break;
        case msr_xss: s.msr.xss = value; break;
        case msr_efer: set_efer(value); break;
        case msr_star: s.msr.star = value; break;
        case msr_lstar: s.msr.lstar = canonical_or_fault(); break;
        case msr_cstar: s.msr.cstar = canonical_or_fault(); break;
        case msr_fmask: s.msr.fmask = u32(value); break;
        case msr_fsbase: s.seg[fs].base = canonical_or_fault(); break;
        case msr_gsbase: s.seg[gs].base = canonical_or_fault(); break;
        case msr_kernelgsbase: s.msr.kernelgsbase = canonical_or_fault(); break;
        case msr_tsc_aux: s.msr.tsc_aux = u32(value); break;
        case msr_vm_cr: break;
        case msr_vm_hsave:
            if ((value & ~page_mask) || value >> physical_bits()) raise(exc_gp, 0);
            s.msr.vm_hsave = value;
            break;
        default:
            if (log_) log_->unimplemented("WRMSR of {:#x}, which does not exist\n", index);
    }
}

}  // namespace i386
