// SPDX-License-Identifier: GPL-2.0-or-later
//
// Why an SVM guest was left (APM volume 2, appendix C).
#pragma once

#include "target/i386/cpu-state.h"

namespace i386 {

/// Exit codes. An instruction's is that of its intercept bit: the two dwords of them begin at
/// `intr`, reads and writes of registers and the exceptions at the codes before it.
enum class SvmExit : u64 {
    cr_read = 0x00,
    cr_write = 0x10,
    dr_read = 0x20,
    dr_write = 0x30,
    exception = 0x40,
    intr = 0x60,
    nmi,
    smi,
    init,
    vintr,
    cr0_selective,
    idtr_read,
    gdtr_read,
    ldtr_read,
    tr_read,
    idtr_write,
    gdtr_write,
    ldtr_write,
    tr_write,
    rdtsc,
    rdpmc,
    pushf,
    popf,
    cpuid,
    rsm,
    iret,
    int_n,
    invd,
    pause,
    hlt,
    invlpg,
    invlpga,
    ioio,
    msr,
    task_switch,
    ferr_freeze,
    shutdown,
    vmrun,
    vmmcall,
    vmload,
    vmsave,
    stgi,
    clgi,
    skinit,
    rdtscp,
    icebp,
    wbinvd,
    monitor,
    mwait,
    mwait_armed,
    xsetbv,
    npf = 0x400,
    invalid = ~u64(0),
};

constexpr SvmExit operator+(SvmExit base, unsigned n) {
    return SvmExit(u64(base) + n);
}

/// The end of a guest's run, on its way to the loop of Cpu::run(), as Fault.
struct VmExit {
    SvmExit code;
    u64 info1, info2;
};

}  // namespace i386
