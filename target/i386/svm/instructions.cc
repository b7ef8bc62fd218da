// SPDX-License-Identifier: GPL-2.0-or-later
//
// The instructions of SVM (APM volume 3). VMMCALL is for guests alone, and SKINIT is not there: it
// needs a TPM's locality.
#include "target/i386/interp/system.h"
#include "target/i386/svm/vmcb.h"

namespace i386 {

namespace {

void svm_enabled(const Cpu& c) {
    if (!(c.s.msr.efer & efer_svme)) throw Fault{exc_ud, false, 0};
}
void svm_privileged(const Cpu& c) {
    svm_enabled(c);
    if (c.cpl() != 0) throw Fault{exc_gp, true, 0};
}

u64 rax_address(const Cpu& c, const Insn* i) {
    const u64 a = c.s.regs[rax];
    return i->address_log2 == 3 ? a : i->address_log2 == 2 ? u32(a) : u16(a);
}
/// Of a control block: a physical page.
u64 block_address(Cpu& c, const Insn* i) {
    const u64 a = rax_address(c, i);
    if ((a & ~page_mask) || a >> c.physical_bits()) c.raise(exc_gp, 0);
    return a;
}

/// What VMRUN leaves alone and VMLOAD and VMSAVE move.
struct Register {
    u16 field;
    u64 Msrs::*msr;
};
constexpr Register extra_registers[] = {{save_star, &Msrs::star},
                                        {save_lstar, &Msrs::lstar},
                                        {save_cstar, &Msrs::cstar},
                                        {save_sfmask, &Msrs::fmask},
                                        {save_kernel_gs_base, &Msrs::kernelgsbase},
                                        {save_sysenter_esp, &Msrs::sysenter_esp},
                                        {save_sysenter_eip, &Msrs::sysenter_eip}};

}  // namespace

const Insn* vmrun(Cpu& c, const Insn* i) {
    svm_privileged(c);
    const u64 address = block_address(c, i);
    c.intercept(SvmExit::vmrun);
    c.enter_guest(address, c.next_ip(i));
    return nullptr;
}

void vmmcall(Cpu& c, const Insn*) {
    svm_enabled(c);
    c.intercept(SvmExit::vmmcall);
    c.raise(exc_ud);
}

void vmload(Cpu& c, const Insn* i) {
    svm_privileged(c);
    const Vmcb block(c, block_address(c, i));
    c.intercept(SvmExit::vmload);
    CpuState& s = c.s;
    for (const Seg n : {fs, gs})
        c.set_segment(n, block.segment(save_es + n * 16));
    s.tr = block.segment(save_tr);
    s.ldt = block.segment(save_ldtr);
    for (const Register& r : extra_registers)
        s.msr.*r.msr = block.get(r.field);
    s.msr.sysenter_cs = block.get<u32>(save_sysenter_cs);
}

void vmsave(Cpu& c, const Insn* i) {
    svm_privileged(c);
    const Vmcb block(c, block_address(c, i));
    c.intercept(SvmExit::vmsave);
    const CpuState& s = c.s;
    for (const Seg n : {fs, gs})
        block.set_segment(save_es + n * 16, s.seg[n]);
    block.set_segment(save_tr, s.tr);
    block.set_segment(save_ldtr, s.ldt);
    for (const Register& r : extra_registers)
        block.set(r.field, s.msr.*r.msr);
    block.set(save_sysenter_cs, u64(s.msr.sysenter_cs));
}

void stgi(Cpu& c, const Insn*) {
    svm_privileged(c);
    c.intercept(SvmExit::stgi);
    c.set_gif(true);
}
void clgi(Cpu& c, const Insn*) {
    svm_privileged(c);
    c.intercept(SvmExit::clgi);
    c.set_gif(false);
}

void skinit(Cpu& c, const Insn*) {
    svm_enabled(c);
    c.intercept(SvmExit::skinit);
    c.raise(exc_ud);
}

void invlpga(Cpu& c, const Insn* i) {
    svm_privileged(c);
    c.intercept(SvmExit::invlpga);
    // Address spaces are not told apart: a change of them flushes all.
    c.flush_page(rax_address(c, i));
}

}  // namespace i386
