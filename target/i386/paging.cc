// SPDX-License-Identifier: GPL-2.0-or-later
//
// The processor's own page tables: permission checks, accessed and dirty bits, faults (SDM volume
// 3, chapter 4).
#include "target/i386/page-walk.h"

namespace i386 {

namespace {

/// Sets bits in a table entry where it lies; another vCPU may do the same at the same time.
void set_bits(CpuMemory& c, u64 address, u64 bits, unsigned size) {
    if (u8* p = c.phys_host(address)) {
        if (size == 4)
            __atomic_fetch_or(reinterpret_cast<u32*>(p), u32(bits), __ATOMIC_SEQ_CST);
        else
            __atomic_fetch_or(reinterpret_cast<u64*>(p), bits, __ATOMIC_SEQ_CST);
        c.bus().page_dirty(address & page_mask);
        return;
    }
    if (size == 4)
        c.phys_store<u32>(address, c.phys_load<u32>(address) | u32(bits));
    else
        c.phys_store<u64>(address, c.phys_load<u64>(address) | bits);
}

}  // namespace

u64 PageWalker::reserved_bits(bool large, unsigned shift) const {
    u64 reserved = (~u64(0) << cpu_.physical_bits()) & address_bits;
    if (!(tables_.mode & paging_nx)) reserved |= pte_nx;
    if (!large) return reserved;
    if (shift >= 39 || (shift == 30 && !cpu_.has(Feature::pdpe1gb))) reserved |= pte_ps;
    // Bit 12 is PAT; the address bits below the page's size must be clear.
    const u64 span = u64(1) << shift;
    return reserved | ((span - 1) & address_bits & ~u64(1 << 12));
}

u32 paging_mode_of(u64 cr4, u64 efer) {
    u32 m = 0;
    if (cr4 & cr4_pae) m |= paging_pae;
    if (cr4 & cr4_pse) m |= paging_pse;
    if (cr4 & cr4_la57) m |= paging_la57;
    if (efer & efer_lma) m |= paging_long;
    if (efer & efer_nxe) m |= paging_nx;
    return m;
}

void PageWalker::mark(const PageWalk& w, bool dirty) {
    for (unsigned n = 0; n < w.levels; n++) {
        const u64 bits = n + 1 == w.levels && dirty ? pte_a | pte_d : pte_a;
        if ((w.level[n].entry & bits) != bits)
            set_bits(cpu_, w.level[n].address, bits, w.entry_size);
    }
}

void CpuMemory::page_fault(u64 linear, u32 error, Access access, TlbContext context) {
    if (access == Access::write) error |= err_w;
    if (context == tlb_user || context == tlb_user_checked) error |= err_u;
    if (access == Access::execute &&
        ((s.cr4 & cr4_smep) || ((s.cr4 & cr4_pae) && (s.msr.efer & efer_nxe))))
        error |= err_i;
    // An intercepted one leaves CR2 as it is (APM volume 2, 15.12.15).
    leave_if_intercepted(SvmExit::exception + exc_pf, error, linear);
    s.cr2 = linear;
    throw Fault{exc_pf, true, error};
}

u64 CpuMemory::walk(u64 linear, Access access, TlbContext context, bool probe_only, bool* global) {
    const bool user = context == tlb_user || context == tlb_user_checked;
    PageWalker walker(*this, {s.cr3, paging_mode_of(s.cr4, s.msr.efer)});
    const PageWalk w = !s.svm.nested_paging
                           ? walker.walk(linear, PhysicalTables{})
                           : walker.walk(linear, [&](u64 table) {
                                 return nested_walk(table, Access::write, true, probe_only);
                             });
    if (probe_only) return w.present && !w.reserved ? w.physical : ~u64(0);
    if (!w.present) page_fault(linear, 0, access, context);
    if (w.reserved) {
        if (log_)
            log_->guest_error("cpu {}: reserved bits in the page tables, for {:#x}\n", apic_id_,
                              linear);
        page_fault(linear, err_p | err_rsvd, access, context);
    }

    const bool user_page = w.rights & pte_u;
    bool denied = user && !user_page;
    if (access == Access::execute) {
        denied = denied || (w.nx && (s.msr.efer & efer_nxe)) ||
                 (!user && user_page && (s.cr4 & cr4_smep));
    } else {
        if (access == Access::write && !(w.rights & pte_w))
            denied = denied || user || (s.cr0 & cr0_wp);
        if (!user && user_page && (s.cr4 & cr4_smap) && context == tlb_supervisor) denied = true;
    }
    if (denied) page_fault(linear, err_p, access, context);
    // Protection keys (SDM volume 3, 4.6.2): PKRU is for user pages, PKRS for the others.
    const bool keyed = s.cr4 & (user_page ? cr4_pke : cr4_pks);
    if (keyed && long_active() && access != Access::execute) {
        const unsigned key = unsigned(w.last_entry() >> 59 & 0xf);
        const u32 rights = (user_page ? s.msr.pkru : s.msr.pkrs) >> 2 * key;
        const bool no_write = (rights & 2) && (user || (s.cr0 & cr0_wp));
        if ((rights & 1) || (access == Access::write && no_write))
            page_fault(linear, err_p | err_pk, access, context);
    }
    walker.mark(w, access == Access::write);
    *global = w.last_entry() & pte_g && s.cr4 & cr4_pge;
    return w.physical;
}

bool CpuMemory::probe(u64 linear, u64& physical) {
    physical = linear;
    if (s.cr0 & cr0_pg) {
        physical = walk(linear, Access::read, tlb_supervisor, true, nullptr);
        if (physical == ~u64(0)) return false;
    }
    if (s.svm.nested_paging) {
        physical = nested_walk(physical, Access::read, false, true);
        if (physical == ~u64(0)) return false;
    }
    physical &= a20();
    return true;
}

}  // namespace i386
