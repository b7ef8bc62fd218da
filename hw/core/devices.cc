// SPDX-License-Identifier: GPL-2.0-or-later
#include "hw/core/devices.h"

#include "hw/core/bus.h"
#include "hw/core/machine.h"
#include "hw/core/reset.h"
#include "qapi/keyval.h"
#include "qapi/qapi-events-qdev.h"
#include "qom/access.h"
#include "qom/type-table.h"

namespace hw {

Devices::Devices(const qom::TypeTable& types, Platform& platform, Places places,
                 qapi::EventSink* events)
    : types_(types), platform_(platform), places_(places), events_(events) {}

std::vector<const DeviceType*> Devices::user_creatable() const {
    std::vector<const DeviceType*> list;
    for (const DeviceType* type : types_.all_of<DeviceType>())
        if (!type->abstract && type->user_creatable) list.push_back(type);
    return list;
}

Result<const DeviceType*> Devices::creatable(std::string_view name) const {
    const qom::Type* any = types_.find(name);
    if (!any || !types_.is_a(*any, "device"))
        return fail("'{}' is not a valid device model name", name);
    const auto* type = types_.find_as<DeviceType>(name);
    if (!type || type->abstract)
        return fail("Parameter 'driver' expects a non-abstract device type");
    if (!type->user_creatable || (platform_.machine_done && !type->hotpluggable))
        return fail("Parameter 'driver' expects a pluggable device type");
    return type;
}

Result<std::unique_ptr<Device>> Devices::make(std::string_view type_name) const {
    const auto* type = types_.find_as<DeviceType>(type_name);
    if (!type || type->abstract) return fail("'{}' is not a valid device model name", type_name);
    if (!type->create) {
        if (!board_maker_)
            return fail("Device '{}' can not be hotplugged on this machine", type_name);
        return board_maker_(*type);
    }
    std::unique_ptr<Device> device = type->create();
    TRY(apply_globals(*device));
    return device;
}

Result<void> Devices::apply_globals(Device& device) const {
    for (const Setting& s : globals_for(device.type()))
        if (auto done = qom::set_text(types_, device, s.property, s.value); !done)
            return fail("can't apply global {}.{}={}: {}", s.driver, s.property, s.value,
                        done.error().description());
    return {};
}

std::vector<Devices::Setting> Devices::globals_for(const qom::Type& type) const {
    std::vector<Setting> settings;
    for (const CompatProperty& c : compatibility_)
        if (types_.is_a(type, c.driver)) settings.push_back({c.driver, c.property, c.value});
    for (const GlobalProperty& g : globals_)
        if (types_.is_a(type, g.driver)) {
            g.used = true;
            settings.push_back({g.driver, g.property, g.value});
        }
    return settings;
}

Bus* Devices::find_bus(qom::Object& under, std::string_view name) const {
    if (auto* bus = dynamic_cast<Bus*>(&under); bus && bus->bus_name() == name) return bus;
    for (qom::Object* child : under.children())
        if (Bus* found = find_bus(*child, name)) return found;
    return nullptr;
}

Result<Bus*> Devices::choose_bus(const DeviceType& type, const std::string* name) const {
    Bus* bus = nullptr;
    if (name) {
        qom::Object& root = places_.peripheral.root();
        bus = name->starts_with('/') ? dynamic_cast<Bus*>(root.resolve(*name))
                                     : find_bus(root, *name);
        if (!bus) return fail("Bus '{}' not found", *name);
        if (bus->kind() != type.bus)
            return fail("Device '{}' can't go on {} bus", type.name, bus->kind());
        if (bus->full()) return fail("Bus '{}' is full", *name);
    } else {
        for (Bus* candidate : buses_ ? buses_() : std::vector<Bus*>())
            if (!bus && candidate->kind() == type.bus && !candidate->full()) bus = candidate;
        if (!bus) return fail("No '{}' bus found for device '{}'", type.bus, type.name);
    }
    if (platform_.machine_done && !bus->hotplug())
        return fail("Bus '{}' does not support hotplugging", bus->bus_name());
    return bus;
}

Result<Device*> Devices::add(const qapi::Argument& argument, qom::Object* anonymous) {
    const qapi::JsonObject& options = *argument.value.object();
    const bool typed = argument.form == qapi::Argument::Form::json;
    auto text = [&](std::string_view key) -> const std::string* {
        const qapi::Json* value = options.find(key);
        return value ? value->string() : nullptr;
    };
    const std::string* driver = text("driver");
    if (!driver) return fail("Parameter 'driver' is missing");
    const DeviceType* type = TRY(creatable(*driver));
    const std::string* id = text("id");
    if (id && !qapi::is_identifier(*id))
        return fail("Parameter 'id' expects an identifier")
            .with_hint(
                "Identifiers consist of letters, digits, '-', '.', '_', starting with a "
                "letter.");
    Bus* bus = type->bus.empty() ? nullptr : TRY(choose_bus(*type, text("bus")));
    if (id && places_.peripheral.child(*id)) return fail("Duplicate device ID '{}'", *id);

    std::unique_ptr<Device> device = TRY(make(*driver));
    for (const auto& [key, value] : options) {
        if (key == "driver" || key == "id" || key == "bus") continue;
        if (!typed && value.string())
            TRY(qom::set_text(types_, *device, key, *value.string()));
        else
            TRY(qom::set(types_, *device, key, value));
    }
    if (id) {
        device->set_id(*id);
        places_.peripheral.add_child(*id, *device);
    } else {
        (anonymous ? *anonymous : places_.peripheral_anon).add_child("device[*]", *device);
    }
    if (bus) return bus->plug(std::move(device), platform_);
    // Nothing carries it: it is ours.
    TRY(device->bring_up(platform_));
    hw::reset(*device);
    return loose_.emplace_back(std::move(device)).get();
}

void Devices::reset_loose() {
    for (auto& device : loose_)
        hw::reset(*device);
}

Result<void> Devices::remove(std::string_view id) {
    qom::Object* object =
        id.starts_with('/') ? places_.peripheral.root().resolve(id) : places_.peripheral.child(id);
    if (!object) return fail(ErrorClass::DeviceNotFound, "Device '{}' not found", id);
    auto* device = dynamic_cast<Device*>(object);
    if (!device) return fail("{} is not a hotpluggable device", id);
    if (device->unplug_requested())
        return fail("Device {} is already in the process of unplug", id);
    Bus* bus = device->parent_bus();
    if (bus && !bus->hotplug())
        return fail("Bus '{}' does not support hotplugging", bus->bus_name());
    // A guest may be asked for these any number of times.
    if (!bus) return device->request_unplug();
    if (!device->device_type().hotpluggable)
        return fail("Device '{}' does not support hotplugging", device->type_name());
    device->set_unplug_requested(true);
    auto asked = bus->request_unplug(*device, [this](Device& d) { finish_removal(d); });
    if (!asked) device->set_unplug_requested(false);
    return asked;
}

void Devices::finish_removal(Device& device) {
    finish_removal(device, [&] {
        if (Bus* bus = device.parent_bus()) {
            bus->unplug(device);
        } else {
            device.take_down();
            std::erase_if(loose_, [&](const auto& d) { return d.get() == &device; });
        }
    });
}

void Devices::finish_removal(Device& device, const std::function<void()>& destroy) {
    qapi::DeviceDeletedEvent event;
    if (!device.id().empty()) event.device = device.id();
    event.path = device.path();
    destroy();
    if (events_) emit(*events_, event);
}

}  // namespace hw
