// SPDX-License-Identifier: GPL-2.0-or-later
//
// CpuState: the architectural state of one processor, and nothing else. An aggregate, so that
// reset, save and compare see every member. The members an instruction touches come first: a
// translator reaches them with a one-byte displacement from its base register.
#pragma once

#include <array>
#include <cstdint>

namespace i386 {

using u8 = std::uint8_t;
using u16 = std::uint16_t;
using u32 = std::uint32_t;
using u64 = std::uint64_t;
using i8 = std::int8_t;
using i16 = std::int16_t;
using i32 = std::int32_t;
using i64 = std::int64_t;

enum Gpr : u8 { rax, rcx, rdx, rbx, rsp, rbp, rsi, rdi, r8, r9, r10, r11, r12, r13, r14, r15 };
/// Two slots behind the sixteen registers make every address the same sum (decode/insn.h):
/// `no_reg` always holds 0; `rip` holds the instruction pointer at the start of the running block.
constexpr unsigned no_reg = 16, rip = 17, reg_slots = 18;

/// In the order of the sreg field; `flat` is what the decoder writes when no base or limit can
/// matter (64-bit mode, or all data segments flat).
enum Seg : u8 { es, cs, ss, ds, fs, gs, seg_flat = 6 };

/// A segment register with its hidden part. `flags` are bits 8-23 of the descriptor's high dword,
/// in their places there (SDM 3.4.5).
struct Segment {
    u32 selector;
    u32 limit;  ///< in bytes, granularity applied
    u64 base;
    u32 flags;

    unsigned type() const { return flags >> 8 & 0xf; }
    unsigned dpl() const { return flags >> 13 & 3; }
    bool present() const { return flags & 1 << 15; }
    bool big() const { return flags & 1 << 22; }
    bool long_mode() const { return flags & 1 << 21; }
};

/// GDTR and IDTR.
struct TableRegister {
    u64 base;
    u32 limit;
};

/// Flags live in two words, left-aligned to the operand's size, so that reading one needs no
/// switch on what produced it; flags.h has the formulas.
struct LazyFlags {
    u64 result;   ///< ZF: == 0, SF: sign, PF: from the lowest byte of the operand
    u64 carries;  ///< the carry out of each bit position; bit 0 inverts SF, bit 1 inverts PF
    u8 shift;     ///< 64 - operand width
};

/// One x87 register; MMX registers are the mantissas.
struct alignas(16) Float80 {
    u64 mantissa;
    u16 sign_exponent;
};

struct X87 {
    u16 control;
    u16 status;  ///< TOP in bits 11-13, as the register reads
    u8 valid;    ///< bit n: physical register n is not empty (the abridged tag of FXSAVE)
    u16 opcode;
    u16 cs, ds;
    u64 ip, dp;
    std::array<Float80, 8> reg;  ///< by physical number; ST(i) is reg[(TOP + i) & 7]
};

struct alignas(32) VectorReg {
    std::array<u64, 4> q;
};

struct MtrrRange {
    u64 base, mask;
};

struct Mtrr {
    std::array<u64, 11> fixed;
    u64 deftype;
    std::array<MtrrRange, 8> variable;
};

struct Mce {
    u64 cap, status, ctl;
    std::array<u64, 40> banks;
};

struct Msrs {
    u64 efer;
    u64 star, lstar, cstar, fmask, kernelgsbase;
    u32 sysenter_cs;
    u64 sysenter_esp, sysenter_eip;
    u64 pat, tsc_aux, tsc_offset, tsc_adjust, tsc_deadline;
    u64 misc_enable, feature_control, smi_count, spec_ctrl, xss, bndcfgs;
    u32 smbase, pkru, pkrs;
    u64 vm_hsave;
};

/// The modes that nested page tables are walked in: those of their owner.
enum PagingMode : u32 {
    paging_pae = 1 << 0,
    paging_long = 1 << 1,
    paging_nx = 1 << 2,
    paging_pse = 1 << 3,
    paging_la57 = 1 << 4,
};

/// Secure virtual machines (APM volume 2, chapter 15): what VMRUN loaded of the control block, and
/// the state of not being one's own master.
struct Svm {
    u64 vmcb;        ///< the running guest's control block
    u64 intercepts;  ///< bits of its dwords 0Ch and 10h
    u32 exceptions;  ///< by vector
    u16 cr_read, cr_write, dr_read, dr_write;
    u32 v_intr;  ///< V_IRQ and its neighbours (offset 60h), but for the virtual TPR
    u8 v_tpr;
    bool guest;    ///< between VMRUN and #VMEXIT
    bool gif;      ///< the global interrupt flag
    bool host_if;  ///< RFLAGS.IF of the host
    bool nested_paging;
    u32 nested_mode;  ///< PagingMode bits
    u64 nested_cr3;
};

/// mp_state of the wire.
enum class MpState : u32 { runnable, uninitialized, init_received, halted, sipi_received };

struct CpuState {
    std::array<u64, reg_slots> regs;
    LazyFlags lazy;
    u32 eflags;  ///< all flags but OSZAPC, which `lazy` holds; bit 1 is always set
    u32 mode;    ///< Mode bits, derived by Cpu::update_mode()
    std::array<Segment, 6> seg;
    u64 cr0, cr2, cr3, cr4;
    u32 mxcsr;
    alignas(32) std::array<VectorReg, 16> vec;  ///< XMM in the low half of YMM
    X87 x87;

