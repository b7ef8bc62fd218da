// SPDX-License-Identifier: GPL-2.0-or-later
#include "hw/i386/cpu-properties.h"

#include <vector>

#include "hw/i386/x86-cpu.h"
#include "qapi/json.h"
#include "qom/property.h"
#include "target/i386/feature-names.h"

namespace hw {

namespace {

const X86Cpu& cpu_of(const qom::Object& o) {
    return static_cast<const X86Cpu&>(o);
}

qapi::Json has_feature(const qom::Object& o, std::string_view name) {
    return cpu_of(o).model().features.has(*i386::find_feature(name));
}

qapi::Json unavailable_features(const qom::Object& o, std::string_view) {
    qapi::JsonArray names;
    for (std::string_view name : i386::names_of(cpu_of(o).model().unavailable))
        names.emplace_back(name);
    return names;
}

template <auto Member>
qapi::Json of_model(const qom::Object& o, std::string_view) {
    return cpu_of(o).model().*Member;
}

using i386::CpuModel;

constexpr qom::Computed numbers_and_names[]{
    {"family", "int", of_model<&CpuModel::family>},
    {"model", "int", of_model<&CpuModel::model>},
    {"stepping", "int", of_model<&CpuModel::stepping>},
    {"level", "uint32", of_model<&CpuModel::level>},
    {"min-level", "uint32", of_model<&CpuModel::min_level>},
    {"xlevel", "uint32", of_model<&CpuModel::xlevel>},
    {"min-xlevel", "uint32", of_model<&CpuModel::min_xlevel>},
    {"phys-bits", "uint32", of_model<&CpuModel::physical_bits>},
    {"vendor", "string", of_model<&CpuModel::vendor>},
    {"model-id", "string", of_model<&CpuModel::model_id>},
    {"tcg-cpuid", "bool", of_model<&CpuModel::tcg_leaves>},
    {"legacy-cache", "bool",
     [](const qom::Object& o, std::string_view) {
         return qapi::Json(cpu_of(o).model().caches == i386::Caches::legacy);
     }},
    {"unavailable-features", "strList", unavailable_features},
};

}  // namespace

std::span<const qom::Property> cpu_place_properties() {
    using C = X86CpuConfig;
    using qom::property;
    static constexpr auto properties =
        qom::properties(property<&C::apic_id>("apic-id"), property<&C::node_id>("node-id"),
                        property<&C::socket_id>("socket-id"), property<&C::die_id>("die-id"),
                        property<&C::core_id>("core-id"), property<&C::thread_id>("thread-id"));
    return properties;
}

std::span<const qom::Computed> cpu_properties() {
    static const std::vector<qom::Computed> all = [] {
        std::vector<qom::Computed> list(std::begin(numbers_and_names), std::end(numbers_and_names));
        for (const i386::FeatureWordNames& w : i386::feature_word_names())
            for (std::string_view name : w.bit)
                if (!name.empty()) list.push_back({name, "bool", has_feature});
        for (const i386::FeatureAlias& a : i386::feature_aliases())
            list.push_back({a.alias, "bool", has_feature});
        return list;
    }();
    return all;
}

}  // namespace hw
