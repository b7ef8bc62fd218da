// SPDX-License-Identifier: GPL-2.0-or-later
//
// Handlers of the system instructions, for decode/tables-system.cc.
#pragma once

#include "target/i386/interp/bind.h"

namespace i386 {

// system.cc: segments, descriptor tables, control and debug registers, modes.
void mov_from_seg(Cpu&, const Insn*);
const Insn* mov_to_seg(Cpu&, const Insn*);
void sldt(Cpu&, const Insn*);
void str(Cpu&, const Insn*);
void lldt(Cpu&, const Insn*);
void ltr(Cpu&, const Insn*);
void verr(Cpu&, const Insn*);
void verw(Cpu&, const Insn*);
void lar(Cpu&, const Insn*);
void lsl(Cpu&, const Insn*);
void arpl(Cpu&, const Insn*);
void sgdt(Cpu&, const Insn*);
void sidt(Cpu&, const Insn*);
void lgdt(Cpu&, const Insn*);
void lidt(Cpu&, const Insn*);
void smsw(Cpu&, const Insn*);
void lmsw(Cpu&, const Insn*);
void clts(Cpu&, const Insn*);
void mov_from_cr(Cpu&, const Insn*);
void mov_to_cr(Cpu&, const Insn*);
void mov_from_dr(Cpu&, const Insn*);
void mov_to_dr(Cpu&, const Insn*);
void invlpg(Cpu&, const Insn*);
void invpcid(Cpu&, const Insn*);
void invd(Cpu&, const Insn*);
void wbinvd(Cpu&, const Insn*);

// system-misc.cc: flags, halting, ports, MSRs, time, fast system calls.
void cli(Cpu&, const Insn*);
const Insn* sti(Cpu&, const Insn*);
void clac(Cpu&, const Insn*);
void stac(Cpu&, const Insn*);
const Insn* hlt(Cpu&, const Insn*);
void monitor(Cpu&, const Insn*);
const Insn* mwait(Cpu&, const Insn*);
Handler bind_in_i(const Insn&, u32);
Handler bind_in_dx(const Insn&, u32);
Handler bind_out_i(const Insn&, u32);
Handler bind_out_dx(const Insn&, u32);
void rdmsr(Cpu&, const Insn*);
void wrmsr(Cpu&, const Insn*);
void rdtsc(Cpu&, const Insn*);
void rdtscp(Cpu&, const Insn*);
void rdpmc(Cpu&, const Insn*);
void rdpid(Cpu&, const Insn*);
void cpuid(Cpu&, const Insn*);
void xgetbv(Cpu&, const Insn*);
void xsetbv(Cpu&, const Insn*);
void rdpkru(Cpu&, const Insn*);
void wrpkru(Cpu&, const Insn*);
void swapgs(Cpu&, const Insn*);
void rdfsbase(Cpu&, const Insn*);
void rdgsbase(Cpu&, const Insn*);
void wrfsbase(Cpu&, const Insn*);
void wrgsbase(Cpu&, const Insn*);
const Insn* syscall(Cpu&, const Insn*);
const Insn* sysret(Cpu&, const Insn*);
const Insn* sysenter(Cpu&, const Insn*);
const Insn* sysexit(Cpu&, const Insn*);
const Insn* rsm(Cpu&, const Insn*);
void fence(Cpu&, const Insn*);
void clflush(Cpu&, const Insn*);
Handler bind_rdrand(const Insn&, u32);

// svm/instructions.cc
const Insn* vmrun(Cpu&, const Insn*);
void vmmcall(Cpu&, const Insn*);
void vmload(Cpu&, const Insn*);
void vmsave(Cpu&, const Insn*);
void stgi(Cpu&, const Insn*);
void clgi(Cpu&, const Insn*);
void skinit(Cpu&, const Insn*);
void invlpga(Cpu&, const Insn*);

}  // namespace i386
