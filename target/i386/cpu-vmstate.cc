// SPDX-License-Identifier: GPL-2.0-or-later
#include "target/i386/cpu-vmstate.h"

#include <algorithm>

#include "migration/vmstate/fields.h"
#include "target/i386/flags.h"

namespace i386 {

namespace {

using namespace ::vmstate;
using W = WireCpu;

constexpr auto common_fields =
    fields(field<&WireCpuCommon::halted>("halted"),
           field<&WireCpuCommon::interrupt_request>("interrupt_request"));
static_assert(covers<WireCpuCommon>(common_fields));
constexpr Table common_table{.name = "cpu_common", .fields = common_fields};

constexpr auto segment_fields =
    fields(field<&WireSegment::selector>("selector"), field<&WireSegment::base>("base"),
           field<&WireSegment::limit>("limit"), field<&WireSegment::flags>("flags"));
static_assert(covers<WireSegment>(segment_fields));
constexpr Table segment_table{.name = "segment", .fields = segment_fields};

// The stream shows a register through a helper struct, which is why its fields look temporary.
constexpr auto float_tmp_fields =
    fields(field<&WireFloat80::mantissa>("tmp_mant"), field<&WireFloat80::exponent>("tmp_exp"));
constexpr Table float_tmp_table{
    .name = "fpreg_tmp", .version = 0, .minimum_version = 0, .fields = float_tmp_fields};
constexpr WireFloat80 float_enter(const WireFloat80& f) {
    return f;
}
Result<void> float_leave(WireFloat80& f, const WireFloat80& tmp) {
    f = tmp;
    return {};
}
constexpr auto float_fields =
    fields(temporary<WireFloat80, WireFloat80, float_enter, float_leave, &WireFloat80::mantissa,
                     &WireFloat80::exponent>("tmp", float_tmp_table));
constexpr Table float_table{
    .name = "fpreg", .version = 0, .minimum_version = 0, .fields = float_fields};

constexpr auto xmm_fields =
    fields(field<&WireXmm::low>("_q_ZMMReg[0]"), field<&WireXmm::high>("_q_ZMMReg[1]"));
constexpr auto ymm_fields =
    fields(field<&WireXmm::low>("_q_ZMMReg[2]"), field<&WireXmm::high>("_q_ZMMReg[3]"));
constexpr Table xmm_table{.name = "xmm_reg", .fields = xmm_fields};
constexpr Table ymm_table{.name = "ymmh_reg", .fields = ymm_fields};
constexpr auto mtrr_fields = fields(field<&WireMtrr::base>("base"), field<&WireMtrr::mask>("mask"));
constexpr Table mtrr_table{.name = "mtrr_var", .fields = mtrr_fields};

constexpr auto cpu_fields = fields(
    field<&W::regs>("env.regs"), field<&W::eip>("env.eip"), field<&W::eflags>("env.eflags"),
    field<&W::hflags>("env.hflags"), field<&W::fpuc>("env.fpuc"),
    field<&W::fpus>("env.fpus_vmstate"), field<&W::fptag>("env.fptag_vmstate"),
    field<&W::fpregs_format>("env.fpregs_format_vmstate"),
    structs<&W::fpregs>("env.fpregs", float_table), structs<&W::segs>("env.segs", segment_table),
    structs<&W::ldt>("env.ldt", segment_table), structs<&W::tr>("env.tr", segment_table),
    structs<&W::gdt>("env.gdt", segment_table), structs<&W::idt>("env.idt", segment_table),
    field<&W::sysenter_cs>("env.sysenter_cs"), field<&W::sysenter_esp>("env.sysenter_esp"),
    field<&W::sysenter_eip>("env.sysenter_eip"), field<&W::cr0>("env.cr[0]"),
    field<&W::cr2>("env.cr[2]"), field<&W::cr3>("env.cr[3]"), field<&W::cr4>("env.cr[4]"),
    field<&W::dr>("env.dr"), field<&W::a20_mask>("env.a20_mask"), field<&W::mxcsr>("env.mxcsr"),
    structs<&W::xmm>("env.xmm_regs[0]", xmm_table), field<&W::efer>("env.efer"),
    field<&W::star>("env.star"), field<&W::lstar>("env.lstar"), field<&W::cstar>("env.cstar"),
    field<&W::fmask>("env.fmask"), field<&W::kernelgsbase>("env.kernelgsbase"),
    field<&W::smbase>("env.smbase"), field<&W::pat>("env.pat"), field<&W::hflags2>("env.hflags2"),
    field<&W::vm_hsave>("env.vm_hsave"), field<&W::vm_vmcb>("env.vm_vmcb"),
    field<&W::tsc_offset>("env.tsc_offset"), field<&W::intercept>("env.intercept"),
    field<&W::intercept_cr_read>("env.intercept_cr_read"),
    field<&W::intercept_cr_write>("env.intercept_cr_write"),
    field<&W::intercept_dr_read>("env.intercept_dr_read"),
    field<&W::intercept_dr_write>("env.intercept_dr_write"),
    field<&W::intercept_exceptions>("env.intercept_exceptions"), field<&W::v_tpr>("env.v_tpr"),
    field<&W::mtrr_fixed>("env.mtrr_fixed"), field<&W::mtrr_deftype>("env.mtrr_deftype"),
    structs<&W::mtrr_var>("env.mtrr_var", mtrr_table),
    field<&W::interrupt_injected>("env.interrupt_injected"), field<&W::mp_state>("env.mp_state"),
    field<&W::tsc>("env.tsc"), field<&W::exception_nr>("env.exception_nr"),
    field<&W::soft_interrupt>("env.soft_interrupt"), field<&W::nmi_injected>("env.nmi_injected"),
    field<&W::nmi_pending>("env.nmi_pending"), field<&W::has_error_code>("env.has_error_code"),
    field<&W::sipi_vector>("env.sipi_vector"), field<&W::mcg_cap>("env.mcg_cap"),
    field<&W::mcg_status>("env.mcg_status"), field<&W::mcg_ctl>("env.mcg_ctl"),
    field<&W::mce_banks>("env.mce_banks"), field<&W::tsc_aux>("env.tsc_aux"),
    field<&W::system_time_msr>("env.system_time_msr"),
    field<&W::wall_clock_msr>("env.wall_clock_msr"), field<&W::xcr0>("env.xcr0").from_version(12),
    field<&W::xstate_bv>("env.xstate_bv").from_version(12),
    structs<&W::ymm_high>("env.xmm_regs[1]", ymm_table).from_version(12));

constexpr auto fpop_fields =
    fields(field<&W::fpop>("env.fpop"), field<&W::fpip>("env.fpip"), field<&W::fpdp>("env.fpdp"));
constexpr auto misc_enable_fields = fields(field<&W::misc_enable>("env.msr_ia32_misc_enable"));
constexpr auto smi_count_fields = fields(field<&W::smi_count>("env.msr_smi_count"));
constexpr auto pkru_fields = fields(field<&W::pkru>("env.pkru"));
constexpr auto pkrs_fields = fields(field<&W::pkrs>("env.pkrs"));
constexpr auto tsc_adjust_fields = fields(field<&W::tsc_adjust>("env.tsc_adjust"));
constexpr auto tsc_deadline_fields = fields(field<&W::tsc_deadline>("env.tsc_deadline"));
constexpr auto feature_control_fields =
    fields(field<&W::feature_control>("env.msr_ia32_feature_control"));
constexpr auto xss_fields = fields(field<&W::xss>("env.xss"));
constexpr auto spec_ctrl_fields = fields(field<&W::spec_ctrl>("env.spec_ctrl"));
constexpr auto poll_fields = fields(field<&W::poll_control>("env.poll_control_msr"));
static_assert(covers<W>(cpu_fields, fpop_fields, misc_enable_fields, smi_count_fields, pkru_fields,
                        pkrs_fields, poll_fields, tsc_adjust_fields, tsc_deadline_fields,
                        feature_control_fields, xss_fields, spec_ctrl_fields));

constexpr Table fpop_table{
    .name = "cpu/fpop_ip_dp",
    .fields = fpop_fields,
    .needed = needed<W, [](const W& w) { return w.fpop || w.fpip || w.fpdp; }>};
constexpr Table misc_enable_table{
    .name = "cpu/msr_ia32_misc_enable",
    .fields = misc_enable_fields,
    .needed = needed<W, [](const W& w) { return w.misc_enable != 1; }>};
constexpr Table smi_count_table{.name = "cpu/msr_smi_count",
                                .fields = smi_count_fields,
                                .needed = needed<W, [](const W& w) { return w.smi_count != 0; }>};
constexpr Table pkru_table{.name = "cpu/pkru",
                           .fields = pkru_fields,
                           .needed = needed<W, [](const W& w) { return w.pkru != 0; }>};
constexpr Table pkrs_table{.name = "cpu/pkrs",
                           .fields = pkrs_fields,
                           .needed = needed<W, [](const W& w) { return w.pkrs != 0; }>};
constexpr Table tsc_adjust_table{.name = "cpu/msr_tsc_adjust",
                                 .fields = tsc_adjust_fields,
                                 .needed = needed<W, [](const W& w) { return w.tsc_adjust != 0; }>};
constexpr Table tsc_deadline_table{
    .name = "cpu/msr_tscdeadline",
    .fields = tsc_deadline_fields,
    .needed = needed<W, [](const W& w) { return w.tsc_deadline != 0; }>};
constexpr Table feature_control_table{
    .name = "cpu/msr_ia32_feature_control",
    .fields = feature_control_fields,
    .needed = needed<W, [](const W& w) { return w.feature_control != 0; }>};
constexpr Table xss_table{.name = "cpu/xss",
                          .fields = xss_fields,
                          .needed = needed<W, [](const W& w) { return w.xss != 0; }>};
constexpr Table spec_ctrl_table{.name = "cpu/spec_ctrl",
                                .fields = spec_ctrl_fields,
                                .needed = needed<W, [](const W& w) { return w.spec_ctrl != 0; }>};
// KVM's default is 1, and QEMU sends what differs from it: always, without KVM.
constexpr Table poll_table{.name = "cpu/poll_control_msr",
                           .fields = poll_fields,
                           .needed = needed<W, [](const W& w) { return w.poll_control != 1; }>};
constexpr auto cpu_subsections = subsections(
    poll_table, fpop_table, tsc_adjust_table, tsc_deadline_table, misc_enable_table,
    feature_control_table, xss_table, smi_count_table, pkru_table, pkrs_table, spec_ctrl_table);

constexpr Table cpu_table{.name = "cpu",
                          .version = 12,
                          .minimum_version = 11,
                          .fields = cpu_fields,
                          .subsections = cpu_subsections};

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
    hf_osfxsr = 1 << 22,
    hf_smap = 1 << 23,
    hf_umip = 1 << 27,
    hf_avx_en = 1 << 28,
};
enum HiddenFlag2 : u32 {
    hf2_gif = 1,
    hf2_nmi = 1 << 2,
    hf2_smm_inside_nmi = 1 << 4,
    hf2_vgif = 1 << 8
};

u32 hidden_flags(const Cpu& cpu) {
    const CpuState& s = cpu.s;
    u32 f = cpu.cpl();
    if (s.inhibit_irq) f |= hf_inhibit_irq;
    if (s.cr0 & cr0_pe) f |= hf_pe;
    f |= u32(s.cr0 << 8) & hf_mp_em_ts;
    if (s.cr4 & cr4_osfxsr) f |= hf_osfxsr;
    if (s.cr4 & cr4_smap) f |= hf_smap;
    if (s.cr4 & cr4_umip) f |= hf_umip;
    if ((s.cr4 & cr4_osxsave) && (s.xcr0 & 6) == 6) f |= hf_avx_en;
    if (s.msr.efer & efer_svme) f |= hf_svme;
    if (s.smm) f |= hf_smm;
    const bool lma = s.msr.efer & efer_lma;
    if (lma) f |= hf_lma;
    if (lma && s.seg[cs].long_mode()) {
        f |= hf_cs64 | hf_cs32 | hf_ss32;
    } else {
        if (s.seg[cs].big()) f |= hf_cs32;
        if (s.seg[ss].big()) f |= hf_ss32;
        const bool bases = s.seg[ds].base | s.seg[es].base | s.seg[ss].base;
        if (!(s.cr0 & cr0_pe) || (s.eflags & vm) || !s.seg[cs].big() || bases) f |= hf_addseg;
    }
    return f;
}

WireSegment to_wire(const Segment& s) {
    return {s.selector, s.base, s.limit, s.flags};
}
WireSegment to_wire(const TableRegister& t) {
    return {0, t.base, t.limit, 0};
}
Segment from_wire(const WireSegment& w) {
    return {w.selector, w.limit, w.base, w.flags};
}

}  // namespace

