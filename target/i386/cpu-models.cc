// SPDX-License-Identifier: GPL-2.0-or-later
//
// From -cpu's words and a model's facts to the features that a guest sees.
#include "target/i386/cpuid.h"

#include "target/i386/feature-names.h"
#include "target/i386/fp/unit.h"
#include "target/i386/model-table.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <vector>

namespace i386 {

namespace {

const std::vector<std::string>& names() {
    static const std::vector<std::string> all = [] {
        std::vector<std::string> n;
        for (const ModelFacts& m : model_table()) {
            n.emplace_back(m.name);
            if (m.name.ends_with("-v1")) n.emplace_back(m.name.substr(0, m.name.size() - 3));
        }
        for (const ModelAlias& a : model_aliases())
            n.emplace_back(a.name);
        return n;
    }();
    return all;
}

FeatureSet words_of(const ModelFacts& m) {
    FeatureSet f;
    for (unsigned n = 0; n < m.words.size(); n++)
        f.word[model_words[n]] = m.words[n];
    return f;
}

/// What QEMU 7.2's TCG has. Models get these without being asked for each; the rest of what this
/// emulator can do must be asked for by name, so that a model's guests see what they see there.
const FeatureSet& default_features() {
    static const FeatureSet f = words_of(*find_model("max"));
    return f;
}

/// Bits that 80000001:EDX repeats from 1:EDX on AMD's processors (APM volume 3, appendix E.4).
constexpr u32 amd_repeats = 0x0183f3ff;

bool is_amd(const CpuModel& m) {
    return m.vendor == "AuthenticAMD";
}

u32 signature(const CpuModel& m) {
    const u32 family = m.family > 15 ? 0xf00 | (m.family - 15) << 20 : m.family << 8;
    return family | (m.model & 15) << 4 | m.model >> 4 << 16 | m.stepping;
}

/// Words whose bits mean nothing without a feature.
constexpr struct {
    FeatureWord word;
    FeatureWord of;
    unsigned bit;
} dependent_words[] = {{feat_8000_000a_edx, feat_8000_0001_ecx, 2},
                       {feat_14_0_ecx, feat_7_0_ebx, 25},
                       {feat_msr_10a, feat_7_0_edx, 29},
                       {feat_msr_cf, feat_7_0_edx, 30},
                       {feat_msr_345, feat_1_ecx, 15}};

class Builder {
public:
    Builder(const ModelFacts& facts, std::string_view name) : facts_(facts) {
        CpuModel& m = out_;
        m.name = name;
        m.vendor = facts.vendor;
        m.model_id = facts.model_id;
        m.family = facts.family;
        m.model = facts.model;
        m.stepping = facts.stepping;
        m.min_level = facts.level;
        m.min_xlevel = facts.xlevel;
        m.physical_bits = facts.physical_bits;
        m.caches = facts.caches;
        m.requested = words_of(facts);
    }

    Result<void> set(std::string_view property, std::string_view value);
    void set_feature(Feature f, bool on) {
        on ? out_.requested.set(f) : out_.requested.clear(f);
        on ? explicit_.set(f) : explicit_.clear(f);
    }
    Result<CpuModel> finish(CpuWarnings* warnings);

private:
    Error no_property(std::string_view property) const {
        return fail("Property '{}-x86_64-cpu.{}' not found", out_.name, property);
    }
    void filter(CpuWarnings* warnings);
    void set_levels();

