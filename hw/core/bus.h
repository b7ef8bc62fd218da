// SPDX-License-Identifier: GPL-2.0-or-later
//
// A bus owns the devices plugged into it, in the order they were plugged, and says how they are
// called in a stream. Each kind of bus (hw/isa, hw/pci, hw/ide ...) derives its own.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "hw/core/device.h"

namespace hw {

class Bus : public qom::Object {
public:
    Bus(const qom::Type& type, std::string name, Device* parent)
        : Object(type), bus_name_(std::move(name)), parent_device_(parent) {}
    ~Bus() override;

    /// "pci.0", "isa.0": what `-device X,bus=` names.
    const std::string& bus_name() const { return bus_name_; }
    Device* parent_device() const { return parent_device_; }
    const std::vector<std::unique_ptr<Device>>& devices() const { return devices_; }

    /// The word a device type's `bus` must hold to fit here.
    virtual std::string_view kind() const = 0;
    /// Takes its place (slot, address) or refuses: "PCI: slot 3 function 0 not available for edu,
    /// in use by VGA".
    virtual Result<void> attach(Device&) { return {}; }
    virtual void detach(Device&) {}
    /// Path of a child in a stream ("0000:00:01.1"); empty = none.
    virtual std::string device_path(const Device&) const { return {}; }
    /// "0000:00:01.1" with the parents' paths in front, as savevm wants it.
    std::string full_path(const Device&) const;
    virtual bool hotplug() const { return false; }

    /// Attaches, realizes and keeps; a device that fails is destroyed and the bus is as before.
    Result<Device*> plug(std::unique_ptr<Device>, Platform&);
    /// Takes a device out and destroys it.
    void unplug(Device&);

private:
    std::string bus_name_;
    Device* parent_device_;
    std::vector<std::unique_ptr<Device>> devices_;
};

}  // namespace hw