const ::vmstate::Table& CpuCommonSection::vmstate() const {
    return common_table;
}

void CpuCommonSection::pre_save(WireCpuCommon& w) {
    w.halted = cpu_.s.halted;
    const u32 r = cpu_.requests();
    w.interrupt_request =
        (poll_ && ticks_.now() == poll_set_at_ ? u32(wire_poll) : 0) |
        (r & request_interrupt ? u32(wire_hard) : 0) | (r & request_smi ? u32(wire_smi) : 0) |
        (r & request_nmi ? u32(wire_nmi) : 0) | (r & request_init ? u32(wire_init) : 0) |
        (r & request_sipi ? u32(wire_sipi) : 0);
}

void CpuCommonSection::post_load(int) {
    cpu_.s.halted = state_.halted;
    const u32 w = state_.interrupt_request;
    set_poll(w & wire_poll);
    // INTR follows the APIC, whose own section comes later; the edges are kept here.
    cpu_.clear_request(request_smi | request_nmi | request_init | request_sipi);
    cpu_.request((w & wire_smi ? u32(request_smi) : 0) | (w & wire_nmi ? u32(request_nmi) : 0) |
                 (w & wire_init ? u32(request_init) : 0) | (w & wire_sipi ? u32(request_sipi) : 0));
}