    const ModelFacts& facts_;
    CpuModel out_;
    FeatureSet explicit_;
    std::optional<u32> level_, xlevel_;
    bool check_ = true, enforce_ = false;
};

Result<u64> number(std::string_view property, std::string_view text, u64 most) {
    u64 v = 0;
    const bool hex = text.starts_with("0x");
    const std::string_view digits = hex ? text.substr(2) : text;
    const auto r = std::from_chars(digits.data(), digits.data() + digits.size(), v, hex ? 16 : 10);
    if (digits.empty() || r.ec != std::errc() || r.ptr != digits.data() + digits.size())
        return fail("Parameter '{}' expects a number", property);
    if (v > most)
        return fail("Property .{} doesn't take value {} (minimum: 0, maximum: {})", property, v,
                    most);
    return v;
}

Result<void> Builder::set(std::string_view property, std::string_view value) {
    const auto numeric = [&](auto& to, u64 most) -> Result<void> {
        to = std::remove_reference_t<decltype(to)>(TRY(number(property, value, most)));
        return {};
    };
    const auto boolean = [&]() -> Result<bool> {
        if (value == "on" || value == "yes" || value == "true" || value == "y") return true;
        if (value == "off" || value == "no" || value == "false" || value == "n") return false;
        return fail("Parameter '{}' expects 'on' or 'off'", property);
    };
    CpuModel& m = out_;
    if (property == "family") return numeric(m.family, 15 + 255);
    if (property == "model") return numeric(m.model, 255);
    if (property == "stepping") return numeric(m.stepping, 15);
    if (property == "level") return numeric(level_, ~0u);
    if (property == "xlevel") return numeric(xlevel_, ~0u);
    if (property == "min-level") return numeric(m.min_level, ~0u);
    if (property == "min-xlevel") return numeric(m.min_xlevel, ~0u);
    if (property == "phys-bits") {
        TRY(numeric(m.physical_bits, ~0u));
        // 0 is for "the model's own".
        if (m.physical_bits == 0) m.physical_bits = facts_.physical_bits;
        if (m.physical_bits < 32 || m.physical_bits > 52)
            return fail("phys-bits should be between 32 and 52  (but is {})", m.physical_bits);
        return {};
    }
    if (property == "vendor") {
        if (value.size() != 12) return fail("Property '.vendor' doesn't take value '{}'", value);
        m.vendor = value;
        return {};
    }
    if (property == "model-id") {
        m.model_id = value.substr(0, 48);
        return {};
    }
    const bool known = property == "check" || property == "enforce" || property == "tcg-cpuid" ||
                       property == "legacy-cache" || property == "pmu" ||
                       (property == "migratable" && facts_.name == "max");
    const auto feature = known ? std::nullopt : find_feature(property);
    if (!known && !feature) return no_property(property);
    const bool on = TRY(boolean());
    if (feature) set_feature(*feature, on);
    if (property == "check") check_ = on;
    if (property == "enforce") enforce_ = on;
    if (property == "tcg-cpuid") m.tcg_leaves = on;
    if (property == "legacy-cache") m.caches = on ? Caches::legacy : facts_.caches;
    // "pmu": this accelerator has no performance counters, as QEMU's TCG has none. "migratable":
    // every feature here is.
    return {};
}

void Builder::filter(CpuWarnings* warnings) {
    CpuModel& m = out_;
    const auto warn = [&](const char* what, const FeatureWordNames& w, u32 bits) {
        for (unsigned bit = 0; bit < 32 && check_ && warnings; bit++)
            if (bits >> bit & 1) warnings->push_back(fmt::format("{}: {}", what, describe(w, bit)));
    };
    for (const FeatureWordNames& w : feature_word_names()) {
        u32& asked = m.requested.word[w.word];
        for (const auto& d : dependent_words) {
            if (d.word != w.word || (m.requested.word[d.of] >> d.bit & 1)) continue;
            warn("This feature depends on other features that were not requested", w,
                 explicit_.word[w.word]);
            asked = 0;
        }
        const u32 ours = supported_features().word[w.word];
        const u32 usual = default_features().word[w.word], by_name = explicit_.word[w.word];
        m.features.word[w.word] = asked & ours & (usual | by_name);
        // What is usual and missing here is documented as such; who asks for it by name is told.
        m.unavailable.word[w.word] = asked & ~m.features.word[w.word] & (~usual | by_name);
        // Features of KVM's own say nothing without it.
        if (w.word != feat_kvm && facts_.name != "max")
            warn("TCG doesn't support requested feature", w, m.unavailable.word[w.word]);
        else
            warn("TCG doesn't support requested feature", w, m.unavailable.word[w.word] & by_name);
    }
}

/// A feature in a leaf beyond the model's highest one raises that.
void Builder::set_levels() {
    CpuModel& m = out_;
    const auto& f = m.requested.word;
    m.level = m.min_level;
    m.xlevel = m.min_xlevel;
    const auto basic = [&](bool used, u32 leaf) {
        if (used) m.level = std::max(m.level, leaf);
    };
    const auto extended = [&](bool used, u32 leaf) {
        if (used) m.xlevel = std::max(m.xlevel, leaf);
    };
    basic(f[feat_1_edx] || f[feat_1_ecx], 1);
    basic(f[feat_6_eax], 6);
    basic(f[feat_7_0_ebx] || f[feat_7_0_ecx] || f[feat_7_0_edx] || f[feat_7_1_eax], 7);
    basic(f[feat_d_1_eax], 0xd);
    extended(f[feat_8000_0001_edx] || f[feat_8000_0001_ecx], 0x80000001);
    extended(f[feat_8000_0007_edx], 0x80000007);
    extended(f[feat_8000_0008_ebx], 0x80000008);
    extended(m.requested.has(Feature::svm), 0x8000000a);
    if (level_) m.level = *level_;
    if (xlevel_) m.xlevel = *xlevel_;
}

Result<CpuModel> Builder::finish(CpuWarnings* warnings) {
    CpuModel& m = out_;
    if (is_amd(m)) {
        u32& edx = m.requested.word[feat_8000_0001_edx];
        edx = (edx & ~amd_repeats) | (m.requested.word[feat_1_edx] & amd_repeats);
    }
    set_levels();
    filter(warnings);
    if (is_amd(m)) {
        u32& edx = m.features.word[feat_8000_0001_edx];
        edx = (edx & ~amd_repeats) | (m.features.word[feat_1_edx] & amd_repeats);
    }
    if (enforce_ && m.unavailable != FeatureSet{})
        return fail("TCG doesn't support requested features");
    m.signature = signature(m);
    if (m.features.has(Feature::xsave)) {
        m.xsave_components = 3;
        if (m.requested.has(Feature::avx)) m.xsave_components |= 4;
        if (m.features.has(Feature::mpx)) m.xsave_components |= 0x18;
        // Asked for and not given, it still shows here, and may be enabled: always in its initial
        // state then.
        if (m.requested.has(Feature::avx512f)) m.xsave_components |= 0xe0;
        if (m.requested.has(Feature::pku)) m.xsave_components |= 1 << 9;
    }
    return std::move(out_);
}

}  // namespace

std::span<const std::string> cpu_model_names() {
    return names();
}

const FeatureSet& supported_features() {
    static const FeatureSet all = [] {
        FeatureSet f = default_features();
        for (const Feature x : {Feature::rdseed, Feature::sha, Feature::prefetchw, Feature::rdpid,
                                Feature::tsc_adjust, Feature::pcid, Feature::invpcid})
            f.set(x);
        f.clear(Feature::mpx);
        // What runs on the host's units is there if the host has it.
        FeatureSet borrowed;
        for (const Feature x : {Feature::fpu, Feature::mmx, Feature::sse, Feature::sse2,
                                Feature::sse3, Feature::pclmulqdq, Feature::ssse3, Feature::fma,
                                Feature::sse41, Feature::sse42, Feature::aes, Feature::avx,
                                Feature::f16c, Feature::avx2, Feature::sha, Feature::vaes})
            borrowed.set(x);
        const FeatureSet host = fp::host_features();
        for (unsigned w = 0; w < feature_words; w++)
            f.word[w] &= ~borrowed.word[w] | host.word[w];
        if (!f.has(Feature::mmx)) f.clear(Feature::amd3dnow), f.clear(Feature::ext3dnow);
        return f;
    }();
    return all;
}

Result<CpuModel> make_cpu_model(std::string_view name, std::span<const CpuProperty> properties,
                                CpuWarnings* warnings) {
    const ModelFacts* facts = find_model(name);
    if (!facts) return fail("unable to find CPU model '{}'", name);
    Builder builder(*facts, name);
    for (const CpuProperty& p : properties)
        TRY(builder.set(p.name, p.value));
    return builder.finish(warnings);
}

Result<CpuModel> parse_cpu_model(std::string_view option, CpuWarnings* warnings) {
    std::vector<std::string_view> words;
    for (bool more = true; more;) {
        const auto comma = option.find(',');
        more = comma != option.npos;
        words.push_back(option.substr(0, comma));
        option.remove_prefix(more ? comma + 1 : option.size());
    }
    // +feature and -feature win over feature=value, wherever they stand, and minus over plus.
    std::vector<CpuProperty> values, plus, minus;
    for (const std::string_view w : std::span(words).subspan(1)) {
        if (w.empty()) continue;
        if (w[0] == '+' || w[0] == '-') {
            (w[0] == '+' ? plus : minus)
                .push_back({std::string(w.substr(1)), w[0] == '+' ? "on" : "off"});
            continue;
        }
        const auto eq = w.find('=');
        values.push_back(
            {std::string(w.substr(0, eq)), eq == w.npos ? "on" : std::string(w.substr(eq + 1))});
    }
    values.insert(values.end(), plus.begin(), plus.end());
    values.insert(values.end(), minus.begin(), minus.end());
    return make_cpu_model(words[0], values, warnings);
}

}  // namespace i386
