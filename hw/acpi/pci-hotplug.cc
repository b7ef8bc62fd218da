// SPDX-License-Identifier: GPL-2.0-or-later
#include "hw/acpi/pci-hotplug.h"

#include <bit>

#include "migration/vmstate/fields.h"

namespace hw {
namespace {

enum : u64 { UP = 0x00, DOWN = 0x04, EJ = 0x08, RMV = 0x0c, SEL = 0x10, AIDX = 0x14 };
constexpr u32 version_with_index = 1;

using P = PciHotplugSlots;
constexpr auto slot_fields =
    vmstate::fields(vmstate::field<&P::up>("up"), vmstate::field<&P::down>("down"));
static_assert(vmstate::covers<P>(slot_fields));

constexpr auto ops = exec::memory_ops<&PciHotplug::read, &PciHotplug::write>(
    {.valid = {4, 4, false}, .impl = {4, 4, false}});

}  // namespace

constinit const vmstate::Table pci_hotplug_slots_table{.name = "acpi_pcihp_pci_status",
                                                       .fields = slot_fields};

std::unique_ptr<exec::MemoryRegion> PciHotplug::make_region(exec::MemoryMap& map) {
    return exec::MemoryRegion::io(map, "acpi-pci-hotplug", size, ops, this);
}

void PciHotplug::plugged(unsigned bus, unsigned slot) {
    state_.acpi_pcihp_pci_status[bus].up |= 1u << slot;
    raise_gpe_();
}

void PciHotplug::request_unplug(unsigned bus, unsigned slot) {
    state_.acpi_pcihp_pci_status[bus].down |= 1u << slot;
    raise_gpe_();
}

u64 PciHotplug::read(u64 offset, unsigned) {
    const u32 bus = state_.hotplug_select;
    if (bus >= PciHotplugState::buses) return 0;
    P& slots = state_.acpi_pcihp_pci_status[bus];
    switch (offset) {
        case UP: return std::exchange(slots.up, 0);  // told once
        case DOWN: return slots.down;
        case EJ: return version_with_index;
        case RMV: return slots_.removable ? slots_.removable(bus) : 0;
        case SEL: return bus;
        case AIDX: return std::exchange(state_.acpi_index, 0);
        default: return 0;
    }
}

void PciHotplug::write(u64 offset, u64 wide, unsigned) {
    const u32 value = u32(wide);
    const u32 bus = state_.hotplug_select;
    switch (offset) {
        case EJ:
            if (bus >= PciHotplugState::buses || !value) break;
            state_.acpi_pcihp_pci_status[bus].down &= ~value;
            for (u32 left = value; left; left &= left - 1)
                if (slots_.eject) slots_.eject(bus, unsigned(std::countr_zero(left)));
            break;
        case SEL: state_.hotplug_select = value; break;
        case AIDX:
            // A slot's bit in, its device's index out at the next read.
            if (bus < PciHotplugState::buses && value && slots_.acpi_index)
                state_.acpi_index = slots_.acpi_index(bus, unsigned(std::countr_zero(value)));
            break;
        default: break;
    }
}

}  // namespace hw
