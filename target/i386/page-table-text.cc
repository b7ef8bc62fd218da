// SPDX-License-Identifier: GPL-2.0-or-later
#include "target/i386/page-table-text.h"

#include <fmt/format.h>
#include <array>
#include <cstring>

namespace i386 {

namespace {

enum : u64 {
    pte_p = 1,
    pte_w = 2,
    pte_u = 4,
    pte_pwt = 8,
    pte_pcd = 16,
    pte_a = 32,
    pte_d = 64,
    pte_ps = 128,
    pte_g = 256,
    pte_nx = u64(1) << 63,
    address_mask = 0x000ffffffffff000,
};

/// A page as the walk sees it.
struct Page {
    u64 linear, entry, size;
    u64 rights;  ///< pte_u and pte_w of all levels together
};

/// Visits every page that is present, in the order of addresses.
class Walk {
public:
    Walk(const CpuState& s, const ReadPhysical& read, std::function<void(const Page&)> visit)
        : s_(s), read_(read), visit_(std::move(visit)) {}

    /// False: tables that name each other without end were cut short.
    bool run() {
        if (!(s_.cr4 & cr4_pae)) {
            entry_size_ = 4;
            table(s_.cr3 & 0xfffff000, 0, 2, pte_u | pte_w);
        } else if (s_.msr.efer & efer_lma) {
            table(s_.cr3 & address_mask, 0, s_.cr4 & cr4_la57 ? 5 : 4, pte_u | pte_w);
        } else {
            table(s_.cr3 & 0xffffffe0, 0, 3, pte_u | pte_w);
        }
        return budget_ > 0;
    }

private:
    void table(u64 address, u64 linear, unsigned level, u64 rights) {
        const bool pointers = !(s_.msr.efer & efer_lma) && level == 3;  // PAE's four
        const unsigned count = pointers ? 4 : 4096 / entry_size_;
        std::array<u8, 4096> bytes;
        if (!read_(address, std::span(bytes).first(count * entry_size_))) return;
        const unsigned shift = 12 + (level - 1) * (entry_size_ == 4 ? 10 : 9);
        for (unsigned n = 0; n < count; n++) {
            if (--budget_ <= 0) return;
            u64 entry = 0;
            std::memcpy(&entry, &bytes[n * entry_size_], entry_size_);
            if (!(entry & pte_p)) continue;
            u64 here = linear | u64(n) << shift;
            const unsigned top = s_.cr4 & cr4_la57 ? 56 : 47;
            if ((s_.msr.efer & efer_lma) && (here >> top & 1)) here |= ~u64(0) << top;
            const u64 both = pointers ? rights : rights & entry;
            const bool large =
                (level == 2 && (entry & pte_ps) && (entry_size_ == 8 || (s_.cr4 & cr4_pse))) ||
                (level == 3 && !pointers && (entry & pte_ps));
            if (level == 1 || large)
                visit_({here, entry, u64(1) << shift, both});
            else
                table(entry_size_ == 4 ? entry & 0xfffff000 : entry & address_mask, here, level - 1,
                      both);
        }
    }

    const CpuState& s_;
    const ReadPhysical& read_;
    const std::function<void(const Page&)> visit_;
    unsigned entry_size_ = 8;
    /// Entries looked at: those of 64 GiB in small pages. Hostile tables could name 2^36 pages.
    long budget_ = 1 << 24;
};

constexpr std::string_view paging_off = "PG disabled\n", cut = "(the tables go on)\n";

}  // namespace

std::string tlb_text(const CpuState& s, const ReadPhysical& read) {
    if (!(s.cr0 & cr0_pg)) return std::string(paging_off);
    std::string out;
    constexpr struct {
        u64 bit;
        char letter;
    } letters[] = {{pte_nx, 'X'},  {pte_g, 'G'},   {pte_ps, 'P'}, {pte_d, 'D'}, {pte_a, 'A'},
                   {pte_pcd, 'C'}, {pte_pwt, 'T'}, {pte_u, 'U'},  {pte_w, 'W'}};
    Walk walk(s, read, [&](const Page& p) {
        // In a small page bit 7 belongs to the PAT.
        const u64 entry = p.size == 4096 ? p.entry & ~u64(pte_ps) : p.entry;
        out += fmt::format("{:016x}: {:016x} ", p.linear, entry & address_mask & ~(p.size - 1));
        for (const auto& l : letters)
            out += entry & l.bit ? l.letter : '-';
        out += '\n';
    });
    if (!walk.run()) out += cut;
    return out;
}

std::string mem_text(const CpuState& s, const ReadPhysical& read) {
    if (!(s.cr0 & cr0_pg)) return std::string(paging_off);
    std::string out;
    u64 start = 0, end = 0, rights = 0;
    const auto flush = [&] {
        if (start == end) return;
        out += fmt::format("{:016x}-{:016x} {:016x} {}r{}\n", start, end, end - start,
                           rights & pte_u ? 'u' : '-', rights & pte_w ? 'w' : '-');
    };
    Walk walk(s, read, [&](const Page& p) {
        if (start == end || p.linear != end || p.rights != rights) {
            flush();
            start = p.linear;
            rights = p.rights;
        }
        end = p.linear + p.size;
    });
    const bool whole = walk.run();
    flush();
    return whole ? out : out + std::string(cut);
}

}  // namespace i386
