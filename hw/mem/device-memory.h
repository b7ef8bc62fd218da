// SPDX-License-Identifier: GPL-2.0-or-later
//
// The range of guest addresses that memory modules are plugged into, above all memory that the
// guest starts with, and the slots that -m slots= counts. A board makes one and provides it as a
// service; without `-m maxmem=` it has no room.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "exec/memory.h"
#include "hw/core/device.h"

namespace hw {

class MemoryModule;

/// Who tells the guest of modules that come and go (hw/acpi).
class ModuleHandler {
public:
    virtual ~ModuleHandler() = default;
    virtual void plugged(MemoryModule&) = 0;
    /// The guest is asked; the module stays until the guest has let it go.
    virtual Result<void> request_unplug(MemoryModule&) = 0;
    virtual void unplugged(MemoryModule&) = 0;
};

class DeviceMemory {
public:
    struct Plan {
        std::uint64_t base = 0, size = 0;  // of the range; size 0: there is none
        std::uint64_t room = 0;            // how much of it modules may fill together
        unsigned slots = 0;
        bool nvdimm = false;  // -machine nvdimm=on
        unsigned nodes = 0;   // proximity domains
    };
    /// The range begins at a GiB boundary above everything else, and has a GiB more for each slot,
    /// so that every module finds a place that suits it.
    static Plan plan(std::uint64_t end_of_ram, std::uint64_t room, unsigned slots,
                     bool slack_for_alignment);

    DeviceMemory(Platform&, const Plan&);
    DeviceMemory(const DeviceMemory&) = delete;
    ~DeviceMemory();

    const Plan& facts() const { return plan_; }
    /// The first address behind all of it.
    std::uint64_t end() const { return plan_.base + plan_.size; }
    /// By address.
    const std::vector<MemoryModule*>& modules() const { return modules_; }
    MemoryModule* in_slot(unsigned slot) const;
    std::uint64_t plugged_size() const;

    void set_handler(ModuleHandler* handler) { handler_ = handler; }
    ModuleHandler* handler() const { return handler_; }

    /// -1: the first that is free.
    Result<int> choose_slot(int wanted) const;
    /// 0: the first that is free.
    Result<std::uint64_t> choose_address(std::uint64_t wanted, std::uint64_t size,
                                         std::uint64_t alignment) const;
    /// Maps it where it says it is.
    void add(MemoryModule&);
    void remove(MemoryModule&);

private:
    Platform& platform_;
    Plan plan_;
    std::unique_ptr<exec::MemoryRegion> region_;
    std::vector<MemoryModule*> modules_;
    ModuleHandler* handler_ = nullptr;
};

}  // namespace hw