    Segment ldt, tr;
    TableRegister gdt, idt;
    std::array<u64, 8> dr;
    u64 xcr0;
    Msrs msr;
    Mtrr mtrr;
    Mce mce;
    Svm svm;

    MpState mp_state;
    bool halted;
    bool smm;
    bool nmi_pending, nmi_blocked;
    bool smm_nmi_blocked;  ///< NMIs were blocked when SMM was entered: RSM keeps them so
    bool inhibit_irq;  ///< the shadow of STI and MOV SS: no interrupt before the next instruction
                       ///< ends
    u32 a20_mask;      ///< all ones, or bit 20 clear
};

/// What the meaning of code bytes and the checks of an instruction depend on: part of a block's
/// key.
enum Mode : u32 {
    mode_code64 = 1 << 0,
    mode_code32 = 1 << 1,   ///< CS.D; clear in 64-bit mode
    mode_stack32 = 1 << 2,  ///< SS.B; clear in 64-bit mode
    mode_flat = 1 << 3,     ///< DS, ES and SS have base 0, limit 4G, writable (not in 64-bit mode)
    mode_pe = 1 << 4,
    mode_vm86 = 1 << 5,
    mode_lma = 1 << 6,
    mode_user = 1 << 7,  ///< CPL 3
    mode_step = 1 << 8,  ///< blocks of one instruction: TF, breakpoints, shadow, -singlestep
    mode_em = 1 << 9,    ///< CR0.EM: x87 raises #NM, MMX and SSE #UD
    mode_ts = 1 << 10,   ///< CR0.TS
    mode_mp = 1 << 11,   ///< CR0.MP
    mode_osfxsr = 1 << 12,
    mode_avx = 1 << 13,  ///< CR4.OSXSAVE and XCR0 has SSE and AVX state
    mode_smm = 1 << 14,
    mode_smap_ac = 1 << 15,  ///< supervisor accesses to user pages are allowed (no SMAP, or AC)
};

/// EFLAGS.
enum Eflag : u32 {
    cf = 1 << 0,
    pf = 1 << 2,
    af = 1 << 4,
    zf = 1 << 6,
    sf = 1 << 7,
    tf = 1 << 8,
    iflag = 1 << 9,
    df = 1 << 10,
    of = 1 << 11,
    iopl_mask = 3 << 12,
    nt = 1 << 14,
    rf = 1 << 16,
    vm = 1 << 17,
    ac = 1 << 18,
    vif = 1 << 19,
    vip = 1 << 20,
    id = 1 << 21,
    oszapc = of | sf | zf | af | pf | cf,
};

/// CR0, CR4, EFER.
enum ControlBit : u64 {
    cr0_pe = 1 << 0,
    cr0_mp = 1 << 1,
    cr0_em = 1 << 2,
    cr0_ts = 1 << 3,
    cr0_et = 1 << 4,
    cr0_ne = 1 << 5,
    cr0_wp = 1 << 16,
    cr0_am = 1 << 18,
    cr0_nw = 1 << 29,
    cr0_cd = 1 << 30,
    cr0_pg = 1u << 31,
    cr4_vme = 1 << 0,
    cr4_pvi = 1 << 1,
    cr4_tsd = 1 << 2,
    cr4_de = 1 << 3,
    cr4_pse = 1 << 4,
    cr4_pae = 1 << 5,
    cr4_mce = 1 << 6,
    cr4_pge = 1 << 7,
    cr4_pce = 1 << 8,
    cr4_osfxsr = 1 << 9,
    cr4_osxmmexcpt = 1 << 10,
    cr4_umip = 1 << 11,
    cr4_la57 = 1 << 12,
    cr4_vmxe = 1 << 13,
    cr4_fsgsbase = 1 << 16,
    cr4_pcide = 1 << 17,
    cr4_osxsave = 1 << 18,
    cr4_smep = 1 << 20,
    cr4_smap = 1 << 21,
    cr4_pke = 1 << 22,
    cr4_pks = 1 << 24,
    efer_sce = 1 << 0,
    efer_lme = 1 << 8,
    efer_lma = 1 << 10,
    efer_nxe = 1 << 11,
    efer_svme = 1 << 12,
    efer_ffxsr = 1 << 14,
};

enum Vector : u8 {
    exc_de = 0,
    exc_db,
    exc_nmi,
    exc_bp,
    exc_of,
    exc_br,
    exc_ud,
    exc_nm,
    exc_df,
    exc_ts = 10,
    exc_np,
    exc_ss,
    exc_gp,
    exc_pf,
    exc_mf = 16,
    exc_ac,
    exc_mc,
    exc_xm,
};

}  // namespace i386
