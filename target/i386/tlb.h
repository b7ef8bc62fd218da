// SPDX-License-Identifier: GPL-2.0-or-later
//
// The soft TLB: linear page -> host address, one 16-byte entry a page, an array for each kind of
// access and privilege. An entry is there only when the access needs no further thought: RAM,
// permission given, A and D bits set, no translated code on a page to be written, no breakpoint.
#pragma once

#include "target/i386/cpu-state.h"

#include <algorithm>

namespace i386 {

constexpr u64 page_size = 4096, page_mask = ~u64(page_size - 1);

enum class Access : u8 { read, write, execute };

struct TlbEntry {
    static constexpr u64 none = 1;  ///< no page address has bit 0 set
    u64 page = none;
    /// Host address minus linear address.
    std::uintptr_t addend = 0;
};

/// Which privilege an access is checked with; a set of arrays each.
/// tlb_user_checked stays empty: with alignment checks on, every access takes the slow path.
enum TlbContext : u8 {
    tlb_user,
    tlb_supervisor,
    tlb_supervisor_ac,
    tlb_user_checked,
    tlb_contexts
};

struct TlbSet {
    static constexpr unsigned entries = 1024;
    using Array = std::array<TlbEntry, entries>;
    Array read, write, exec;

    static unsigned index(u64 linear) { return linear >> 12 & (entries - 1); }
    void fill(Access access, const TlbEntry& entry, bool global) {
        const unsigned n = index(entry.page), which = unsigned(access);
        (*arrays()[which])[n] = entry;
        global_[which][n] = global;
        if (used_ < log_.size()) log_[used_] = u16(n);
        used_ += used_ <= log_.size();
    }
    /// Clears what was filled since the last flush (guests flush often and use little), but for
    /// global pages unless `all`.
    void flush(bool all) {
        const bool overflow = used_ > log_.size();
        const unsigned count = overflow ? entries : used_;
        unsigned kept = 0;
        for (unsigned k = 0; k < count; k++) {
            const unsigned n = overflow ? k : log_[k];
            if (!flush_index(n, all)) continue;
            if (kept < log_.size()) log_[kept] = u16(n);
            kept++;
        }
        used_ = unsigned(std::min<std::size_t>(kept, log_.size() + 1));
    }
    void flush_page(u64 linear) { flush_index(index(linear), true); }
    bool global_code(u64 linear) const {
        const unsigned n = index(linear);
        return exec[n].page == (linear & page_mask) && global_[unsigned(Access::execute)][n];
    }

private:
    std::array<Array*, 3> arrays() { return {&read, &write, &exec}; }
    /// True when something stays.
    bool flush_index(unsigned n, bool all) {
        bool stays = false;
        for (unsigned which = 0; which < 3; which++) {
            TlbEntry& e = (*arrays()[which])[n];
            if (e.page == TlbEntry::none) continue;
            if (all || !global_[which][n])
                e = {};
            else
                stays = true;
        }
        return stays;
    }

    std::array<std::array<bool, entries>, 3> global_{};
    std::array<u16, 512> log_;
    unsigned used_ = 0;
};

/// The host address of `size` bytes at `linear`, or null: not in this array, or across a page's
/// end. Looking up the last byte's page in the first byte's entry answers both at once.
inline u8* tlb_lookup(const std::array<TlbEntry, TlbSet::entries>& tlb, u64 linear, unsigned size) {
    const TlbEntry& e = tlb[TlbSet::index(linear)];
    if (((linear + size - 1) & page_mask) != e.page) return nullptr;
    return reinterpret_cast<u8*>(linear + e.addend);
}

}  // namespace i386
