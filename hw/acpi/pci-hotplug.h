// SPDX-License-Identifier: GPL-2.0-or-later
//
// The register block for hotplug of PCI devices by ACPI (docs/specs/acpi_pci_hotplug): for the bus
// in SEL, a bit for each slot that was filled, should be emptied, and may be emptied.
#pragma once

#include <array>
#include <functional>
#include <memory>

#include "exec/memory.h"
#include "hw/core/int.h"
#include "migration/vmstate/table.h"

namespace hw {

struct PciHotplugSlots {
    u32 up = 0;
    u32 down = 0;
};

struct PciHotplugState {
    static constexpr unsigned buses = 256;
    u32 hotplug_select = 0;
    std::array<PciHotplugSlots, buses> acpi_pcihp_pci_status{};
    u32 acpi_index = 0;
};
/// "acpi_pcihp_pci_status"
extern const vmstate::Table pci_hotplug_slots_table;

class PciHotplug {
public:
    static constexpr u64 size = 0x18;

    /// What only the PCI bus knows; `bus` is the number that ACPI tables give it (BSEL).
    struct Slots {
        std::function<u32(unsigned bus)> removable;  // as a bitmap
        std::function<void(unsigned bus, unsigned slot)> eject;
        /// acpi-index= of the device in a slot, 0: none.
        std::function<u32(unsigned bus, unsigned slot)> acpi_index;
    };

    PciHotplug(PciHotplugState& state, Slots slots, std::function<void()> raise_gpe)
        : state_(state), slots_(std::move(slots)), raise_gpe_(std::move(raise_gpe)) {}

    void reset() { state_ = {}; }
    void plugged(unsigned bus, unsigned slot);
    void request_unplug(unsigned bus, unsigned slot);

    std::unique_ptr<exec::MemoryRegion> make_region(exec::MemoryMap&);
    u64 read(u64 offset, unsigned size);
    void write(u64 offset, u64 value, unsigned size);

private:
    PciHotplugState& state_;
    Slots slots_;
    std::function<void()> raise_gpe_;
};

}  // namespace hw
