// SPDX-License-Identifier: GPL-2.0-or-later
//
// The walk through page tables, 32-bit, PAE, 4- and 5-level (SDM volume 3, chapter 4), without an
// opinion of its own on what it finds: for a processor's own tables and for nested ones.
#pragma once

#include "target/i386/cpu-memory.h"

namespace i386 {

enum PageEntry : u64 {
    pte_p = 1,
    pte_w = 2,
    pte_u = 4,
    pte_a = 0x20,
    pte_d = 0x40,
    pte_ps = 0x80,
    pte_g = 0x100,
    pte_nx = u64(1) << 63,
};

/// Of #PF and of nested page faults.
enum PageError : u32 { err_p = 1, err_w = 2, err_u = 4, err_rsvd = 8, err_i = 16, err_pk = 32 };

/// PagingMode bits of a processor's own tables.
u32 paging_mode_of(u64 cr4, u64 efer);

struct PageTables {
    u64 root;  ///< CR3
    u32 mode;  ///< PagingMode bits
};

/// What a walk has met: the entries whose A bit is to be set, and the rights of them all.
struct PageWalk {
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
    u64 last_entry() const { return level[levels - 1].entry; }
};

/// Where a table's entry is in physical memory; ~0 ends the walk as for one that is not present.
struct PhysicalTables {
    u64 operator()(u64 address) const { return address; }
};

class PageWalker {
public:
    PageWalker(CpuMemory& cpu, const PageTables& tables) : cpu_(cpu), tables_(tables) {}

    template <class Locate>
    PageWalk walk(u64 linear, Locate locate) {
        PageWalk w;
        if (tables_.mode & paging_pae)
            walk64(linear, w, locate);
        else
            walk32(linear, w, locate);
        return w;
    }
    /// Sets the A bits of the entries met, and the last one's D bit.
    void mark(const PageWalk& w, bool dirty);

private:
    template <class Locate>
    void walk32(u64 linear, PageWalk& w, Locate locate) {
        w.entry_size = 4;
        const u64 pde_at = locate((tables_.root & 0xfffff000) + (linear >> 22 & 0x3ff) * 4);
        const u64 pde = entry<u32>(pde_at);
        w.meet(pde_at, pde);
        w.present = pde & pte_p;
        if (!w.present) return;
        if ((pde & pte_ps) && (tables_.mode & paging_pse)) {
            // PSE-36: bits 20-13 are address bits 39-32; bit 21 is reserved.
            w.reserved = pde & 1 << 21;
            w.physical = (pde & 0xffc00000) | (pde >> 13 & 0xff) << 32 | (linear & 0x3fffff);
            return;
        }
        const u64 pte_at = locate((pde & 0xfffff000) + (linear >> 12 & 0x3ff) * 4);
        const u64 pte = entry<u32>(pte_at);
        w.meet(pte_at, pte);
        w.present = pte & pte_p;
        w.physical = (pte & 0xfffff000) | (linear & 0xfff);
    }

    template <class Locate>
    void walk64(u64 linear, PageWalk& w, Locate locate) {
        u64 table = tables_.root & address_bits;
        unsigned shift = tables_.mode & paging_la57 ? 48 : 39;
        if (!(tables_.mode & paging_long)) {
            const u64 pdpte =
                entry<u64>(locate((tables_.root & 0xffffffe0) + (linear >> 30 & 3) * 8));
            w.present = pdpte & pte_p;
            if (!w.present) return;
            table = pdpte & address_bits;
            shift = 21;
        }
        for (;; shift -= 9) {
            const u64 at = locate(table + (linear >> shift & 0x1ff) * 8);
            const u64 e = entry<u64>(at);
            w.meet(at, e);
            w.present = e & pte_p;
            if (!w.present) return;
            const bool large = shift > 12 && (e & pte_ps);
            const u64 span = u64(1) << shift;
            w.reserved = e & reserved_bits(large, shift);
            if (w.reserved) return;
            if (large || shift == 12) {
                w.physical = (e & address_bits & ~(span - 1)) | (linear & (span - 1));
                return;
            }
            table = e & address_bits;
        }
    }

    u64 reserved_bits(bool large, unsigned shift) const;
    template <class T>
    u64 entry(u64 at) {
        return at == ~u64(0) ? 0 : cpu_.phys_load<T>(at);
    }

    static constexpr u64 address_bits = 0x000ffffffffff000;
    CpuMemory& cpu_;
    PageTables tables_;
};

}  // namespace i386
