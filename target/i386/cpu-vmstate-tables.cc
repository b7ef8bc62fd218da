// SPDX-License-Identifier: GPL-2.0-or-later
//
// The typed tables of sections "cpu_common" and "cpu".
#include "target/i386/cpu-vmstate.h"

#include "migration/vmstate/fields.h"

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
constexpr auto nested_fields = fields(field<&W::nested_cr3>("env.nested_cr3"),
                                      field<&W::nested_pg_mode>("env.nested_pg_mode"));
constexpr auto svm_guest_fields = fields(field<&W::int_ctl>("env.int_ctl"));
constexpr auto poll_fields = fields(field<&W::poll_control>("env.poll_control_msr"));
static_assert(covers<W>(cpu_fields, fpop_fields, misc_enable_fields, smi_count_fields, pkru_fields,
                        pkrs_fields, poll_fields, tsc_adjust_fields, tsc_deadline_fields,
                        feature_control_fields, xss_fields, spec_ctrl_fields, nested_fields,
                        svm_guest_fields));

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
// "svn" is how the stream spells it.
constexpr Table nested_table{
    .name = "cpu/svn_npt",
    .fields = nested_fields,
    .needed = needed<W, [](const W& w) { return (w.hflags2 & hf2_nested_paging) != 0; }>};
constexpr Table svm_guest_table{
    .name = "cpu/svm_guest",
    .fields = svm_guest_fields,
    .needed = needed<W, [](const W& w) { return (w.hflags & hf_guest) != 0; }>};
// KVM's default is 1, and QEMU sends what differs from it: always, without KVM.
constexpr Table poll_table{.name = "cpu/poll_control_msr",
                           .fields = poll_fields,
                           .needed = needed<W, [](const W& w) { return w.poll_control != 1; }>};
constexpr auto cpu_subsections =
    subsections(poll_table, fpop_table, tsc_adjust_table, tsc_deadline_table, misc_enable_table,
                feature_control_table, xss_table, smi_count_table, pkru_table, pkrs_table,
                spec_ctrl_table, nested_table, svm_guest_table);

constexpr Table cpu_table{.name = "cpu",
                          .version = 12,
                          .minimum_version = 11,
                          .fields = cpu_fields,
                          .subsections = cpu_subsections};

}  // namespace

const ::vmstate::Table& CpuCommonSection::vmstate() const {
    return common_table;
}

const ::vmstate::Table& CpuSection::vmstate() const {
    return cpu_table;
}

}  // namespace i386
