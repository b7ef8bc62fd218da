// SPDX-License-Identifier: GPL-2.0-or-later
//
// The register block through which a guest learns of processors that come and go
// (docs/specs/acpi_cpu_hotplug). It starts in the old form, a bitmap of the APIC IDs present; a
// write switches to the form with a selector for good.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "exec/memory.h"
#include "hw/core/int.h"
#include "migration/vmstate/table.h"

namespace hw {

struct CpuHotplugDevice {
    bool is_inserting = false;
    bool is_removing = false;
    u32 ost_event = 0;
    u32 ost_status = 0;
};

struct CpuHotplugState {
    u32 selector = 0;
    u8 command = 0;
    std::vector<CpuHotplugDevice> devs;  // one for each processor possible
};
/// "CPU hotplug state"
extern const vmstate::Table cpu_hotplug_table;

class CpuHotplug {
public:
    struct Processor {
        u64 apic_id = 0;
        bool present = false;
    };
    static constexpr u64 legacy_size = 32, size = 12;

    /// `told` hears that the guest said how it went (_OST).
    CpuHotplug(CpuHotplugState& state, std::vector<Processor> possible,
               std::function<void()> raise_gpe, std::function<void(unsigned)> eject,
               std::function<void(unsigned)> told = {});

    /// After a state was loaded that has (or has not) a record of the new form.
    void set_modern(bool modern);
    bool modern() const { return modern_; }
    const std::vector<Processor>& processors() const { return possible_; }

    /// One that was there from the start is not news.
    void plugged(unsigned index, bool hot = true);
    void request_unplug(unsigned index);
    void unplugged(unsigned index) { possible_[index].present = false; }

    /// The region (two, of which one is on) to be mapped at the chip set's address.
    void make_regions(exec::MemoryMap&);
    exec::MemoryRegion& legacy_region() { return *legacy_region_; }
    exec::MemoryRegion& region() { return *region_; }

    u64 legacy_read(u64 offset, unsigned);
    void legacy_write(u64 offset, u64 value, unsigned);
    u64 read(u64 offset, unsigned size);
    void write(u64 offset, u64 value, unsigned size);

private:
    CpuHotplugDevice* selected();
    void command(u8 value);

    CpuHotplugState& state_;
    std::vector<Processor> possible_;
    std::function<void()> raise_gpe_;
    std::function<void(unsigned)> eject_, told_;
    bool modern_ = false;
    std::unique_ptr<exec::MemoryRegion> legacy_region_, region_;
};

}  // namespace hw
