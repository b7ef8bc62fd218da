// SPDX-License-Identifier: GPL-2.0-or-later
#include "system/vm.h"

#include "accel/accelerators.h"
#include "qapi/event.h"
#include "qom/access.h"

namespace vm {

Foundation::Foundation(const qom::TypeTable& type_table, vmstate::Registry& states,
                       qapi::EventSink& events)
    : types(type_table),
      tree{root, types},
      objects(types, objects_container),
      system_memory(exec::MemoryRegion::container(memory, "system", exec::MemoryRegion::whole)),
      system_io(exec::MemoryRegion::io(memory, "io", 0x10000, exec::floating_bus_ops, nullptr)),
      memory_space(memory, *system_memory, "memory"),
      io_space(memory, *system_io, "I/O"),
      run_control(loop, clocks, events, log),
      platform{memory, *system_memory, *system_io, memory_space, io_space, clocks,
               log,    states,         services} {
    root.add_child("objects", objects_container);
    loop.add_clock(clocks.virt);
    loop.add_clock(clocks.realtime);
    loop.add_clock(clocks.host);
    services.provide<qapi::EventSink>(events);
    services.provide<hw::SystemRequests>(run_control);
    services.provide(types);
    services.provide(lock);
    services.provide(run_control);
    services.provide(loop);
    services.provide(log);
    services.provide(clocks);
    services.provide(memory);
    services.provide(tree);
    services.provide(objects);
    services.provide(platform);
    services.provide(*this);
}

Foundation::~Foundation() = default;

Result<std::unique_ptr<Vm>> Vm::create(Foundation& f, Config config) {
    std::unique_ptr<Vm> vm(new Vm(f, std::move(config)));
    const Config& c = vm->config_;
    vm->accelerator_ = TRY(accel::create_first_available(c.accelerators, f.platform));
    vm->machine_ = c.machine_type->create(*c.machine_type);
    f.root.add_child("machine", *vm->machine_);
    f.run_control.actions() = c.actions;
    f.run_control.attach(*vm->accelerator_, *vm->machine_);
    f.services.provide(*vm);
    f.services.provide<hw::Machine>(*vm->machine_);
    f.services.provide(vm->config_.machine);
    f.services.provide<accel::Accelerator>(*vm->accelerator_);
    vm->devices_ = std::make_unique<hw::Devices>(
        f.types, f.platform,
        hw::Devices::Places{vm->machine_->peripheral(), vm->machine_->peripheral_anon()},
        f.services.find<qapi::EventSink>());
    vm->devices_->set_globals(c.machine_type->compatibility, c.globals);
    vm->devices_->set_buses([machine = vm->machine_.get()] { return machine->buses(); });
    f.services.provide(*vm->devices_);
    exec::Transaction all_at_once(f.memory);
    for (const auto& [key, value] : c.machine_properties) {
        // From key=value text everything is a string; from JSON values have their types.
        if (auto* text = value.string())
            TRY(qom::set_text(f.types, *vm->machine_, key, *text));
        else
            TRY(qom::set(f.types, *vm->machine_, key, value));
    }
    TRY(vm->machine_->build(f.platform, *vm->accelerator_, c.machine));
    return vm;
}

Vm::~Vm() {
    foundation_.platform.unattached = nullptr;
    foundation_.services.withdraw<hw::Devices>();
    foundation_.services.withdraw<accel::Accelerator>();
    foundation_.services.withdraw<hw::MachineConfig>();
    foundation_.services.withdraw<hw::Machine>();
    foundation_.services.withdraw<Vm>();
}

Result<void> Vm::finish() {
    TRY(machine_->finish());
    machine_->reset();
    return {};
}

}  // namespace vm
