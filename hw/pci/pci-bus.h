// SPDX-License-Identifier: GPL-2.0-or-later
//
// A PCI bus: which function answers at which device number, the spaces its base addresses map into,
// and the interrupt wires behind its four pins. A host bridge (or a PCI-to-PCI bridge) owns it.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "hw/core/bus.h"
#include "hw/core/irq.h"
#include "hw/pci/pci-regs.h"

namespace hw {

class PciDevice;

/// The wire form of "PCIBUS": how many functions pull each interrupt wire down.
struct PciBusState {
    std::int32_t nirq = 0;
    std::vector<std::int32_t> irq_count;
};

extern const qom::Type pci_bus_type;

/// Who tells the guest that a slot was filled or shall be emptied.
class PciHotplugHandler {
public:
    virtual ~PciHotplugHandler() = default;
    virtual void plugged(PciDevice&) = 0;
    /// The device goes when the guest lets it: Devices::finish_removal() then.
    virtual void request_unplug(PciDevice&) = 0;
};

class PciBus final : public Bus, public vmstate::Stateful<PciBusState> {
public:
    struct Wiring {
        exec::MemoryRegion& memory;        // where memory BARs appear
        exec::MemoryRegion& io;            // where I/O BARs appear
        exec::AddressSpace& master_space;  // what a bus master reads and writes
        unsigned bus_number = 0;
        unsigned first_devfn = 0;  // slots below are never given out by themselves
        /// Devices are called "0000:03.0" in a stream, without the bus's number: so QEMU 1.6 did.
        bool short_paths = false;
        /// The function that leads here from another bus; null: a host bridge does.
        PciDevice* bridge = nullptr;
    };

    PciBus(std::string name, Device* parent, const Wiring&);

    /// Where the wires go: `route` says which of `count` wires a pin of a device number drives.
    void connect_interrupts(unsigned (*route)(unsigned devfn, unsigned pin), unsigned count,
                            IrqIn::Handler handler, void* target);

    std::string_view kind() const override { return "PCI"; }
    Result<void> attach(Device&) override;
    void detach(Device&) override;
    std::string device_path(const Device&) const override;
    std::vector<std::string> describe(const Device&) const override;
    bool hotplug() const override { return hotplug_handler_; }
    void set_hotplug_handler(PciHotplugHandler* handler) { hotplug_handler_ = handler; }
    PciHotplugHandler* hotplug_handler() const { return hotplug_handler_; }
    Result<void> request_unplug(Device&, std::function<void(Device&)>) override;

    PciDevice* function(unsigned devfn) const { return functions_[devfn & 0xff]; }
    /// What configuration cycles call it: behind a bridge, the number that software gave it.
    unsigned bus_number() const;
    PciDevice* bridge() const { return wiring_.bridge; }
    /// This bus, or the one behind its bridges, to which configuration cycles for `number` get.
    PciBus* find(unsigned number);
    const Wiring& wiring() const { return wiring_; }

    /// Configuration cycles; a device number nobody answers at reads all ones.
    std::uint32_t config_read(unsigned devfn, unsigned address, unsigned size);
    void config_write(unsigned devfn, unsigned address, std::uint32_t value, unsigned size);

    /// A function's pin changed by `change` (+1, -1).
    void change_interrupt(unsigned devfn, unsigned pin, int change);
    bool interrupt_level(unsigned wire) const;

    const vmstate::Table& vmstate() const override;

private:
    Result<unsigned> free_devfn(std::string_view type_name) const;
    Result<void> check_multifunction(const PciDevice&, unsigned devfn) const;

    Wiring wiring_;
    std::array<PciDevice*, 256> functions_{};
    unsigned (*route_)(unsigned, unsigned) = nullptr;
    IrqIn::Handler handler_ = nullptr;
    void* target_ = nullptr;
    PciHotplugHandler* hotplug_handler_ = nullptr;
};

}  // namespace hw
