// SPDX-License-Identifier: GPL-2.0-or-later
//
// The page walk: 32-bit, PAE, 4- and 5-level tables, with permission checks and accessed and dirty
// bits (SDM volume 3, chapter 4).
#include "target/i386/cpu.h"

namespace i386 {

namespace {

enum Entry : u64 {
    pte_p = 1,
    pte_w = 2,
    pte_u = 4,
    pte_a = 0x20,
    pte_d = 0x40,
    pte_ps = 0x80,
    pte_g = 0x100,
    pte_nx = u64(1) << 63,
};
enum ErrorCode : u32 { err_p = 1, err_w = 2, err_u = 4, err_rsvd = 8, err_i = 16, err_pk = 32 };

constexpr u64 address_bits = 0x000ffffffffff000;

/// What the walk has met so far: the entries whose A bit is to be set, and the rights of them all.
struct Walk {
    struct Level {
        u64 address;
        u64 entry;
    };
    Level level[5];
    unsigned levels = 0;
    unsigned entry_size = 8;
    u64 rights = pte_w | pte_u;
    bool nx = false;
    u64 physical = 0;
    bool present = true, reserved = false;

    void meet(u64 address, u64 entry) {
        level[levels++] = {address, entry};
        rights &= entry;
        nx = nx || (entry & pte_nx);
    }
};

/// Sets bits in a table entry where it lies; another vCPU may do the same at the same time.
void set_bits(Cpu& c, u64 address, u64 bits, unsigned size) {
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

void walk32(Cpu& c, u64 linear, Walk& w) {
    w.entry_size = 4;
    const u64 pde_at = (c.s.cr3 & 0xfffff000) + (linear >> 22 & 0x3ff) * 4;
    const u64 pde = c.phys_load<u32>(pde_at);
    w.meet(pde_at, pde);
    if (!(pde & pte_p)) {
        w.present = false;
        return;
    }
    if ((pde & pte_ps) && (c.s.cr4 & cr4_pse)) {
        // PSE-36: bits 20-13 are address bits 39-32; bit 21 is reserved.
        w.reserved = pde & 1 << 21;
        w.physical = (pde & 0xffc00000) | (pde >> 13 & 0xff) << 32 | (linear & 0x3fffff);
        return;
    }
    const u64 pte_at = (pde & 0xfffff000) + (linear >> 12 & 0x3ff) * 4;
    const u64 pte = c.phys_load<u32>(pte_at);
    w.meet(pte_at, pte);
    w.present = pte & pte_p;
    w.physical = (pte & 0xfffff000) | (linear & 0xfff);
}

void walk64(Cpu& c, u64 linear, Walk& w) {
    const bool long_mode = c.s.msr.efer & efer_lma;
    u64 table;
    unsigned shift;
    if (long_mode) {
        table = c.s.cr3 & address_bits;
        shift = c.s.cr4 & cr4_la57 ? 48 : 39;
    } else {
        const u64 at = (c.s.cr3 & 0xffffffe0) + (linear >> 30 & 3) * 8;
        const u64 pdpte = c.phys_load<u64>(at);
        if (!(pdpte & pte_p)) {
            w.present = false;
            return;
        }
        table = pdpte & address_bits;
        shift = 21;
    }
    const u64 physical_limit = ~u64(0) << c.physical_bits();
    for (;; shift -= 9) {
        const u64 at = table + (linear >> shift & 0x1ff) * 8;
        const u64 e = c.phys_load<u64>(at);
        w.meet(at, e);
        if (!(e & pte_p)) {
            w.present = false;
            return;
        }
        u64 reserved = physical_limit & address_bits;
        if (!(c.s.msr.efer & efer_nxe)) reserved |= pte_nx;
        const bool large = shift > 12 && (e & pte_ps);
        const u64 span = u64(1) << shift;
        if (large) {
            if (shift >= 39 || (shift == 30 && !c.has(Feature::pdpe1gb))) reserved |= pte_ps;
            // Bit 12 is PAT; the address bits below the page's size must be clear.
            reserved |= (span - 1) & address_bits & ~u64(1 << 12);
        }
        if (e & reserved) {
            w.reserved = true;
            return;
        }
        if (large || shift == 12) {
            w.physical = (e & address_bits & ~(span - 1)) | (linear & (span - 1));
            return;
        }
        table = e & address_bits;
    }
}

}  // namespace

void Cpu::page_fault(u64 linear, u32 error, Access access, TlbContext context) {
    if (access == Access::write) error |= err_w;
    if (context == tlb_user || context == tlb_user_checked) error |= err_u;
    if (access == Access::execute &&
        ((s.cr4 & cr4_smep) || ((s.cr4 & cr4_pae) && (s.msr.efer & efer_nxe))))
        error |= err_i;
    s.cr2 = linear;
    throw Fault{exc_pf, true, error};
}

u64 Cpu::walk(u64 linear, Access access, TlbContext context, bool probe_only, bool* global) {
    const bool user = context == tlb_user || context == tlb_user_checked;
    Walk w;
    if (s.cr4 & cr4_pae)
        walk64(*this, linear, w);
    else
        walk32(*this, linear, w);
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
        const unsigned key = unsigned(w.level[w.levels - 1].entry >> 59 & 0xf);
        const u32 rights = (user_page ? s.msr.pkru : s.msr.pkrs) >> 2 * key;
        const bool no_write = (rights & 2) && (user || (s.cr0 & cr0_wp));
        if ((rights & 1) || (access == Access::write && no_write))
            page_fault(linear, err_p | err_pk, access, context);
    }
    for (unsigned n = 0; n < w.levels; n++) {
        u64 bits = pte_a;
        if (n + 1 == w.levels && access == Access::write) bits |= pte_d;
        if ((w.level[n].entry & bits) != bits)
            set_bits(*this, w.level[n].address, bits, w.entry_size);
    }
    *global = w.level[w.levels - 1].entry & pte_g && s.cr4 & cr4_pge;
    return w.physical;
}

bool Cpu::probe(u64 linear, u64& physical) {
    physical = linear;
    if (s.cr0 & cr0_pg) {
        physical = walk(linear, Access::read, tlb_supervisor, true, nullptr);
        if (physical == ~u64(0)) return false;
    }
    physical &= a20();
    return true;
}

}  // namespace i386
