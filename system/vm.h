// SPDX-License-Identifier: GPL-2.0-or-later
//
// Vm: one virtual machine, the owner of everything it is made of. It has no globals, so a process
// may hold any number of them. Members are declared in the order they are built and destroyed in
// reverse: what a device leans on lives longer than the device.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "accel/accel.h"
#include "exec/address-space.h"
#include "exec/memory.h"
#include "exec/ram-block.h"
#include "hw/core/devices.h"
#include "hw/core/machine.h"
#include "migration/vmstate/registry.h"
#include "qapi/context.h"
#include "qapi/json.h"
#include "qom/object.h"
#include "qom/type-table.h"
#include "qom/user-objects.h"
#include "system/run-control.h"
#include "util/bql.h"
#include "util/log.h"
#include "util/main-loop.h"
#include "util/timer.h"

namespace vm {

struct Config {
    const hw::MachineType* machine_type = nullptr;
    hw::MachineConfig machine;
    qapi::JsonObject machine_properties;         // strings, as -machine gives them
    std::vector<qapi::JsonObject> accelerators;  // tried in order; empty: tcg
    std::vector<hw::GlobalProperty> globals;
    Actions actions;
};

/// The stage before any device exists: clocks, memory map, loop, object tree. Back ends are made on
/// it.
class Foundation {
public:
    Foundation(const qom::TypeTable& types, vmstate::Registry& states, qapi::EventSink& events);
    Foundation(const Foundation&) = delete;
    ~Foundation();

    const qom::TypeTable& types;
    BigLock lock;
    Log log;
    ClockSet clocks;
    MainLoop loop;
    qapi::Context services;
    qom::Object root{qom::container_type}, objects_container{qom::container_type};
    qom::Tree tree;
    exec::MemoryMap memory;
    qom::UserObjects objects;  // may hold guest memory
    std::unique_ptr<exec::MemoryRegion> system_memory, system_io;
    exec::AddressSpace memory_space, io_space;
    RunControl run_control;
    hw::Platform platform;
};

class Vm {
public:
    /// Builds accelerator and board on a foundation, which must outlive it. The foundation's lock
    /// is held by the caller.
    static Result<std::unique_ptr<Vm>> create(Foundation&, Config);
    Vm(const Vm&) = delete;
    ~Vm();

    Foundation& foundation() { return foundation_; }
    hw::Machine& machine() { return *machine_; }
    accel::Accelerator& accelerator() { return *accelerator_; }
    hw::Devices& devices() { return *devices_; }
    const Config& config() const { return config_; }

    /// After every -device: firmware, kernel, ACPI tables; then the first reset.
    Result<void> finish();

private:
    Vm(Foundation& f, Config c) : foundation_(f), config_(std::move(c)) {}
    Foundation& foundation_;
    Config config_;
    std::unique_ptr<accel::Accelerator> accelerator_;
    std::unique_ptr<hw::Machine> machine_;
    std::unique_ptr<hw::Devices> devices_;
};

}  // namespace vm
