// SPDX-License-Identifier: GPL-2.0-or-later
#include "hw/core/qtree.h"

#include "hw/core/bus.h"
#include "hw/core/system-bus.h"
#include "qapi/json.h"
#include "qom/type-table.h"
#include "util/cutils.h"

namespace hw {

namespace {

std::string value_text(const qom::Property& p, const void* config) {
    using Kind = qom::PropertyKind;
    if (p.kind == Kind::Custom && p.custom->print)
        return p.custom->print(p.address(const_cast<void*>(config)));
    const qapi::Json value = qom::get(p, config);
    if (auto* text = value.string()) return "\"" + *text + "\"";
    if (auto* on = value.boolean()) return *on ? "true" : "false";
    if (auto n = value.unsigned_integer())
        return p.kind == Kind::Size ? fmt::format("{} ({})", *n, size_to_string(*n))
                                    : fmt::format("{} ({:#x})", *n, *n);
    if (auto n = value.integer())
        return fmt::format("{} ({:#x})", *n, static_cast<std::uint64_t>(*n));
    return value.is_null() ? "\"\"" : value.text();
}

struct Printer {
    const qom::TypeTable& types;
    std::string text{};

    void line(unsigned depth, std::string_view what) {
        text += fmt::format("{:{}}{}\n", "", depth, what);
    }

    void device(const Device& d, unsigned depth) {
        line(depth, fmt::format("dev: {}, id \"{}\"", d.type_name(), d.id()));
        depth += 2;
        for (const Pins& pins : d.pins()) {
            if (pins.in) line(depth, fmt::format("gpio-in \"{}\" {}", pins.name, pins.in));
            if (pins.out) line(depth, fmt::format("gpio-out \"{}\" {}", pins.name, pins.out));
        }
        const void* config = const_cast<Device&>(d).config();
        for (const qom::Type* t = &d.type(); t && config; t = types.parent(*t))
            for (const qom::Property& p : t->properties)
                if (p.listed) line(depth, fmt::format("{} = {}", p.name, value_text(p, config)));
        for (const std::string& more :
             d.parent_bus() ? d.parent_bus()->describe(d) : describe_windows(d))
            line(depth, more);
        // The latest first, as with the devices of a bus.
        const auto buses = d.child_buses();
        for (auto b = buses.rbegin(); b != buses.rend(); ++b)
            bus(**b, depth);
    }

    void bus(const Bus& b, unsigned depth) {
        line(depth, "bus: " + b.bus_name());
        line(depth + 2, fmt::format("type {}", b.kind()));
        const auto& devices = b.devices();
        for (auto d = devices.rbegin(); d != devices.rend(); ++d)
            device(**d, depth + 2);
    }
};

void collect_system_devices(const qom::Object& o, std::vector<const Device*>& found) {
    if (auto* device = dynamic_cast<const Device*>(&o))
        if (!device->parent_bus() && device->realized() && device->device_type().bus == "System")
            found.push_back(device);
    for (const qom::Object* child : o.children())
        collect_system_devices(*child, found);
}

}  // namespace

std::string qtree(const qom::TypeTable& types, const qom::Object& machine) {
    Printer out{types};
    std::vector<const Device*> devices;
    collect_system_devices(machine, devices);
    out.line(0, "bus: main-system-bus");
    out.line(2, "type System");
    for (auto d = devices.rbegin(); d != devices.rend(); ++d)
        out.device(**d, 2);
    return std::move(out.text);
}

std::string qtree(const qom::TypeTable& types, const Bus& top) {
    Printer out{types};
    out.bus(top, 0);
    return std::move(out.text);
}

}  // namespace hw
