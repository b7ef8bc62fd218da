// SPDX-License-Identifier: GPL-2.0-or-later
//
// A bus owns the devices plugged into it, in the order they were plugged (and destroys them in the
// reverse), and says how they are called in a stream. Each kind of bus (hw/isa, hw/pci, hw/ide ...)
// derives its own.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "hw/core/device.h"

namespace hw {

class Bus : public qom::Object {
public:
    /// Becomes a child of its parent device in the object tree.
    Bus(const qom::Type& type, std::string name, Device* parent);
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
    /// The whole path of a child in a stream ("0000:00:01.1"); empty = none.
    virtual std::string device_path(const Device&) const { return {}; }
    virtual bool hotplug() const { return false; }
    /// Has no room for another device; -device without bus= passes it by.
    virtual bool full() const { return false; }
    /// What `info qtree` says of a child beyond its properties, a line each: "isa irqs 4".
    virtual std::vector<std::string> describe(const Device&) const { return {}; }
    /// Carries out device_del: calls `let_go`, which destroys the device, at once. A bus whose
    /// guest has a say keeps it, asks the guest, and calls it when the guest is ready.
    virtual Result<void> request_unplug(Device&, std::function<void(Device&)> let_go);

    /// Attaches, realizes and keeps; a device that fails is destroyed and the bus is as before. A
    /// device that joins a running machine is reset.
    Result<Device*> plug(std::unique_ptr<Device>, Platform&);
    /// Takes a device out and destroys it.
    void unplug(Device&);

private:
    std::string bus_name_;
    Device* parent_device_;
    std::vector<std::unique_ptr<Device>> devices_;
};

/// The ancestor of all of them in the type tree.
extern const qom::Type bus_type;

/// The number that a bus of `kind` has among those of its kind in the machine, and its name:
/// "ide.2" for `stem` "ide", or by the id of its device.
unsigned next_bus_number(Device& parent, std::string_view kind);
std::string next_bus_name(Device& parent, std::string_view kind, std::string_view stem);

}  // namespace hw