const ::vmstate::Table& CpuSection::vmstate() const {
    return cpu_table;
}

void CpuSection::pre_save(WireCpu& w) {
    const CpuState& s = cpu_.s;
    std::copy_n(s.regs.begin(), 16, w.regs.begin());
    w.eip = s.regs[rip];
    w.eflags = cpu_.eflags();
    w.hflags = hidden_flags(cpu_);
    w.hflags2 = hf2_gif | hf2_vgif | (s.nmi_blocked ? u32(hf2_nmi) : 0) |
                (s.smm_nmi_blocked ? u32(hf2_smm_inside_nmi) : 0);
    w.fpuc = s.x87.control;
    w.fpus = s.x87.status;
    w.fptag = s.x87.valid;
    for (unsigned i = 0; i < 8; i++)
        w.fpregs[i] = {s.x87.reg[i].mantissa, s.x87.reg[i].sign_exponent};
    w.fpop = s.x87.opcode;
    w.fpip = s.x87.ip;
    w.fpdp = s.x87.dp;
    for (unsigned i = 0; i < 6; i++)
        w.segs[i] = to_wire(s.seg[i]);
    w.ldt = to_wire(s.ldt);
    w.tr = to_wire(s.tr);
    w.gdt = to_wire(s.gdt);
    w.idt = to_wire(s.idt);
    w.cr0 = s.cr0, w.cr2 = s.cr2, w.cr3 = s.cr3, w.cr4 = s.cr4;
    w.dr = s.dr;
    w.a20_mask = i32(s.a20_mask);
    w.mxcsr = s.mxcsr;
    for (unsigned i = 0; i < 16; i++) {
        w.xmm[i] = {s.vec[i].q[0], s.vec[i].q[1]};
        w.ymm_high[i] = {s.vec[i].q[2], s.vec[i].q[3]};
    }
    const Msrs& m = s.msr;
    w.efer = m.efer, w.star = m.star, w.lstar = m.lstar, w.cstar = m.cstar;
    w.fmask = m.fmask, w.kernelgsbase = m.kernelgsbase;
    w.sysenter_cs = m.sysenter_cs, w.sysenter_esp = m.sysenter_esp;
    w.sysenter_eip = m.sysenter_eip;
    w.smbase = m.smbase, w.pat = m.pat, w.vm_hsave = m.vm_hsave;
    w.tsc_offset = m.tsc_offset, w.tsc_aux = m.tsc_aux;
    w.misc_enable = m.misc_enable, w.smi_count = m.smi_count, w.pkru = m.pkru, w.pkrs = m.pkrs;
    w.tsc_adjust = m.tsc_adjust, w.tsc_deadline = m.tsc_deadline, w.xss = m.xss;
    w.feature_control = m.feature_control, w.spec_ctrl = m.spec_ctrl;
    w.mtrr_fixed = s.mtrr.fixed;
    w.mtrr_deftype = s.mtrr.deftype;
    for (unsigned i = 0; i < 8; i++)
        w.mtrr_var[i] = {s.mtrr.variable[i].base, s.mtrr.variable[i].mask};
    // Whether it waits for a SIPI is its local APIC's to say on the wire.
    const bool waits = s.mp_state == MpState::uninitialized || s.mp_state == MpState::init_received;
    w.mp_state = u32(waits ? MpState::runnable : s.mp_state);
    w.nmi_pending = s.nmi_pending;
    w.sipi_vector = cpu_.requests() & request_sipi ? cpu_.start_vector() : 0;
    w.mcg_cap = s.mce.cap, w.mcg_status = s.mce.status, w.mcg_ctl = s.mce.ctl;
    w.mce_banks = s.mce.banks;
    w.xcr0 = s.xcr0;
}

