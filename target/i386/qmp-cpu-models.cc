// SPDX-License-Identifier: GPL-2.0-or-later
//
// The commands of qapi/machine-target.json.
#include <algorithm>

#include "qapi/context.h"
#include "qapi/qapi-commands-machine-target.h"
#include "target/i386/cpuid.h"
#include "target/i386/feature-names.h"

namespace qapi {

namespace {

/// The version a name stands for, or nothing when the name is a version.
std::string alias_of(const std::string& name) {
    const i386::ModelFacts* m = i386::find_model(name);
    return m->name == name ? std::string() : std::string(m->name);
}

Result<std::vector<i386::CpuProperty>> properties_of(const CpuModelInfo& model) {
    std::vector<i386::CpuProperty> out;
    if (!model.props) return out;
    const JsonObject* props = model.props->object();
    if (!props) return fail("Invalid parameter type for 'model.props', expected: object");
    for (const auto& [name, value] : *props) {
        if (const bool* flag = value.boolean()) {
            out.push_back({name, *flag ? "on" : "off"});
        } else if (i386::find_feature(name)) {
            return fail("Invalid parameter type for '{}', expected: boolean", name);
        } else if (const std::string* text = value.string()) {
            out.push_back({name, *text});
        } else if (const auto n = value.unsigned_integer()) {
            out.push_back({name, std::to_string(*n)});
        } else {
            return fail("Invalid parameter type for '{}', expected: number", name);
        }
    }
    return out;
}

}  // namespace

Result<std::vector<CpuDefinitionInfo>> qmp_query_cpu_definitions(Context&) {
    std::vector<std::string> names(i386::cpu_model_names().begin(), i386::cpu_model_names().end());
    // QEMU's order, for people who compare: backwards, but for those that are no real processors.
    const auto rank = [](const std::string& n) { return n == "max" ? 2 : n == "base" ? 1 : 0; };
    std::ranges::sort(names, [&](const std::string& a, const std::string& b) {
        return std::pair(rank(a), a) > std::pair(rank(b), b);
    });
    std::vector<CpuDefinitionInfo> list;
    for (const std::string& name : names) {
        const i386::CpuModel model = TRY(i386::make_cpu_model(name, {}));
        CpuDefinitionInfo info;
        info.name = name;
        info.q_typename = name + "-x86_64-cpu";
        info.q_static = name == "base";
        info.migration_safe = name != "max";
        if (auto version = alias_of(name); !version.empty()) info.alias_of = version;
        const auto missing = i386::names_of(model.unavailable);
        info.unavailable_features.emplace(missing.begin(), missing.end());
        list.push_back(std::move(info));
    }
    return list;
}

Result<CpuModelExpansionInfo> qmp_query_cpu_model_expansion(
    Context&, const QueryCpuModelExpansionArgs& args) {
    // libvirt asks for "host" whatever accelerator it found: the most that guests can be given
    // here.
    const std::string name = args.model.name == "host" ? "max" : args.model.name;
    if (!i386::find_model(name)) return fail("CPU model '{}' not found", name);
    const auto given = TRY(properties_of(args.model));
    const i386::CpuModel m = TRY(i386::make_cpu_model(name, given));
    JsonObject props;
    // What the model stands for, there or not, as QEMU answers: query-cpu-definitions tells what of
    // it is missing. Only what QEMU has and this emulator lacks is left out.
    const auto feature = [&](std::string_view key, unsigned word, unsigned bit) {
        const i386::u32 shown = m.features.word[word] | m.unavailable.word[word];
        props.append(std::string(key), bool(shown >> bit & 1));
    };
    for (const i386::FeatureWordNames& w : i386::feature_word_names())
        for (unsigned bit = 0; bit < 32; bit++)
            if (!w.bit[bit].empty()) feature(w.bit[bit], w.word, bit);
    props.append("family", m.family);
    props.append("model", m.model);
    props.append("stepping", m.stepping);
    props.append("min-level", m.min_level);
    props.append("min-xlevel", m.min_xlevel);
    props.append("vendor", m.vendor);
    props.append("model-id", m.model_id);
    const bool full = args.type == CpuModelExpansionType::full;
    if (full) {
        for (const i386::FeatureAlias& a : i386::feature_aliases()) {
            const unsigned f = unsigned(*i386::find_feature(a.name));
            feature(a.alias, f / 32, f % 32);
        }
        props.append("level", m.level);
        props.append("xlevel", m.xlevel);
        props.append("phys-bits", m.physical_bits);
        props.append("tcg-cpuid", m.tcg_leaves);
        props.append("legacy-cache", m.caches == i386::Caches::legacy);
    }
    CpuModelExpansionInfo out;
    out.model.name = full ? args.model.name : "base";
    out.model.props = Json(std::move(props));
    return out;
}

}  // namespace qapi
