// SPDX-License-Identifier: GPL-2.0-or-later
//
// What a hypervisor gets to see of its guest: intercepts by instruction, register, exception, port
// and MSR (APM volume 2, 15.7 to 15.14). An intercept leaves the guest by throwing a VmExit, which
// is caught where faults are; the instruction pointer is then that of the instruction.
#include "target/i386/svm/vmcb.h"

namespace i386 {

bool CpuMemory::intercepted(SvmExit what) const {
    if (!s.svm.guest) return false;
    if (what >= SvmExit::intr) return s.svm.intercepts >> (u64(what) - u64(SvmExit::intr)) & 1;
    if (what >= SvmExit::exception)
        return s.svm.exceptions >> (u64(what) - u64(SvmExit::exception)) & 1;
    const u16 words[] = {s.svm.cr_read, s.svm.cr_write, s.svm.dr_read, s.svm.dr_write};
    return words[u64(what) >> 4] >> (u64(what) & 0xf) & 1;
}

void CpuMemory::leave_if_intercepted(SvmExit what, u64 info1, u64 info2) const {
    if (intercepted(what)) throw VmExit{what, info1, info2};
}

void Cpu::intercept_cr(unsigned n, bool write) const {
    if (s.svm.guest) leave_if_intercepted((write ? SvmExit::cr_write : SvmExit::cr_read) + n);
}

void Cpu::intercept_dr(unsigned n, bool write) const {
    if (s.svm.guest) leave_if_intercepted((write ? SvmExit::dr_write : SvmExit::dr_read) + n);
}

/// MOV to CR0, and LMSW: other bits than TS and MP can be watched alone. CLTS only sets TS.
void Cpu::intercept_cr0_write(u64 value) const {
    if (!s.svm.guest) return;
    leave_if_intercepted(SvmExit::cr_write);
    if ((value ^ s.cr0) & ~u64(cr0_ts | cr0_mp)) leave_if_intercepted(SvmExit::cr0_selective);
}

void Cpu::intercept_exception(const Fault& fault) const {
    if (s.svm.guest) leave_if_intercepted(SvmExit::exception + fault.vector, fault.error);
}

/// The map has a bit a port, and one page more than 64 Kibit for accesses across the end.
void Cpu::intercept_io(const Insn* i, u16 port, unsigned size, IoKind kind) {
    if (!intercepted(SvmExit::ioio)) return;
    const u64 map = Vmcb(*this, s.svm.vmcb).get(vmcb_iopm_base) & page_mask;
    const u64 at = map + port / 8;
    const unsigned bits = (phys_load<u8>(at) | phys_load<u8>(at + 1) << 8) >> (port & 7);
    if (!(bits & ((1u << size) - 1))) return;
    u64 info = u64(port) << 16 | size << 4 | kind.in;
    if (kind.string) {
        // An empty repetition touches no port.
        constexpr u64 count[] = {0, 0xffff, 0xffffffff, ~u64(0)};
        if (i->rep != rep_none && !(s.regs[rcx] & count[i->address_log2])) return;
        const Seg seg = kind.in ? es : i->seg == seg_flat ? ds : Seg(i->seg);
        info |= 1 << 2 | u64(i->rep != rep_none) << 3 | 0x40u << i->address_log2 | seg << 10;
    }
    throw VmExit{SvmExit::ioio, info, next_ip(i)};
}

/// Two bits an MSR, in three ranges; what is outside of them always leaves.
void Cpu::intercept_msr(u32 index, bool write) {
    if (!intercepted(SvmExit::msr)) return;
    constexpr u32 first[] = {0, 0xc0000000, 0xc0010000};
    for (unsigned n = 0; n < 3; n++) {
        const u32 bit = (index - first[n]) * 2 + write;
        if (index - first[n] >= 0x2000) continue;
        const u64 map = Vmcb(*this, s.svm.vmcb).get(vmcb_msrpm_base) & page_mask;
        if (phys_load<u8>(map + n * 0x800 + bit / 8) >> (bit & 7) & 1) break;
        return;
    }
    throw VmExit{SvmExit::msr, write, 0};
}

void Cpu::intercept_task_switch(u16 selector, TaskReason reason, bool has_error, u32 error) const {
    u64 info = error;
    if (reason == TaskReason::iret) info |= u64(1) << 36;
    if (reason == TaskReason::jump) info |= u64(1) << 38;
    if (has_error) info |= u64(1) << 44;
    if (s.eflags & rf) info |= u64(1) << 48;
    leave_if_intercepted(SvmExit::task_switch, selector, info);
}

}  // namespace i386
