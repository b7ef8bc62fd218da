// SPDX-License-Identifier: GPL-2.0-or-later
//
// The ancestors that every device and bus type has.
#include "hw/core/types.h"

#include "hw/core/bus.h"
#include "hw/core/machine.h"
#include "hw/core/system-bus.h"
#include "qapi/json.h"

namespace hw {

namespace {

const Device& device(const qom::Object& o) {
    return static_cast<const Device&>(o);
}

constexpr qom::Computed device_values[] = {
    {"realized", "bool",
     [](const qom::Object& o, std::string_view) { return qapi::Json(device(o).realized()); }},
    {"hotplugged", "bool",
     [](const qom::Object& o, std::string_view) { return qapi::Json(device(o).hotplugged()); }},
    {"hotpluggable", "bool",
     [](const qom::Object& o, std::string_view) {
         return qapi::Json(device(o).device_type().hotpluggable);
     }},
};

}  // namespace

constinit const qom::Type device_type{
    .name = "device", .abstract = true, .computed = device_values};
constinit const qom::Type bus_type{.name = "bus", .abstract = true};

std::span<const qom::Type* const> core_types() {
    static constexpr const qom::Type* types[] = {&device_type, &bus_type, &machine_type,
                                                 &system_bus_type, &system_bus_device_type};
    return types;
}

}  // namespace hw
