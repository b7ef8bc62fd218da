// SPDX-License-Identifier: GPL-2.0-or-later
//
// Nested paging (APM volume 2, 15.25): a guest's physical addresses go through page tables of its
// hypervisor. Its own page tables lie behind them, too, so each of their entries takes a walk.
#include "target/i386/page-walk.h"

namespace i386 {

namespace {
/// EXITINFO1, beside the bits of a page fault's error code.
constexpr u64 of_final_address = u64(1) << 32, of_guest_table = u64(1) << 33;
}  // namespace

/// All accesses are a user's; those to a guest's page tables are writes, of its A and D bits. ~0
/// when nothing is mapped and it is only asked for.
u64 CpuMemory::nested_walk(u64 address, Access access, bool of_table, bool probe_only) {
    PageWalker walker(*this, {s.svm.nested_cr3, s.svm.nested_mode});
    const PageWalk w = walker.walk(address, PhysicalTables{});
    if (probe_only) return w.present && !w.reserved ? w.physical : ~u64(0);
    const bool write = access == Access::write, fetch = access == Access::execute;
    const bool denied = !(w.rights & pte_u) || (write && !(w.rights & pte_w)) ||
                        (fetch && w.nx && (s.svm.nested_mode & paging_nx));
    if (!w.present || w.reserved || denied) {
        u64 error = err_u | (of_table ? of_guest_table : of_final_address);
        if (w.present) error |= err_p;
        if (w.reserved) error |= err_rsvd;
        if (write) error |= err_w;
        if (fetch) error |= err_i;
        throw VmExit{SvmExit::npf, error, address};
    }
    walker.mark(w, write);
    return w.physical;
}

}  // namespace i386
