// SPDX-License-Identifier: GPL-2.0-or-later
#include "hw/acpi/memory-hotplug.h"

#include "migration/vmstate/fields.h"

namespace hw {
namespace {

// Read and write meanings differ by offset.
enum : u64 {
    address_low_or_selector = 0x00,
    address_high_or_ost_event = 0x04,
    length_low_or_ost_status = 0x08,
    length_high = 0x0c,
    proximity = 0x10,
    flags_or_control = 0x14,
};
constexpr unsigned flag_enabled = 1, flag_inserting = 2, flag_removing = 4, control_eject = 8;

using M = MemoryHotplugSlot;
constexpr auto slot_fields = vmstate::fields(
    vmstate::field<&M::is_enabled>("is_enabled"), vmstate::field<&M::is_inserting>("is_inserting"),
    vmstate::field<&M::ost_event>("ost_event"), vmstate::field<&M::ost_status>("ost_status"));
static_assert(vmstate::covers<M>(slot_fields, vmstate::not_saved<&M::is_removing>()));
constexpr vmstate::Table slot_table{.name = "memory hotplug device state", .fields = slot_fields};

using S = MemoryHotplugState;
constexpr auto fields = vmstate::fields(vmstate::field<&S::selector>("selector"),
                                        vmstate::structs<&S::devs>("devs", slot_table));
static_assert(vmstate::covers<S>(fields));
constexpr auto selector_fields = vmstate::fields(vmstate::field<&S::selector>("selector"));

constexpr auto ops = exec::memory_ops<&MemoryHotplug::read, &MemoryHotplug::write>(
    {.valid = {1, 4, false}, .impl = {1, 4, false}});

}  // namespace

constinit const vmstate::Table memory_hotplug_table{.name = "memory hotplug state",
                                                    .fields = fields};
constinit const vmstate::Table memory_selector_table{.name = "memory hotplug state",
                                                     .fields = selector_fields};

MemoryHotplug::MemoryHotplug(S& state, unsigned slots, Wiring wiring)
    : state_(state), wiring_(std::move(wiring)) {
    state_.devs.resize(slots);
}

std::unique_ptr<exec::MemoryRegion> MemoryHotplug::make_region(exec::MemoryMap& map) {
    return exec::MemoryRegion::io(map, "acpi-mem-hotplug", size, ops, this);
}

M* MemoryHotplug::selected() {
    return state_.selector < state_.devs.size() ? &state_.devs[state_.selector] : nullptr;
}

u64 MemoryHotplug::read(u64 offset, unsigned) {
    const M* slot = selected();
    if (!slot) return 0;
    if (offset == flags_or_control)
        return (slot->is_enabled ? flag_enabled : 0u) | (slot->is_inserting ? flag_inserting : 0u) |
               (slot->is_removing ? flag_removing : 0u);
    const Module module = wiring_.module(state_.selector).value_or(Module{});
    switch (offset) {
        case address_low_or_selector: return u32(module.address);
        case address_high_or_ost_event: return module.address >> 32;
        case length_low_or_ost_status: return u32(module.size);
        case length_high: return module.size >> 32;
        case proximity: return module.node;
        default: return ~u64{0};
    }
}

void MemoryHotplug::write(u64 offset, u64 value, unsigned) {
    if (offset == address_low_or_selector) {
        state_.selector = u32(value);
        return;
    }
    M* slot = selected();
    if (!slot) return;
    switch (offset) {
        case address_high_or_ost_event: slot->ost_event = u32(value); break;
        case length_low_or_ost_status:
            slot->ost_status = u32(value);
            wiring_.told(state_.selector);
            break;
        case flags_or_control:
            if (value & flag_inserting)
                slot->is_inserting = false;
            else if (value & flag_removing)
                slot->is_removing = false;
            else if (value & control_eject && slot->is_enabled)
                wiring_.eject(state_.selector);
            break;
        default: break;
    }
}

void MemoryHotplug::plugged(unsigned slot, bool hot) {
    M& m = state_.devs[slot];
    m.is_enabled = true;
    if (!hot) return;
    m.is_inserting = true;
    wiring_.raise_gpe();
}

void MemoryHotplug::request_unplug(unsigned slot) {
    state_.devs[slot].is_removing = true;
    wiring_.raise_gpe();
}

}  // namespace hw