Result<void> CpuSection::check_state(const WireCpu& w, int) const {
    if (w.mp_state > u32(MpState::sipi_received))
        return fail("env.mp_state: expected 0 to 4, found {}", w.mp_state);
    if (w.fpregs_format)
        return fail("env.fpregs_format_vmstate: expected 0, found {}", w.fpregs_format);
    if ((w.cr0 & cr0_pg) && !(w.cr0 & cr0_pe))
        return fail("env.cr[0]: paging without protection, {:#x}", w.cr0);
    if (w.efer & efer_svme)
        return fail(
            "env.efer: nested virtualisation (SVME) is on, which this program does not have");
    return {};
}

void CpuSection::post_load(int) {
    const WireCpu& w = state_;
    CpuState& s = cpu_.s;
    std::copy_n(w.regs.begin(), 16, s.regs.begin());
    s.regs[rip] = w.eip;
    s.eflags = (u32(w.eflags) & ~u32(oszapc)) | 2;
    set_oszapc(s, u32(w.eflags));
    s.inhibit_irq = w.hflags & hf_inhibit_irq;
    s.smm = w.hflags & hf_smm;
    s.nmi_blocked = w.hflags2 & hf2_nmi;
    s.smm_nmi_blocked = w.hflags2 & hf2_smm_inside_nmi;
    s.x87.control = w.fpuc;
    s.x87.status = w.fpus;
    s.x87.valid = u8(w.fptag);
    for (unsigned i = 0; i < 8; i++)
        s.x87.reg[i] = {w.fpregs[i].mantissa, w.fpregs[i].exponent};
    s.x87.opcode = w.fpop;
    s.x87.ip = w.fpip;
    s.x87.dp = w.fpdp;
    for (unsigned i = 0; i < 6; i++)
        s.seg[i] = from_wire(w.segs[i]);
    s.ldt = from_wire(w.ldt);
    s.tr = from_wire(w.tr);
    s.gdt = {w.gdt.base, w.gdt.limit};
    s.idt = {w.idt.base, w.idt.limit};
    s.cr0 = w.cr0, s.cr2 = w.cr2, s.cr3 = w.cr3, s.cr4 = w.cr4;
    s.dr = w.dr;
    s.a20_mask = u32(w.a20_mask);
    s.mxcsr = w.mxcsr;
    for (unsigned i = 0; i < 16; i++)
        s.vec[i].q = {w.xmm[i].low, w.xmm[i].high, w.ymm_high[i].low, w.ymm_high[i].high};
    Msrs& m = s.msr;
    m.efer = w.efer, m.star = w.star, m.lstar = w.lstar, m.cstar = w.cstar;
    m.fmask = w.fmask, m.kernelgsbase = w.kernelgsbase;
    m.sysenter_cs = w.sysenter_cs, m.sysenter_esp = w.sysenter_esp;
    m.sysenter_eip = w.sysenter_eip;
    m.smbase = w.smbase, m.pat = w.pat, m.vm_hsave = w.vm_hsave;
    m.tsc_offset = w.tsc_offset, m.tsc_aux = w.tsc_aux;
    m.misc_enable = w.misc_enable, m.smi_count = w.smi_count, m.pkru = w.pkru, m.pkrs = w.pkrs;
    m.tsc_adjust = w.tsc_adjust, m.tsc_deadline = w.tsc_deadline, m.xss = w.xss;
    m.feature_control = w.feature_control, m.spec_ctrl = w.spec_ctrl;
    s.mtrr.fixed = w.mtrr_fixed;
    s.mtrr.deftype = w.mtrr_deftype;
    for (unsigned i = 0; i < 8; i++)
        s.mtrr.variable[i] = {w.mtrr_var[i].base, w.mtrr_var[i].mask};
    s.mp_state = MpState(w.mp_state);
    s.nmi_pending = w.nmi_pending;
    cpu_.set_start_vector(u8(w.sipi_vector));
    s.mce.cap = w.mcg_cap, s.mce.status = w.mcg_status, s.mce.ctl = w.mcg_ctl;
    s.mce.banks = w.mce_banks;
    s.xcr0 = w.xcr0;
    cpu_.state_replaced();
}

}  // namespace i386
