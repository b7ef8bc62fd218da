// SPDX-License-Identifier: GPL-2.0-or-later
//
// query-memory-devices and query-memory-size-summary.
#include "hw/core/machine.h"
#include "hw/mem/memory-module.h"
#include "qapi/context.h"
#include "qapi/qapi-commands-machine.h"

namespace qapi {

Result<std::vector<MemoryDeviceInfo>> qmp_query_memory_devices(Context& cx) {
    std::vector<MemoryDeviceInfo> list;
    const auto* memory = cx.find<hw::DeviceMemory>();
    for (const hw::MemoryModule* m :
         memory ? memory->modules() : std::vector<hw::MemoryModule*>()) {
        PCDIMMDeviceInfo data;
        if (!m->id().empty()) data.id = m->id();
        data.addr = static_cast<std::int64_t>(m->address());
        data.size = static_cast<std::int64_t>(m->size());
        data.slot = m->slot();
        data.node = m->node();
        data.memdev = m->backend_path();
        data.hotplugged = m->hotplugged();
        data.hotpluggable = m->device_type().hotpluggable;
        MemoryDeviceInfo& info = list.emplace_back();
        info.type = m->nonvolatile() ? MemoryDeviceInfoKind::nvdimm : MemoryDeviceInfoKind::dimm;
        info.u = PCDIMMDeviceInfoWrapper{std::move(data)};
    }
    return list;
}

Result<MemoryInfo> qmp_query_memory_size_summary(Context& cx) {
    MemoryInfo info;
    const auto* machine = cx.find<hw::MachineConfig>();
    info.base_memory = machine ? machine->ram_size : 0;
    const auto* memory = cx.find<hw::DeviceMemory>();
    info.plugged_memory = memory ? memory->plugged_size() : 0;
    return info;
}

}  // namespace qapi
