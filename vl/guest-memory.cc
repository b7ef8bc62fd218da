// SPDX-License-Identifier: GPL-2.0-or-later
#include "vl/guest-memory.h"

#include <algorithm>

#include "exec/memory-backend.h"
#include "vl/option-groups.h"

namespace vl {

namespace {

/// The object that QEMU makes, too: query-memdev shows it, and its name is that of the RAM block in
/// a migration stream.
Result<exec::MemoryBackend*> make_default(const Settings& s, vm::Foundation& f,
                                          const vm::Config& config) {
    const std::string id(config.machine_type->default_ram_id);
    if (f.objects.find(id))
        return fail(
            "object name '{}' is reserved for the default RAM backend, it can't be used for "
            "any other purposes. Change the object's 'id' to something else",
            id);
    qapi::JsonObject options{
        {"qom-type", s.memory_path.empty() ? "memory-backend-ram" : "memory-backend-file"},
        {"id", id},
        {"size", config.machine.ram_size}};
    if (!s.memory_path.empty()) options.set("mem-path", s.memory_path);
    if (s.preallocate) options.set("prealloc", true);
    for (auto [property, member] :
         {std::pair{"mem-merge", "merge"}, std::pair{"dump-guest-core", "dump"}})
        if (auto* given = s.machine_properties.find(property))
            options.set(member, word(*given) == "on");
    return static_cast<exec::MemoryBackend*>(TRY(f.objects.add(f.services, options)));
}

}  // namespace

Result<void> provide_guest_memory(const Settings& s, vm::Foundation& f, vm::Config& config) {
    auto& machine = config.machine;
    exec::MemoryBackend* backend;
    if (auto* named = s.machine_properties.find("memory-backend")) {
        const std::string id = word(*named);
        backend = dynamic_cast<exec::MemoryBackend*>(f.objects.find(id));
        if (!backend) return fail("Memory backend '{}' not found", id);
        if (!s.memory_path.empty())
            return fail("'-mem-path' can't be used together with '-machine memory-backend'");
        if (s.memory.find("size") && machine.ram_size != backend->block()->size())
            return fail(
                "Size specified by -m option must match size of explicitly specified "
                "'memory-backend' property");
        machine.ram_size = backend->block()->size();
        machine.max_ram_size = std::max(machine.max_ram_size, machine.ram_size);
    } else if (machine.ram_size && !config.machine_type->default_ram_id.empty()) {
        backend = TRY(make_default(s, f, config));
    } else {
        return {};
    }
    machine.ram = backend->block();
    backend->set_used(true);
    config.machine_properties.set("memory-backend", backend->path());
    return {};
}

}  // namespace vl
