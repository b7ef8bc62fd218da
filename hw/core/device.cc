// SPDX-License-Identifier: GPL-2.0-or-later
#include "hw/core/device.h"

#include "hw/core/bus.h"

namespace hw {

Device::~Device() {
    take_down();
}

Result<void> Device::bring_up(Platform& platform) {
    platform_ = &platform;
    hotplugged_ = platform.machine_done;
    if (!parent() && platform.unattached) platform.unattached->add_child("device[*]", *this);
    if (parent_bus_) set_link("parent_bus", "bus", parent_bus_);
    auto migratable = [&]() -> Result<void> {
        const auto* saved = saved_state();
        if (!platform.only_migratable || !saved || saved->vmstate().unmigratable.empty()) return {};
        return fail("Device {} is not migratable, but --only-migratable was specified",
                    type_name());
    };
    auto done = migratable();
    if (done) done = realize(platform);
    if (!done) {
        leave_tree();
        return done;
    }
    realized_ = true;
    if ((signed_in_ = saved_state()))
        platform.states.add(parent_bus_ ? parent_bus_->device_path(*this) : std::string(),
                            *signed_in_, saved_instance(), saved_priority());
    sign_in_buses(platform.states);
    return {};
}

Result<void> Device::request_unplug() {
    return fail("Device '{}' does not support hotplugging", type_name());
}

void Device::take_down() {
    if (!realized_) return;
    realized_ = false;
    // In the base class's destructor the buses below are gone, and with them what hung there.
    if (signed_in_) platform_->states.remove(*std::exchange(signed_in_, nullptr));
}

Result<void> Device::may_set(const qom::Property& property) const {
    if (!realized_ || property.run_time) return {};
    if (id_.empty())
        return fail(
            "Attempt to set property '{}' on anonymous device (type '{}') after it was realized",
            property.name, type_name());
    return fail("Attempt to set property '{}' on device '{}' (type '{}') after it was realized",
                property.name, id_, type_name());
}

}  // namespace hw
