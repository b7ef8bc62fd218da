// SPDX-License-Identifier: GPL-2.0-or-later
//
// The register block through which a guest learns of memory modules that come and go
// (docs/specs/acpi_mem_hotplug): a selector chooses a slot, and the rest tells of that one.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "exec/memory.h"
#include "hw/core/int.h"
#include "migration/vmstate/table.h"

namespace hw {

struct MemoryHotplugSlot {
    bool is_enabled = false;
    bool is_inserting = false;
    bool is_removing = false;  // not in a stream: the request is made again
    u32 ost_event = 0;
    u32 ost_status = 0;
};

struct MemoryHotplugState {
    u32 selector = 0;
    std::vector<MemoryHotplugSlot> devs;  // one for each slot
};
/// "memory hotplug state"; on machines without slots the other one.
extern const vmstate::Table memory_hotplug_table, memory_selector_table;

class MemoryHotplug {
public:
    static constexpr u64 size = 24;

    struct Module {
        u64 address, size;
        u32 node;
    };
    struct Wiring {
        std::function<std::optional<Module>(unsigned slot)> module;
        std::function<void()> raise_gpe;
        std::function<void(unsigned slot)> eject;
        std::function<void(unsigned slot)> told;  // the guest's _OST
    };

    MemoryHotplug(MemoryHotplugState&, unsigned slots, Wiring);

    void plugged(unsigned slot, bool hot);
    void request_unplug(unsigned slot);
    void unplugged(unsigned slot) { state_.devs[slot].is_enabled = false; }

    std::unique_ptr<exec::MemoryRegion> make_region(exec::MemoryMap&);
    u64 read(u64 offset, unsigned size);
    void write(u64 offset, u64 value, unsigned size);

private:
    MemoryHotplugSlot* selected();

    MemoryHotplugState& state_;
    Wiring wiring_;
};

}  // namespace hw
