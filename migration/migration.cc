// SPDX-License-Identifier: GPL-2.0-or-later
#include "migration/migration.h"

#include <algorithm>

#include "exec/ram-block.h"
#include "hw/core/machine.h"
#include "migration/with-memory.h"

namespace migration {

Result<void> Migration::take_globals(std::span<const hw::CompatProperty> version,
                                     std::span<const hw::GlobalProperty> globals) {
    struct Known {
        std::string_view name;
        bool Switches::*member;
    };
    static constexpr Known known[] = {
        {"send-configuration", &Switches::send_configuration},
        {"send-section-footer", &Switches::send_section_footer},
        {"store-global-state", &Switches::store_global_state},
        {"x-sync-device-state", &Switches::x_sync_device_state},
    };
    auto set = [&](const auto& g) -> Result<void> {
        if (g.driver != "migration") return {};
        const auto k = std::find_if(std::begin(known), std::end(known),
                                    [&](const Known& one) { return one.name == g.property; });
        if (k == std::end(known))
            return fail("-global migration.{}: there is no such property here", g.property);
        const bool on = g.value == "on" || g.value == "yes" || g.value == "true" || g.value == "y";
        if (!on && g.value != "off" && g.value != "no" && g.value != "false" && g.value != "n")
            return fail("-global migration.{}={}: expected on or off", g.property, g.value);
        savevm_.switches().*k->member = on;
        return {};
    };
    for (const hw::CompatProperty& c : version)
        TRY(set(c));
    for (const hw::GlobalProperty& g : globals)
        TRY(set(g));
    return {};
}

void Migration::register_live() {
    savevm_.register_savevm_live("block", 0, 1, block_);
    savevm_.register_savevm_live("ram", 0, 4, ram_);
    savevm_.register_savevm_live("dirty-bitmap", 0, 1, dirty_bitmap_);
}

void Migration::register_global_state() {
    savevm_.add({}, global_state_, vmstate::Registry::next_instance, vmstate::Priority::Default);
}

Result<std::span<const std::uint8_t>> Migration::save() {
    return with_memory([&]() -> Result<std::span<const std::uint8_t>> {
        buffer_.clear();
        TRY(savevm_.save_device_state(buffer_));
        return buffer_.data();
    });
}

Result<void> Migration::load(std::span<const std::uint8_t> file, bool allow_missing) {
    return with_memory([&]() -> Result<void> {
        const LoadPolicy policy{.allow_missing = allow_missing, .machine_names = machine_names_};
        TRY(savevm_.stage_device_state(file, policy)).commit();
        return {};
    });
}

void Migration::set_dirty_log(exec::MemoryMap& memory, bool on) {
    if (on == dirty_log_) return;
    dirty_log_ = on;
    for (const auto& block : memory.ram_blocks())
        block->watch(exec::DirtyClient::Migration, on);
}

}  // namespace migration
