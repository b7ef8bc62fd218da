// SPDX-License-Identifier: GPL-2.0-or-later
//
// The soft TLB: linear page -> host address, one 16-byte entry a page, an array for each kind of
// access and privilege. An entry is there only when the access needs no further thought: RAM,
// permission given, A and D bits set, no translated code on a page to be written, no breakpoint.
#pragma once

#include "target/i386/cpu-state.h"

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
    void fill(Array& array, const TlbEntry& entry) {
        const unsigned n = index(entry.page);
        array[n] = entry;
        if (used_ < log_.size()) log_[used_] = u16(n);
        used_ += used_ <= log_.size();
    }
    /// Clears what was filled since the last flush: guests flush often and use little.
    void flush() {
        if (used_ > log_.size()) {
            read.fill({});
            write.fill({});
            exec.fill({});
        } else {
            for (unsigned n = 0; n < used_; n++)
                read[log_[n]] = write[log_[n]] = exec[log_[n]] = {};
        }
        used_ = 0;
    }
    void flush_page(u64 linear) {
        const unsigned n = index(linear);
        read[n] = write[n] = exec[n] = {};
    }

private:
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
