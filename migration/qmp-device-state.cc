// SPDX-License-Identifier: GPL-2.0-or-later
//
// The commands around the device-state file.
#include "exec/ram-block.h"
#include "hw/core/device.h"
#include "io/fdset.h"
#include "migration/migration.h"
#include "migration/vmstate/save.h"
#include "migration/with-memory.h"
#include "qapi/context.h"
#include "qapi/json.h"
#include "qapi/qapi-commands-migration.h"
#include "system/run-control.h"
#include "util/main-loop.h"

namespace qapi {

using migration::Migration;
using migration::SaveStateEntry;
using migration::with_memory;

Result<void> qmp_xen_save_devices_state(Context& cx, const XenSaveDevicesStateArgs& args) {
    auto& run = cx.get<vm::RunControl>();
    auto& m = cx.get<Migration>();
    Bql& held = cx.get<MainLoop>().held();
    // Listeners of the run state drain the disks; only then is the devices' state at rest.
    const bool was_running = run.running();
    Result<void> saved = with_memory([&]() -> Result<void> {
        if (was_running) run.stop(held, RunState::save_vm);
        const auto bytes = TRY(m.save());
        return write_state_file(m.files(), cx.find<io::FdSets>(), args.filename, bytes,
                                m.savevm().switches().x_sync_device_state
                                    ? migration::Durability::Synced
                                    : migration::Durability::Handed);
    });
    if (saved && !was_running && args.live.value_or(true)) {
        if (auto* images = cx.find<migration::ImageLocks>()) saved = images->release();
    }
    if (was_running) {
        Result<void> resumed = with_memory([&] { return run.start(held); });
        if (saved && !resumed) return resumed;
    }
    return saved;
}

Result<void> qmp_xen_load_devices_state(Context& cx, const XenLoadDevicesStateArgs& args) {
    if (cx.get<vm::RunControl>().running())
        return fail("Cannot update device state while vm is running");
    auto& m = cx.get<Migration>();
    return with_memory([&]() -> Result<void> {
        const auto bytes = TRY(read_state_file(m.files(), cx.find<io::FdSets>(), args.filename,
                                               migration::largest_state));
        return m.load(bytes, args.allow_missing.value_or(false));
    });
}

Result<void> qmp_xen_set_global_dirty_log(Context& cx, const XenSetGlobalDirtyLogArgs& args) {
    auto& m = cx.get<Migration>();
    if (auto* memory = cx.find<exec::MemoryMap>()) m.set_dirty_log(*memory, args.enable);
    return {};
}

Result<std::vector<DeviceStateSection>> qmp_query_device_state(Context& cx,
                                                               const QueryDeviceStateArgs& args) {
    return with_memory([&]() -> Result<std::vector<DeviceStateSection>> {
        std::vector<DeviceStateSection> sections;
        vmstate::Writer data;
        for (const SaveStateEntry& e : cx.get<Migration>().savevm().entries()) {
            if (e.is_ram || !e.owner->needed() || (args.idstr && *args.idstr != e.idstr)) continue;
            if (!e.owner->vmstate().unmigratable.empty()) continue;
            data.clear();
            migration::SaveVm::save_section(e, data);
            auto& s = sections.emplace_back();
            s.section_id = e.section_id;
            s.idstr = e.idstr;
            s.instance_id = e.instance_id;
            s.version_id = e.version_id;
            s.size = data.size();
            if (args.decode.value_or(false))
                s.description = migration::decode_section(e, data.data());
        }
        return sections;
    });
}

Result<void> qmp_x_device_state_snapshot(Context& cx, const XDeviceStateSnapshotArgs& args) {
    auto& snapshots = cx.get<Migration>().snapshots();
    if (args.q_delete.value_or(false)) return snapshots.forget(args.name);
    auto& run = cx.get<vm::RunControl>();
    Bql& held = cx.get<MainLoop>().held();
    const bool was_running = run.running();
    Result<void> taken = with_memory([&] {
        if (was_running) run.stop(held, RunState::save_vm);
        return snapshots.take(args.name,
                              args.ram.value_or(false) ? cx.find<exec::MemoryMap>() : nullptr);
    });
    if (was_running) {
        Result<void> resumed = with_memory([&] { return run.start(held); });
        if (taken && !resumed) return resumed;
    }
    return taken;
}

Result<void> qmp_x_device_state_revert(Context& cx, const XDeviceStateRevertArgs& args) {
    if (cx.get<vm::RunControl>().running())
        return fail("Cannot update device state while vm is running");
    return with_memory([&] { return cx.get<Migration>().snapshots().revert(args.name); });
}

}  // namespace qapi
