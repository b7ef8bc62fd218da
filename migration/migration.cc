// SPDX-License-Identifier: GPL-2.0-or-later
#include "migration/migration.h"

#include "exec/ram-block.h"

namespace migration {

void Migration::register_live() {
    savevm_.register_savevm_live("block", 0, 1, block_);
    savevm_.register_savevm_live("ram", 0, 4, ram_);
    savevm_.register_savevm_live("dirty-bitmap", 0, 1, dirty_bitmap_);
}

void Migration::register_global_state() {
    savevm_.add({}, global_state_, vmstate::Registry::next_instance, vmstate::Priority::Default);
}

Result<std::span<const std::uint8_t>> Migration::save() {
    buffer_.clear();
    TRY(savevm_.save_device_state(buffer_));
    return buffer_.data();
}

void Migration::set_dirty_log(exec::MemoryMap& memory, bool on) {
    if (on == dirty_log_) return;
    dirty_log_ = on;
    for (const auto& block : memory.ram_blocks())
        block->watch(exec::DirtyClient::Migration, on);
}

}  // namespace migration
