// SPDX-License-Identifier: GPL-2.0-or-later
#include "hw/i386/cpu-types.h"

#include <deque>
#include <string>
#include <vector>

#include "hw/i386/cpu-properties.h"
#include "target/i386/cpuid.h"

namespace hw {

namespace {

constexpr std::string_view suffix = "-x86_64-cpu";

constinit const qom::Type cpu_type{.name = "cpu", .parent = "device", .abstract = true};

/// Made once from the list of models, constant from then on.
struct Types {
    qom::Type x86_cpu_type{.name = "x86_64-cpu", .parent = "cpu", .abstract = true};
    std::deque<std::string> names;
    std::deque<DeviceType> types;
    std::vector<const DeviceType*> list;

    Types() {
        x86_cpu_type.computed = cpu_properties();
        x86_cpu_type.properties = cpu_place_properties();
        for (const std::string& model : i386::cpu_model_names()) {
            names.push_back(model + std::string(suffix));
            DeviceType t{};
            t.name = names.back();
            t.parent = x86_cpu_type.name;
            t.category = Category::Cpu;
            types.push_back(t);
            list.push_back(&types.back());
        }
    }
};

const Types& all() {
    static const Types types;
    return types;
}

}  // namespace

std::span<const qom::Type* const> cpu_base_types() {
    static const qom::Type* const types[] = {&cpu_type, &all().x86_cpu_type};
    return types;
}

std::span<const DeviceType* const> cpu_types() {
    return all().list;
}

const DeviceType* cpu_type_of(std::string_view model) {
    for (const DeviceType* t : all().list)
        if (model_of_cpu_type(t->name) == model) return t;
    return nullptr;
}

std::string_view model_of_cpu_type(std::string_view type) {
    if (type.ends_with(suffix)) type.remove_suffix(suffix.size());
    return type;
}

}  // namespace hw
