// SPDX-License-Identifier: GPL-2.0-or-later
//
// The models' facts and the -cpu option.
#include "target/i386/cpuid.h"

#include "target/i386/fp/unit.h"
#include "util/cutils.h"

#include <algorithm>

namespace i386 {

namespace {

struct ModelFacts {
    std::string_view name, vendor;
    u32 signature, level, xlevel;
    std::string_view model_id;
    unsigned physical_bits;
    // CPUID.1 EDX, ECX; 80000001 EDX, ECX; 7 EBX, ECX, EDX; D.1 EAX; 6 EAX; 8000000A EDX.
    u32 f1d, f1c, f8d, f8c, f7b, f7c, f7d, fd1, f6, fsvm;
};

constexpr std::string_view amd = "AuthenticAMD", intel = "GenuineIntel";

// What each model asks for; what this emulator does not have is masked away by the caller.
constexpr ModelFacts models[] = {
    {"486", intel, 0x480, 1, 0, "", 32, 0x00000009, 0x80000000, 0, 0, 0, 0, 0, 0, 0, 0},
    {"pentium3", intel, 0x673, 3, 0, "", 36, 0x0383fbfd, 0x80000000, 0, 0, 0, 0, 0, 0, 0, 0},
    {"qemu32", intel, 0x663, 4, 0x80000004, "QEMU Virtual CPU version 2.5+", 36, 0x0781abfd,
     0x80000001, 0, 0, 0, 0, 0, 0, 0, 0},
    {"qemu64", amd, 0x60fb1, 0xd, 0x8000000a, "QEMU Virtual CPU version 2.5+", 40, 0x078bfbfd,
     0x80002001, 0x2193fbfd, 0x00000005, 0, 0, 0, 0, 0, 0},
    {"kvm64", intel, 0xf61, 0xd, 0x80000008, "Common KVM processor", 40, 0x078bfbfd, 0x80002001,
     0x20100800, 0, 0, 0, 0, 0, 0, 0},
    {"max", amd, 0x60fb1, 0xd, 0x8000000a, "QEMU TCG CPU version 2.5+", 40, 0x0fcbfbfd, 0xf6d8320b,
     0xedd3fbfd, 0x00000075, 0x21dc43a9, 0x8001020c & ~0x00010200u, 0, 5, 4, 0},
    {"Nehalem", intel, 0x106a3, 0xd, 0x80000008, "Intel Core i7 9xx (Nehalem Class Core i7)", 40,
     0x078bfbfd, 0x80982201, 0x28100800, 0x00000001, 0, 0, 0, 0, 0, 0},
    {"Haswell", intel, 0x306c4, 0xd, 0x80000008, "Intel Core Processor (Haswell)", 40, 0x078bfbfd,
     0xf7fa3203, 0x2c100800, 0x00000021, 0x00000fbb, 0, 0, 1, 4, 0},
    {"Skylake-Server", intel, 0x50654, 0xd, 0x80000008, "Intel Xeon Processor (Skylake)", 40,
     0x078bfbfd, 0xf7fa3203, 0x2c100800, 0x00000121, 0xd19f4fbb, 0x00000008, 0, 7, 4, 0},
    {"Opteron_G5", amd, 0x600f20, 0xd, 0x8000001a, "AMD Opteron 63xx class CPU", 40, 0x078bfbfd,
     0xb6983203, 0x2d93fbfd, 0x00000065, 0, 0, 0, 0, 0, 1},
    {"EPYC", amd, 0x800f12, 0xd, 0x8000001e, "AMD EPYC Processor", 40, 0x078bfbfd, 0xf6f83203,
     0x2fd3fbff & ~2u, 0x000003f5, 0x209c01a9, 0, 0, 7, 4, 1},
};

struct NamedFeature {
    std::string_view name;
    Feature feature;
};
using F = Feature;
constexpr NamedFeature feature_names[] = {
    {"fpu", F::fpu},
    {"vme", F::vme},
    {"de", F::de},
    {"pse", F::pse},
    {"tsc", F::tsc},
    {"msr", F::msr},
    {"pae", F::pae},
    {"mce", F::mce},
    {"cx8", F::cx8},
    {"apic", F::apic},
    {"sep", F::sep},
    {"mtrr", F::mtrr},
    {"pge", F::pge},
    {"mca", F::mca},
    {"cmov", F::cmov},
    {"pat", F::pat},
    {"pse36", F::pse36},
    {"clflush", F::clflush},
    {"acpi", F::acpi},
    {"mmx", F::mmx},
    {"fxsr", F::fxsr},
    {"sse", F::sse},
    {"sse2", F::sse2},
    {"ss", F::ss},
    {"ht", F::ht},
    {"pni", F::sse3},
    {"sse3", F::sse3},
    {"pclmulqdq", F::pclmulqdq},
    {"monitor", F::monitor},
    {"ssse3", F::ssse3},
    {"fma", F::fma},
    {"cx16", F::cx16},
    {"pcid", F::pcid},
    {"sse4.1", F::sse41},
    {"sse4.2", F::sse42},
    {"sse4_1", F::sse41},
    {"sse4_2", F::sse42},
    {"x2apic", F::x2apic},
    {"movbe", F::movbe},
    {"popcnt", F::popcnt},
    {"tsc-deadline", F::tsc_deadline},
    {"aes", F::aes},
    {"xsave", F::xsave},
    {"avx", F::avx},
    {"f16c", F::f16c},
    {"rdrand", F::rdrand},
    {"hypervisor", F::hypervisor},
    {"syscall", F::syscall},
    {"nx", F::nx},
    {"mmxext", F::mmxext},
    {"fxsr-opt", F::fxsr_opt},
    {"pdpe1gb", F::pdpe1gb},
    {"rdtscp", F::rdtscp},
    {"lm", F::lm},
    {"3dnowext", F::ext3dnow},
    {"3dnow", F::amd3dnow},
    {"lahf-lm", F::lahf_lm},
    {"lahf_lm", F::lahf_lm},
    {"svm", F::svm},
    {"cr8legacy", F::cr8legacy},
    {"abm", F::abm},
    {"lzcnt", F::abm},
    {"sse4a", F::sse4a},
    {"misalignsse", F::misalignsse},
    {"3dnowprefetch", F::prefetchw},
    {"fsgsbase", F::fsgsbase},
    {"tsc-adjust", F::tsc_adjust},
    {"bmi1", F::bmi1},
    {"avx2", F::avx2},
    {"smep", F::smep},
    {"bmi2", F::bmi2},
    {"erms", F::erms},
    {"invpcid", F::invpcid},
    {"mpx", F::mpx},
    {"rdseed", F::rdseed},
    {"adx", F::adx},
    {"smap", F::smap},
    {"clflushopt", F::clflushopt},
    {"clwb", F::clwb},
    {"sha-ni", F::sha},
    {"umip", F::umip},
    {"pku", F::pku},
    {"rdpid", F::rdpid},
    {"xsaveopt", F::xsaveopt},
    {"xsavec", F::xsavec},
    {"xgetbv1", F::xgetbv1},
    {"xsaves", F::xsaves},
    {"invtsc", F::invtsc},
    {"clzero", F::clzero},
    {"xsaveerptr", F::xsaveerptr},
    {"wbnoinvd", F::wbnoinvd},
    {"arat", Feature(feat_6_eax * 32 + 2)},
};

constexpr auto names = [] {
    std::array<std::string_view, std::size(models)> n{};
    for (std::size_t k = 0; k < n.size(); k++)
        n[k] = models[k].name;
    return n;
}();

FeatureSet features_of(const ModelFacts& m) {
    FeatureSet f;
    f.word[feat_1_edx] = m.f1d;
    f.word[feat_1_ecx] = m.f1c;
    f.word[feat_8000_0001_edx] = m.f8d;
    f.word[feat_8000_0001_ecx] = m.f8c;
    f.word[feat_7_0_ebx] = m.f7b;
    f.word[feat_7_0_ecx] = m.f7c;
    f.word[feat_7_0_edx] = m.f7d;
    f.word[feat_d_1_eax] = m.fd1;
    f.word[feat_6_eax] = m.f6;
    f.word[feat_8000_000a_edx] = m.fsvm;
    return f;
}

std::string_view name_of(unsigned bit) {
    for (const NamedFeature& f : feature_names)
        if (unsigned(f.feature) == bit) return f.name;
    return "";
}

/// "CPUID.07H:EBX.rdseed [bit 18]", as QEMU 7.2 names a feature.
std::string describe(unsigned word, unsigned bit) {
    constexpr std::string_view words[feature_words] = {
        "01H:EDX",       "01H:ECX", "80000001H:EDX", "80000001H:ECX", "07H:EBX",
        "07H:ECX",       "07H:EDX", "07H:EAX",       "0DH:EAX",       "80000007H:EDX",
        "80000008H:EBX", "06H:EAX", "8000000AH:EDX", "40000001H:EAX", "40000001H:EDX"};
    const std::string_view name = name_of(word * 32 + bit);
    return fmt::format("CPUID.{}{}{} [bit {}]", words[word], name.empty() ? "" : ".", name, bit);
}

}  // namespace

std::span<const std::string_view> cpu_model_names() {
    return names;
}

const FeatureSet& supported_features() {
    static const FeatureSet all = [] {
        FeatureSet f;
        f.word[feat_1_edx] = 0x0fcbfbfd;
        f.word[feat_1_ecx] = 0xf6d8320b & ~(1u << 27);
        f.word[feat_8000_0001_edx] = 0x2dd3fbfd;
        f.word[feat_8000_0001_ecx] = 0x00000171 & ~0x100u;
        f.word[feat_7_0_ebx] = 0x21dc03a9 & ~0x00040000u;
        f.word[feat_7_0_ecx] = 0x0040000c & ~0x00000010u;
        f.word[feat_d_1_eax] = 5;  // no compacted form (XSAVEC, XSAVES)
        f.word[feat_6_eax] = 4;
        f.word[feat_8000_0007_edx] = 0;
        f.set(Feature::rdseed);
        f.set(Feature::prefetchw);
        // What runs on the host's units is there if the host has it.
        FeatureSet borrowed;
        for (const Feature x :
             {Feature::fpu, Feature::mmx, Feature::sse, Feature::sse2, Feature::sse3,
              Feature::pclmulqdq, Feature::ssse3, Feature::fma, Feature::sse41, Feature::sse42,
              Feature::aes, Feature::avx, Feature::f16c, Feature::avx2, Feature::sha})
            borrowed.set(x);
        const FeatureSet host = fp::host_features();
        for (unsigned w = 0; w < feature_words; w++)
            f.word[w] &= ~borrowed.word[w] | host.word[w];
        return f;
    }();
    return all;
}

namespace {

/// The properties that are numbers; false: no such property, or not in its range. The signature's
/// fields are CPUID.1:EAX's, where families above 15 and models above 15 have a part of their own.
bool set_number(CpuModel& m, std::string_view name, std::string_view text) {
    const auto n = parse_uint64(text);
    if (!n || *n > 0xffffffff) return false;
    const auto value = static_cast<u32>(*n);
    auto put = [&m](u32 mask, u32 bits) { m.signature = (m.signature & ~mask) | bits; };
    if (name == "family") {
        if (value > 0xff + 0xf) return false;
        put(0x0ff00f00, value > 0xf ? 0xf00 | (value - 0xf) << 20 : value << 8);
    } else if (name == "model") {
        if (value > 0xff) return false;
        put(0x000f00f0, (value & 0xf) << 4 | (value >> 4) << 16);
    } else if (name == "stepping") {
        if (value > 0xf) return false;
        put(0xf, value);
    } else if (name == "level") {
        m.level = value;
    } else if (name == "xlevel") {
        m.xlevel = value;
    } else {
        return false;
    }
    return true;
}

}  // namespace

Result<CpuModel> parse_cpu_model(std::string_view option, std::string& warnings) {
    auto next = [&option] {
        const auto n = option.find(',');
        const auto word = option.substr(0, n);
        option = n == option.npos ? std::string_view() : option.substr(n + 1);
        return word;
    };
    const std::string_view name = next();
    const auto m = std::find_if(std::begin(models), std::end(models),
                                [&](const ModelFacts& f) { return f.name == name; });
    if (m == std::end(models)) return fail("unable to find CPU model '{}'", name);
    CpuModel out{
        std::string(m->name),     std::string(m->vendor), m->signature,   m->level, m->xlevel,
        std::string(m->model_id), m->physical_bits,       features_of(*m)};
    // What a model names but gets only when asked for: its guests see what QEMU 7.2's TCG shows.
    if (name != "max")
        for (const Feature f : {Feature::rdseed, Feature::sha, Feature::prefetchw})
            if (out.features.has(f)) {
                out.features.word[unsigned(f) / 32] &= ~(1u << (unsigned(f) % 32));
                warnings += fmt::format("warning: TCG doesn't support requested feature: {}\n",
                                        describe(unsigned(f) / 32, unsigned(f) % 32));
            }
    FeatureSet asked;
    while (!option.empty()) {
        std::string_view word = next();
        bool on = true;
        if (word.starts_with('+') || word.starts_with('-')) {
            on = word[0] == '+';
            word.remove_prefix(1);
        } else {
            const auto eq = word.find('=');
            const std::string_view value = eq == word.npos ? "on" : word.substr(eq + 1);
            word = word.substr(0, eq);
            if (value != "on" && value != "off") {
                if (word == "vendor" && value.size() == 12) {
                    out.vendor = value;
                    continue;
                }
                if (word == "model-id" && value.size() <= 48) {
                    out.model_id = value;
                    continue;
                }
                if (set_number(out, word, value)) continue;
                return fail("Property 'cpu.{}' does not take the value '{}'", word, value);
            }
            on = value == "on";
        }
        const auto f = std::find_if(std::begin(feature_names), std::end(feature_names),
                                    [&](const NamedFeature& n) { return n.name == word; });
        if (f == std::end(feature_names))
            return fail("Property '{}-x86_64-cpu.{}' not found", name, word);
        u32& w = out.features.word[unsigned(f->feature) / 32];
        const u32 bit = 1u << (unsigned(f->feature) % 32);
        w = on ? w | bit : w & ~bit;
        if (on) asked.set(f->feature);
    }
    for (unsigned w = 0; w < feature_words; w++) {
        u32& have = out.features.word[w];
        const u32 missing = have & ~supported_features().word[w];
        have &= supported_features().word[w];
        if (name == "max") continue;
        for (unsigned bit = 0; bit < 32; bit++)
            // Nested guests are not offered; only who asks for them is told.
            if ((missing >> bit & 1) && !(w == feat_1_ecx && bit == 31) &&
                (w * 32 + bit != unsigned(Feature::svm) || asked.has(Feature::svm)))
                warnings += fmt::format("warning: TCG doesn't support requested feature: {}\n",
                                        describe(w, bit));
    }
    out.features.set(Feature::hypervisor);
    return out;
}

}  // namespace i386
