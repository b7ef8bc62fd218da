// SPDX-License-Identifier: GPL-2.0-or-later
//
// The saved state of a processor: sections "cpu_common" and "cpu" in the form of QEMU 7.2's
// streams. The registers live in a CpuState laid out for speed; these structs are their shape on
// the wire.
#pragma once

#include "migration/vmstate/owner.h"
#include "target/i386/cpu.h"
#include "util/timer.h"

namespace i386 {

/// Bits of interrupt_request on the wire.
enum WireRequest : u32 {
    wire_hard = 0x2,
    wire_poll = 0x10,  // the APIC wants to be looked at; set by a reset that finds one
    wire_smi = 0x40,
    wire_virtual = 0x100,
    wire_nmi = 0x200,
    wire_init = 0x400,
    wire_sipi = 0x800,
};

/// hflags: a cache of mode bits that QEMU keeps and its loader computes again.
enum HiddenFlag : u32 {
    hf_inhibit_irq = 1 << 3,
    hf_cs32 = 1 << 4,
    hf_ss32 = 1 << 5,
    hf_addseg = 1 << 6,
    hf_pe = 1 << 7,
    hf_mp_em_ts = 7 << 9,
    hf_lma = 1 << 14,
    hf_cs64 = 1 << 15,
    hf_smm = 1 << 19,
    hf_svme = 1 << 20,
    hf_guest = 1 << 21,
    hf_osfxsr = 1 << 22,
    hf_smap = 1 << 23,
    hf_umip = 1 << 27,
    hf_avx_en = 1 << 28,
};
enum HiddenFlag2 : u32 {
    hf2_gif = 1,
    hf2_host_if = 1 << 1,
    hf2_nmi = 1 << 2,
    hf2_v_intr_masking = 1 << 3,
    hf2_smm_inside_nmi = 1 << 4,
    hf2_nested_paging = 1 << 6,
    hf2_vgif = 1 << 8
};

struct WireCpuCommon {
    u32 halted = 0;
    u32 interrupt_request = 0;
};

struct WireSegment {
    u32 selector = 0;
    u64 base = 0;
    u32 limit = 0, flags = 0;
};
struct WireFloat80 {
    u64 mantissa = 0;
    u16 exponent = 0;
};
struct WireXmm {
    u64 low = 0, high = 0;
};
struct WireMtrr {
    u64 base = 0, mask = 0;
};

struct WireCpu {
    std::array<u64, 16> regs{};
    u64 eip = 0, eflags = 0;
    u32 hflags = 0;
    u16 fpuc = 0, fpus = 0, fptag = 0, fpregs_format = 0;
    std::array<WireFloat80, 8> fpregs{};
    std::array<WireSegment, 6> segs{};
    WireSegment ldt, tr, gdt, idt;
    u32 sysenter_cs = 0;
    u64 sysenter_esp = 0, sysenter_eip = 0;
    u64 cr0 = 0, cr2 = 0, cr3 = 0, cr4 = 0;
    std::array<u64, 8> dr{};
    i32 a20_mask = -1;
    u32 mxcsr = 0;
    std::array<WireXmm, 16> xmm{};
    u64 efer = 0, star = 0, lstar = 0, cstar = 0, fmask = 0, kernelgsbase = 0;
    u32 smbase = 0;
    u64 pat = 0;
    u32 hflags2 = 0;
    u64 vm_hsave = 0, vm_vmcb = 0, tsc_offset = 0, intercept = 0;
    u16 intercept_cr_read = 0, intercept_cr_write = 0;
    u16 intercept_dr_read = 0, intercept_dr_write = 0;
    u32 intercept_exceptions = 0;
    u8 v_tpr = 0;
    std::array<u64, 11> mtrr_fixed{};
    u64 mtrr_deftype = 0;
    std::array<WireMtrr, 8> mtrr_var{};
    i32 interrupt_injected = -1;
    u32 mp_state = 0;
    u64 tsc = 0;
    i32 exception_nr = -1;
    u8 soft_interrupt = 0, nmi_injected = 0, nmi_pending = 0, has_error_code = 0;
    u32 sipi_vector = 0;
    u64 mcg_cap = 0, mcg_status = 0, mcg_ctl = 0;
    std::array<u64, 40> mce_banks{};
    u64 tsc_aux = 0, system_time_msr = 0, wall_clock_msr = 0, xcr0 = 0, xstate_bv = 0;
    std::array<WireXmm, 16> ymm_high{};
    // Subsections
    u16 fpop = 0;
    u64 fpip = 0, fpdp = 0;
    u64 misc_enable = 1, smi_count = 0, poll_control = 0;
    u32 pkru = 0, pkrs = 0;
    u64 tsc_adjust = 0, tsc_deadline = 0, feature_control = 0, xss = 0, spec_ctrl = 0;
    u64 nested_cr3 = 0;
    u32 nested_pg_mode = 0, int_ctl = 0;
};

/// Section "cpu_common": what is the same for every architecture.
class CpuCommonSection final : public vmstate::Stateful<WireCpuCommon> {
public:
    /// `ticks` tells whether the VM ran since the reset.
    CpuCommonSection(Cpu& cpu, const TickCounter& ticks) : cpu_(cpu), ticks_(ticks) {}
    const vmstate::Table& vmstate() const override;
    /// The processor was reset, beside an APIC or alone.
    void set_poll(bool on) {
        poll_ = on;
        poll_set_at_ = ticks_.now();
    }

protected:
    void pre_save(WireCpuCommon&) override;
    void post_load(int version) override;

private:
    Cpu& cpu_;
    const TickCounter& ticks_;
    bool poll_ = false;
    u64 poll_set_at_ = 0;
};

/// Section "cpu".
class CpuSection final : public vmstate::Stateful<WireCpu> {
public:
    explicit CpuSection(Cpu& cpu) : cpu_(cpu) {}
    const vmstate::Table& vmstate() const override;

protected:
    void pre_save(WireCpu&) override;
    Result<void> check_state(const WireCpu&, int version) const override;
    void post_load(int version) override;

private:
    Cpu& cpu_;
};

}  // namespace i386
