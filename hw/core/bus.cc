// SPDX-License-Identifier: GPL-2.0-or-later
#include "hw/core/bus.h"

#include <algorithm>
#include <cassert>

#include "hw/core/reset.h"

namespace hw {

Bus::Bus(const qom::Type& type, std::string name, Device* parent)
    : Object(type), bus_name_(std::move(name)), parent_device_(parent) {
    if (parent) parent->add_child(bus_name_, *this);
}

Bus::~Bus() {
    // The derived bus is gone already, so there is no detach(); nobody will ask it any more.
    while (!devices_.empty()) {
        devices_.back()->take_down();
        devices_.back()->parent_bus_ = nullptr;
        devices_.pop_back();
    }
}

namespace {

unsigned count_buses(const qom::Object& under, std::string_view kind) {
    unsigned n = 0;
    if (auto* bus = dynamic_cast<const Bus*>(&under); bus && bus->kind() == kind) n++;
    for (const qom::Object* child : under.children())
        n += count_buses(*child, kind);
    return n;
}

}  // namespace

unsigned next_bus_number(Device& parent, std::string_view kind) {
    return count_buses(parent.root(), kind);
}

std::string next_bus_name(Device& parent, std::string_view kind, std::string_view stem) {
    if (!parent.id().empty()) return fmt::format("{}.{}", parent.id(), parent.child_buses().size());
    return fmt::format("{}.{}", stem, next_bus_number(parent, kind));
}

Result<Device*> Bus::plug(std::unique_ptr<Device> device, Platform& platform) {
    Device& d = *device;
    d.parent_bus_ = this;
    TRY(attach(d));
    devices_.push_back(std::move(device));
    if (auto up = d.bring_up(platform); !up) {
        detach(d);
        devices_.pop_back();
        return std::move(up).error();
    }
    if (platform.machine_done) reset(d);
    return &d;
}

void Bus::unplug(Device& device) {
    auto place = std::find_if(devices_.begin(), devices_.end(),
                              [&](const auto& d) { return d.get() == &device; });
    assert(place != devices_.end());
    device.take_down();
    detach(device);
    // Out of the list first: what the destructor calls must not find it there.
    auto dying = std::move(*place);
    devices_.erase(place);
}

Result<void> Bus::request_unplug(Device& device, std::function<void(Device&)> let_go) {
    let_go(device);
    return {};
}

}  // namespace hw
