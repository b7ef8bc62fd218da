// SPDX-License-Identifier: GPL-2.0-or-later
#include "target/i386/svm/checks.h"

namespace i386 {

namespace {

bool registers_valid(const Cpu& cpu, const Vmcb& b) {
    const u64 cr0 = b.get(save_cr0), cr3 = b.get(save_cr3), cr4 = b.get(save_cr4);
    const u64 efer = b.get(save_efer);
    if (cr0 >> 32 || ((cr0 & cr0_nw) && !(cr0 & cr0_cd))) return false;
    if (!(efer & efer_svme) || (efer & ~cpu.efer_allowed())) return false;
    if (cr4 & ~cpu.cr4_allowed()) return false;
    if (b.get(save_dr6) >> 32 || b.get(save_dr7) >> 32) return false;
    if ((efer & efer_lme) && (cr0 & cr0_pg)) {
        if (!(cr4 & cr4_pae) || !(cr0 & cr0_pe) || cr3 >> cpu.physical_bits()) return false;
        const Segment code = b.segment(save_es + cs * 16);
        if (code.long_mode() && code.big()) return false;
    }
    return true;
}

/// Of three pages, or two.
bool map_valid(const Cpu& cpu, u64 base, unsigned size) {
    return ((base & page_mask) + size - 1) >> cpu.physical_bits() == 0 &&
           base >> cpu.physical_bits() == 0;
}

bool event_is_valid(u64 event) {
    if (!(event & event_valid)) return true;
    const u32 vector = event & event_vector;
    switch (event & event_type) {
        case event_intr:
        case event_nmi:
        case event_int_n: return true;
        // There is no exception 2, an NMI, nor one above 31.
        case event_exception: return vector != exc_nmi && vector < 32;
        default: return false;
    }
}

}  // namespace

bool svm_block_valid(const Cpu& cpu, const Vmcb& b) {
    if (!(b.get(vmcb_intercepts) >> (u64(SvmExit::vmrun) - u64(SvmExit::intr)) & 1)) return false;
    if (b.get<u32>(vmcb_asid) == 0) return false;
    if (!map_valid(cpu, b.get(vmcb_iopm_base), 0x3000)) return false;
    if (!map_valid(cpu, b.get(vmcb_msrpm_base), 0x2000)) return false;
    if (b.get(vmcb_np_enable) & 1) {
        if (!cpu.has(Feature::npt) || !(cpu.s.cr0 & cr0_pg)) return false;
        if (b.get(vmcb_n_cr3) >> cpu.physical_bits() || !Cpu::valid_pat(b.get(save_g_pat)))
            return false;
    }
    return event_is_valid(b.get(vmcb_eventinj)) && registers_valid(cpu, b);
}

}  // namespace i386
