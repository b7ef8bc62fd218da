// SPDX-License-Identifier: GPL-2.0-or-later
//
// The CPUID feature words, and the features that gate instructions, named as the SDM names them.
#pragma once

#include "target/i386/cpu-state.h"

namespace i386 {

enum FeatureWord : u8 {
    feat_1_edx,
    feat_1_ecx,
    feat_8000_0001_edx,
    feat_8000_0001_ecx,
    feat_7_0_ebx,
    feat_7_0_ecx,
    feat_7_0_edx,
    feat_7_1_eax,
    feat_d_1_eax,
    feat_8000_0007_edx,
    feat_8000_0008_ebx,
    feat_6_eax,
    feat_8000_000a_edx,
    feat_kvm,
    feat_kvm_hints,
    feat_c000_0001_edx,
    feat_14_0_ecx,
    feat_12_0_eax,
    feat_12_0_ebx,
    feat_12_1_eax,
    feat_msr_10a,  ///< IA32_ARCH_CAPABILITIES and two more MSRs, as models ask for their bits
    feat_msr_cf,
    feat_msr_345,
    feature_words,
};

/// word * 32 + bit.
enum class Feature : u16 {
    always = 0xffff,
    fpu = 0,
    vme = 1,
    de = 2,
    pse = 3,
    tsc = 4,
    msr = 5,
    pae = 6,
    mce = 7,
    cx8 = 8,
    apic = 9,
    sep = 11,
    mtrr = 12,
    pge = 13,
    mca = 14,
    cmov = 15,
    pat = 16,
    pse36 = 17,
    clflush = 19,
    acpi = 22,
    mmx = 23,
    fxsr = 24,
    sse = 25,
    sse2 = 26,
    ss = 27,
    ht = 28,
    sse3 = 32 + 0,
    pclmulqdq = 32 + 1,
    monitor = 32 + 3,
    ssse3 = 32 + 9,
    fma = 32 + 12,
    cx16 = 32 + 13,
    pcid = 32 + 17,
    sse41 = 32 + 19,
    sse42 = 32 + 20,
    x2apic = 32 + 21,
    movbe = 32 + 22,
    popcnt = 32 + 23,
    tsc_deadline = 32 + 24,
    aes = 32 + 25,
    xsave = 32 + 26,
    osxsave = 32 + 27,
    avx = 32 + 28,
    f16c = 32 + 29,
    rdrand = 32 + 30,
    hypervisor = 32 + 31,
    syscall = 64 + 11,
    nx = 64 + 20,
    mmxext = 64 + 22,
    fxsr_opt = 64 + 25,
    pdpe1gb = 64 + 26,
    rdtscp = 64 + 27,
    lm = 64 + 29,
    ext3dnow = 64 + 30,
    amd3dnow = 64 + 31,
    lahf_lm = 96 + 0,
    cmp_legacy = 96 + 1,
    svm = 96 + 2,
    cr8legacy = 96 + 4,
    abm = 96 + 5,
    sse4a = 96 + 6,
    misalignsse = 96 + 7,
    prefetchw = 96 + 8,
    fsgsbase = 128 + 0,
    tsc_adjust = 128 + 1,
    bmi1 = 128 + 3,
    avx2 = 128 + 5,
    smep = 128 + 7,
    bmi2 = 128 + 8,
    erms = 128 + 9,
    invpcid = 128 + 10,
    mpx = 128 + 14,
    avx512f = 128 + 16,
    rdseed = 128 + 18,
    adx = 128 + 19,
    smap = 128 + 20,
    pcommit = 128 + 22,
    clflushopt = 128 + 23,
    clwb = 128 + 24,
    sha = 128 + 29,
    umip = 160 + 2,
    pku = 160 + 3,
    vaes = 160 + 9,
    la57 = 160 + 16,
    rdpid = 160 + 22,
    pks = 160 + 31,
    xsaveopt = 256 + 0,
    xsavec = 256 + 1,
    xgetbv1 = 256 + 2,
    xsaves = 256 + 3,
    invtsc = 288 + 8,
    npt = 384 + 0,
    clzero = 320 + 0,
    xsaveerptr = 320 + 2,
    wbnoinvd = 320 + 9,
};

struct FeatureSet {
    std::array<u32, feature_words> word{};

    bool has(Feature f) const {
        return f == Feature::always || (word[unsigned(f) / 32] >> (unsigned(f) % 32) & 1);
    }
    void set(Feature f) { word[unsigned(f) / 32] |= 1u << (unsigned(f) % 32); }
    void clear(Feature f) { word[unsigned(f) / 32] &= ~(1u << (unsigned(f) % 32)); }
    bool operator==(const FeatureSet&) const = default;
};

}  // namespace i386
