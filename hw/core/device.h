// SPDX-License-Identifier: GPL-2.0-or-later
//
// A device is four things: its Config (the -device properties), its State (what migrates), its
// class (behaviour) and the wiring it gets at realize. See docs/devel/howto-device.md for a whole
// one.
//
// Life: constructed with its Config's defaults -> properties set -> realize() once (may fail, then
// it is destroyed) -> reset() any number of times -> destroyed, in reverse order of creation. All
// of it under the big lock. A device never takes the lock and never blocks.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "hw/core/irq.h"
#include "migration/vmstate/owner.h"
#include "migration/vmstate/registry.h"
#include "qom/object.h"
#include "util/log.h"
#include "util/timer.h"

namespace exec {
class AddressSpace;
class MemoryMap;
class MemoryRegion;
}  // namespace exec
namespace qapi {
class Context;
}

namespace hw {

class Bus;
class Device;

/// What the platform gives every device. References stay valid for the device's life.
struct Platform {
    exec::MemoryMap& memory;
    exec::MemoryRegion& system_memory;  // the root of CPU physical addresses
    exec::MemoryRegion& system_io;      // the root of the I/O ports
    exec::AddressSpace& memory_space;   // DMA by devices that have no IOMMU or bus of their own
    exec::AddressSpace& io_space;
    ClockSet& clocks;
    Log& log;
    vmstate::Registry& states;
    qapi::Context& services;  // events, back ends by type; see the room that provides them
    /// Where a device without a name of its own hangs: /machine/unattached/device[0].
    qom::Object* unattached = nullptr;
    /// The machine stands: what is plugged from now on is hotplugged.
    bool machine_done = false;
    /// -only-migratable: a device whose state cannot be saved is refused, also when hotplugged.
    bool only_migratable = false;
};

/// Pins of one name, as `info qtree` counts them.
struct Pins {
    std::string_view name;  // empty: the unnamed ones
    unsigned in = 0, out = 0;
};

/// The order of `-device help`.
enum class Category : std::uint8_t {
    Bridge,
    Usb,
    Storage,
    Network,
    Input,
    Display,
    Sound,
    Misc,
    Cpu,
    Watchdog,
    Uncategorized,
};

struct DeviceType : qom::Type {
    std::string_view bus{};  // the bus type it plugs into: "ISA", "PCI", "System"; empty = none
    Category category = Category::Uncategorized;
    bool user_creatable = true;  // by -device
    bool hotpluggable = true;
    std::unique_ptr<Device> (*create)() = nullptr;
};

class Device : public qom::Object {
public:
    explicit Device(const DeviceType& type) : Object(type) {}
    ~Device() override;

    const DeviceType& device_type() const { return static_cast<const DeviceType&>(type()); }
    /// The user's `id=`, or empty.
    const std::string& id() const { return id_; }
    void set_id(std::string id) { id_ = std::move(id); }
    Bus* parent_bus() const { return parent_bus_; }
    bool realized() const { return realized_; }
    bool hotplugged() const { return hotplugged_; }
    bool unplug_requested() const { return unplug_requested_; }
    void set_unplug_requested(bool on) { unplug_requested_ = on; }

    /// realize(), then signs its saved state in under the path its bus gives it.
    Result<void> bring_up(Platform&);
    /// Before destruction: withdraws what bring_up() signed in, here and on the buses below.
    void take_down();
    /// The device type or an ancestor lists the property as fixed once realized.
    Result<void> may_set(const qom::Property&) const override;

    /// Back to the state after power-on. Runs once before the first instruction. In a chain of
    /// devices the order is: all hold_reset() in tree order, then all leave_reset(); drive pins in
    /// the second.
    virtual void hold_reset() {}
    virtual void leave_reset() {}

    /// Null: nothing to save.
    virtual vmstate::Owner* saved_state() { return nullptr; }
    virtual vmstate::Priority saved_priority() const { return vmstate::Priority::Default; }
    /// device_del of a device that no bus carries: asks whoever has to let it go, who calls
    /// Devices::finish_removal() when that is done.
    virtual Result<void> request_unplug();
    /// The device has signed in; the sections of the buses it made come next.
    virtual void sign_in_buses(vmstate::Registry&) {}
    /// -1: the next free one of that name.
    virtual int saved_instance() const { return vmstate::Registry::next_instance; }

    /// The buses this device carries (a PCI host, an IDE controller).
    virtual std::span<const std::unique_ptr<Bus>> child_buses() const { return {}; }
    virtual std::vector<Pins> pins() const { return {}; }
    /// One input pin of that name (empty: the unnamed ones); unwired when there is none.
    virtual IrqIn input_pin(std::string_view /*name*/, unsigned /*number*/) { return {}; }
    /// The output pins of that name.
    virtual std::vector<IrqOut*> output_pins(std::string_view /*name*/) { return {}; }
    /// For tests that listen in on the input pins made by irq_in().
    void observe_inputs(PinObserver observer) {
        input_observer_ = observer ? std::make_unique<PinObserver>(std::move(observer)) : nullptr;
    }
    const PinObserver* input_observer() const { return input_observer_.get(); }

protected:
    virtual Result<void> realize(Platform&) = 0;
    Platform& platform() const { return *platform_; }

private:
    friend class Bus;
    std::string id_;
    Bus* parent_bus_ = nullptr;
    Platform* platform_ = nullptr;
    vmstate::Owner* signed_in_ = nullptr;
    std::unique_ptr<PinObserver> input_observer_;
    bool realized_ = false, hotplugged_ = false, unplug_requested_ = false;
};

/// The ancestor of all of them in the type tree.
extern const qom::Type device_type;

/// Most devices: a Config whose members the property table names, and a State that savevm sees.
///
///     class Pvpanic final : public DeviceOf<PvpanicConfig, PvpanicState> { ... };
template <class Config, class State>
class DeviceOf : public Device, public vmstate::Stateful<State> {
public:
    explicit DeviceOf(const DeviceType& type) : Device(type) {}
    void* config() override { return &config_; }
    vmstate::Owner* saved_state() override { return this; }

protected:
    Config config_{};
};

struct NoConfig {};

}  // namespace hw
