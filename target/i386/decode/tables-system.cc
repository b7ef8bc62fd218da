// SPDX-License-Identifier: GPL-2.0-or-later
//
// The system instructions. None is for the differential tester but the last few: they need
// privilege, or their answers are the machine's.
#include "target/i386/interp/system.h"

namespace i386 {

namespace {

using F = Feature;
constexpr u16 sys = ends_block | no_test;

constexpr Row table[] = {
    {"63 /r", "ARPL", "Ew,Gw", bind_next<arpl>, F::always, 0, no64 | protected_only},
    {"8C /r", "MOV", "Ev,Sw", bind_next<mov_from_seg>, F::always, 0, no_test},
    {"8E /r", "MOV", "Sw,Ew", bind_one<mov_to_seg>, F::always, 0, sys},
    {"E4", "IN", "AL,Ib", bind_in_i, F::always, 0, sys},
    {"E5", "IN", "eAX,Ib", bind_in_i, F::always, 0, sys},
    {"E6", "OUT", "Ib,AL", bind_out_i, F::always, 0, sys},
    {"E7", "OUT", "Ib,eAX", bind_out_i, F::always, 0, sys},
    {"EC", "IN", "AL,DX", bind_in_dx, F::always, 0, sys},
    {"ED", "IN", "eAX,DX", bind_in_dx, F::always, 0, sys},
    {"EE", "OUT", "DX,AL", bind_out_dx, F::always, 0, sys},
    {"EF", "OUT", "DX,eAX", bind_out_dx, F::always, 0, sys},
    {"F4", "HLT", "", bind_one<hlt>, F::always, 0, sys},
    {"FA", "CLI", "", bind_next<cli>, F::always, 0, no_test},
    {"FB", "STI", "", bind_one<sti>, F::always, 0, sys},

    {"0F 00 /0", "SLDT", "Ev", bind_next<sldt>, F::always, 0, protected_only | no_test},
    {"0F 00 /1", "STR", "Ev", bind_next<str>, F::always, 0, protected_only | no_test},
    {"0F 00 /2", "LLDT", "Ew", bind_next<lldt>, F::always, 0, protected_only | no_test},
    {"0F 00 /3", "LTR", "Ew", bind_next<ltr>, F::always, 0, protected_only | no_test},
    {"0F 00 /4", "VERR", "Ew", bind_next<verr>, F::always, 0, protected_only | no_test},
    {"0F 00 /5", "VERW", "Ew", bind_next<verw>, F::always, 0, protected_only | no_test},
    {"0F 01 /0", "SGDT", "M", bind_next<sgdt>, F::always, 0, no_test},
    {"0F 01 /1", "SIDT", "M", bind_next<sidt>, F::always, 0, no_test},
    {"0F 01 /2", "LGDT", "M", bind_leave<lgdt>, F::always, 0, sys},
    {"0F 01 /3", "LIDT", "M", bind_leave<lidt>, F::always, 0, sys},
    {"0F 01 /4", "SMSW", "Ev", bind_next<smsw>, F::always, 0, no_test},
    {"0F 01 /6", "LMSW", "Ew", bind_leave<lmsw>, F::always, 0, sys},
    {"0F 01 /7", "INVLPG", "M", bind_leave<invlpg>, F::always, 0, sys},
    {"NP 0F 01 C8", "MONITOR", "", bind_next<monitor>, F::monitor, 0, no_test},
    {"NP 0F 01 C9", "MWAIT", "", bind_one<mwait>, F::monitor, 0, sys},
    {"NP 0F 01 CA", "CLAC", "", bind_next<clac>, F::smap, 0, no_test},
    {"NP 0F 01 CB", "STAC", "", bind_next<stac>, F::smap, 0, no_test},
    {"NP 0F 01 D0", "XGETBV", "", bind_next<xgetbv>, F::xsave, 0, no_test},
    {"NP 0F 01 D1", "XSETBV", "", bind_leave<xsetbv>, F::xsave, 0, sys},
    {"0F 01 D8", "VMRUN", "", bind_one<vmrun>, F::svm, 0, sys | protected_only},
    {"0F 01 D9", "VMMCALL", "", bind_leave<vmmcall>, F::svm, 0, sys},
    {"0F 01 DA", "VMLOAD", "", bind_leave<vmload>, F::svm, 0, sys | protected_only},
    {"0F 01 DB", "VMSAVE", "", bind_next<vmsave>, F::svm, 0, no_test | protected_only},
    {"0F 01 DC", "STGI", "", bind_leave<stgi>, F::svm, 0, sys | protected_only},
    {"0F 01 DD", "CLGI", "", bind_leave<clgi>, F::svm, 0, sys | protected_only},
    {"0F 01 DE", "SKINIT", "", bind_leave<skinit>, F::svm, 0, sys | protected_only},
    {"0F 01 DF", "INVLPGA", "", bind_leave<invlpga>, F::svm, 0, sys | protected_only},
    {"NP 0F 01 EE", "RDPKRU", "", bind_next<rdpkru>, F::pku, 0, no_test},
    {"NP 0F 01 EF", "WRPKRU", "", bind_next<wrpkru>, F::pku, 0, no_test},
    {"0F 01 F8", "SWAPGS", "", bind_next<swapgs>, F::always, 0, only64 | no_test},
    {"0F 01 F9", "RDTSCP", "", bind_next<rdtscp>, F::rdtscp, 0, no_test},
    {"0F 02 /r", "LAR", "Gv,Ew", bind_next<lar>, F::always, 0, protected_only | no_test},
    {"0F 03 /r", "LSL", "Gv,Ew", bind_next<lsl>, F::always, 0, protected_only | no_test},
    {"0F 05", "SYSCALL", "", bind_one<syscall>, F::syscall, 0, sys},
    {"0F 06", "CLTS", "", bind_leave<clts>, F::always, 0, sys},
    {"0F 07", "SYSRET", "", bind_one<sysret>, F::syscall, 0, sys},
    {"0F 08", "INVD", "", bind_next<invd>, F::always, 0, no_test},
    {"0F 09", "WBINVD", "", bind_next<wbinvd>, F::always, 0, no_test},
    {"0F 20 /r", "MOV", "Rd,Cd", bind_next<mov_from_cr>, F::always, 0, no_test | lock_is_cr8},
    {"0F 21 /r", "MOV", "Rd,Dd", bind_next<mov_from_dr>, F::always, 0, no_test},
    {"0F 22 /r", "MOV", "Cd,Rd", bind_leave<mov_to_cr>, F::always, 0, sys | lock_is_cr8},
    {"0F 23 /r", "MOV", "Dd,Rd", bind_leave<mov_to_dr>, F::always, 0, sys},
    {"0F 30", "WRMSR", "", bind_leave<wrmsr>, F::msr, 0, sys},
    {"0F 31", "RDTSC", "", bind_next<rdtsc>, F::tsc, 0, no_test},
    {"0F 32", "RDMSR", "", bind_next<rdmsr>, F::msr, 0, no_test},
    {"0F 33", "RDPMC", "", bind_next<rdpmc>, F::always, 0, no_test},
    {"0F 34", "SYSENTER", "", bind_one<sysenter>, F::sep, 0, sys},
    {"0F 35", "SYSEXIT", "", bind_one<sysexit>, F::sep, 0, sys},
    {"0F A2", "CPUID", "", bind_next<cpuid>, F::always, 0, no_test},
    {"0F AA", "RSM", "", bind_one<rsm>, F::always, 0, sys},
    {"F3 0F AE /0", "RDFSBASE", "Ry", bind_next<rdfsbase>, F::fsgsbase, 0, only64 | no_test},
    {"F3 0F AE /1", "RDGSBASE", "Ry", bind_next<rdgsbase>, F::fsgsbase, 0, only64 | no_test},
    {"F3 0F AE /2", "WRFSBASE", "Ry", bind_next<wrfsbase>, F::fsgsbase, 0, only64 | no_test},
    {"F3 0F AE /3", "WRGSBASE", "Ry", bind_next<wrgsbase>, F::fsgsbase, 0, only64 | no_test},
    {"NP 0F AE /5", "LFENCE", "Ry", bind_next<fence>, F::sse2},
    {"NP 0F AE /6", "MFENCE", "Ry", bind_next<fence>, F::sse2},
    {"NP 0F AE /7", "SFENCE", "Ry", bind_next<fence>, F::sse},
    {"NP 0F AE /7", "CLFLUSH", "Mb", bind_next<clflush>, F::clflush},
    {"66 0F AE /6", "CLWB", "Mb", bind_next<clflush>, F::clwb},
    {"66 0F AE /7", "PCOMMIT", "Ry", bind_next<fence>, F::pcommit, 0, no_test},
    {"66 0F AE /7", "CLFLUSHOPT", "Mb", bind_next<clflush>, F::clflushopt},
    {"0F C7 /6", "RDRAND", "Rv", bind_rdrand, F::rdrand, 0, no_test},
    {"F3 0F C7 /7", "RDPID", "Ry", bind_next<rdpid>, F::rdpid, 0, no_test},
    {"0F C7 /7", "RDSEED", "Rv", bind_rdrand, F::rdseed, 0, no_test},
    {"66 0F 38 82 /r", "INVPCID", "Gy,M", bind_leave<invpcid>, F::invpcid, 0, sys},
};

}  // namespace

std::span<const Row> system_rows() {
    return table;
}

}  // namespace i386
