// SPDX-License-Identifier: GPL-2.0-or-later
//
// Cpu::cpuid(): the leaves from a model's facts and the current state.
#include "target/i386/cpuid.h"

#include "target/i386/cpu.h"

#include <bit>

namespace i386 {

namespace {

u32 four(std::string_view text, std::size_t at) {
    u32 v = 0;
    for (std::size_t n = 0; n < 4; n++)
        if (at + n < text.size()) v |= u32(u8(text[at + n])) << 8 * n;
    return v;
}

/// A cache as leaves 4 and 8000001Dh describe it.
struct Cache {
    u32 kind, ways_line, sets, edx;
};
struct CacheFacts {
    std::array<Cache, 4> level;                     ///< data, instructions, second, third
    u32 descriptors_ecx, descriptors_edx;           ///< leaf 2
    u32 amd_data, amd_code, amd_second, amd_third;  ///< 80000005h and 80000006h
};
constexpr CacheFacts cache_facts[] = {
    // Caches::legacy
    {{{{0x121, 0x01c0003f, 0x3f, 1},
       {0x122, 0x01c0003f, 0x3f, 1},
       {0x143, 0x03c0003f, 0xfff, 1},
       {0x163, 0x03c0003f, 0x3fff, 6}}},
     0x4d,
     0x2c307d,
     0x40020140,
     0x40020140,
     0x02008140,
     0x00808140},
    // Caches::epyc
    {{{{0x121, 0x01c0003f, 0x3f, 1},
       {0x122, 0x00c0003f, 0xff, 1},
       {0x043, 0x01c0003f, 0x3ff, 0},
       {0x163, 0x03c0003f, 0x1fff, 6}}},
     0x4b,
     0x2cff80,
     0x20080140,
     0x40040140,
     0x02006140,
     0x00408140},
    // Caches::rome
    {{{{0x121, 0x01c0003f, 0x3f, 1},
       {0x122, 0x01c0003f, 0x3f, 1},
       {0x043, 0x01c0003f, 0x3ff, 0},
       {0x163, 0x03c0003f, 0x3fff, 6}}},
     0x4d,
     0x2c3080,
     0x20080140,
     0x20080140,
     0x02006140,
     0x00808140},
    // Caches::milan
    {{{{0x121, 0x01c0003f, 0x3f, 1},
       {0x122, 0x01c0003f, 0x3f, 1},
       {0x043, 0x01c0003f, 0x3ff, 0},
       {0x163, 0x03c0003f, 0x7fff, 6}}},
     0xff,
     0x2c3080,
     0x20080140,
     0x20080140,
     0x02006140,
     0x01008140},
};

/// `sharing` is the number of APIC ids that a cache of each level may belong to, less one.
std::array<u32, 4> cache_leaf(Caches caches, u32 subleaf, const std::array<u32, 4>& sharing) {
    if (subleaf > 3) return {};
    const Cache& c = cache_facts[unsigned(caches)].level[subleaf];
    return {c.kind | sharing[subleaf] << 14, c.ways_line, c.sets, c.edx};
}

struct XsaveComponent {
    unsigned bit;
    u32 size, offset;
};
/// Sizes and places of the state components in the standard form (SDM volume 1, 13.4).
constexpr XsaveComponent components[] = {{2, 0x100, 0x240}, {3, 0x40, 0x3c0},  {4, 0x40, 0x400},
                                         {5, 0x40, 0x440},  {6, 0x200, 0x480}, {7, 0x400, 0x680},
                                         {9, 8, 0xa80}};

}  // namespace

u64 Cpu::xcr0_allowed() const {
    return model_.xsave_components;
}

std::array<u32, 4> Cpu::xsave_leaf(u32 subleaf) const {
    if (!has(Feature::xsave)) return {};
    const u64 allowed = xcr0_allowed();
    const auto extent = [](u64 mask) {
        u32 end = 0x240;
        for (const XsaveComponent& c : components)
            if (mask >> c.bit & 1) end = std::max(end, c.offset + c.size);
        return end;
    };
    if (subleaf == 0) return {u32(allowed), extent(s.xcr0), extent(allowed), u32(allowed >> 32)};
    if (subleaf == 1) {
        // The compacted form of everything there is, whatever is enabled (as QEMU 7.2 answers).
        u32 size = 0x240;
        for (const XsaveComponent& c : components)
            if (allowed >> c.bit & 1) size += c.size;
        return {features_.word[feat_d_1_eax], size, 0, 0};
    }
    for (const XsaveComponent& c : components)
        if (c.bit == subleaf && (allowed >> subleaf & 1)) return {c.size, c.offset, 0, 0};
    return {};
}

std::array<u32, 4> Cpu::cpuid(u32 leaf, u32 subleaf) const {
    const CpuModel& m = model_;
    const auto& f = features_.word;
    const bool intel = m.vendor == "GenuineIntel", amd = m.vendor == "AuthenticAMD";
    // Leaves beyond a range answer as the highest basic one.
    const u32 limit = leaf >= 0x80000000 ? m.xlevel : leaf >= 0x40000000 ? 0x40000001 : m.level;
    if (leaf > limit) leaf = m.level;
    const unsigned per_package = m.cores * m.threads;
    const u32 threads_shift = u32(std::bit_width(m.threads - 1));
    const u32 package_shift = u32(std::bit_width(m.cores - 1)) + threads_shift;
    const CacheFacts& caches = cache_facts[unsigned(m.caches)];
    switch (leaf) {
        case 0: return {m.level, four(m.vendor, 0), four(m.vendor, 8), four(m.vendor, 4)};
        case 1: {
            u32 ecx = f[feat_1_ecx], edx = f[feat_1_edx];
            if (s.cr4 & cr4_osxsave) ecx |= 1u << 27;
            u32 ebx = apic_id_ << 24 | 8 << 8;
            if (per_package > 1) {
                ebx |= per_package << 16;
                edx |= 1u << 28;
            }
            return {m.signature, ebx, ecx, edx};
        }
        case 2:
            if (amd) return {};
            return {1, 0, caches.descriptors_ecx, caches.descriptors_edx};
        case 4: {
            if (amd) return {};
            auto r =
                cache_leaf(m.caches, subleaf, {0, 0, m.threads - 1, (1u << package_shift) - 1});
            if (r[0]) r[0] |= (m.cores - 1) << 26;
            return r;
        }
        case 5: return {0, 0, 3, 0};
        case 6: return {f[feat_6_eax], 0, 0, 0};
        case 7:
            if (subleaf == 0)
                return {m.requested.word[feat_7_1_eax] != 0, f[feat_7_0_ebx],
                        f[feat_7_0_ecx] | (s.cr4 & cr4_pke ? 1u << 4 : 0), f[feat_7_0_edx]};
            if (subleaf == 1) return {f[feat_7_1_eax], 0, 0, 0};
            return {};
        case 0xb: {
            if (subleaf == 0) return {threads_shift, m.threads, 0x100, apic_id_};
            if (subleaf == 1) return {package_shift, per_package, 0x201, apic_id_};
            return {0, 0, subleaf, apic_id_};
        }
        case 0xd: return xsave_leaf(subleaf);
        case 0x40000000:
            if (!m.tcg_leaves) return {};
            return {0x40000001, 0x54474354, 0x43544743, 0x47435447};
        case 0x80000000: return {m.xlevel, four(m.vendor, 0), four(m.vendor, 8), four(m.vendor, 4)};
        case 0x80000001: {
            u32 ecx = f[feat_8000_0001_ecx];
            if (per_package > 1 && !intel) ecx |= 2;  // CmpLegacy
            return {m.signature, 0, ecx, f[feat_8000_0001_edx]};
        }
        case 0x80000002:
        case 0x80000003:
        case 0x80000004: {
            const std::size_t at = (leaf - 0x80000002) * 16;
            return {four(m.model_id, at), four(m.model_id, at + 4), four(m.model_id, at + 8),
                    four(m.model_id, at + 12)};
        }
        case 0x80000005: return {0x01ff01ff, 0x01ff01ff, caches.amd_data, caches.amd_code};
        case 0x80000006: return {0, 0x42004200, caches.amd_second, caches.amd_third};
        case 0x80000007: return {0, 0, 0, f[feat_8000_0007_edx]};
        case 0x80000008: {
            const u32 linear = !has(Feature::lm) ? 0 : has(Feature::la57) ? 57 : 48;
            const u32 bits = linear << 8 | m.physical_bits;
            const u32 ecx = per_package > 1
                                ? (u32(std::bit_width(per_package - 1)) << 12) | (per_package - 1)
                                : 0;
            return {bits, f[feat_8000_0008_ebx], ecx, 0};
        }
        case 0x8000000a:
            if (!has(Feature::svm)) return {};
            return {1, 0x10, 0, f[feat_8000_000a_edx]};
        case 0x8000001d: {
            if (intel) return {};
            const u32 core = m.threads - 1;
            return cache_leaf(m.caches, subleaf, {core, core, core, per_package - 1});
        }
        case 0x8000001e: {
            if (intel) return {};
            const u32 core = (apic_id_ & ((1u << package_shift) - 1)) >> threads_shift;
            return {apic_id_, (m.threads - 1) << 8 | core, apic_id_ >> package_shift, 0};
        }
        default: return {};
    }
}

}  // namespace i386
