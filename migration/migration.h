// SPDX-License-Identifier: GPL-2.0-or-later
//
// What one VM has for saving and loading its state; the commands find it in their Context.
//
// The composer of a VM signs everything in, in the order of a stream: the timers' section, then
// register_live(), the board and its devices, and register_global_state() last.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "migration/global-state.h"
#include "migration/savevm.h"
#include "migration/snapshot.h"
#include "migration/state-file.h"

namespace exec {
class MemoryMap;
}
namespace hw {
struct CompatProperty;
struct GlobalProperty;
}  // namespace hw

namespace migration {

/// Lets another process open the disk images of this one, which does not run: what block/ offers
/// for `live: true`.
class ImageLocks {
public:
    virtual ~ImageLocks() = default;
    virtual Result<void> release() = 0;
};

/// migrate-set-capabilities.
struct Capabilities {
    bool events = false;
};

class Migration {
public:
    /// `machine_names`: the full name, then the alias if there is one.
    explicit Migration(std::vector<std::string> machine_names)
        : machine_names_(std::move(machine_names)) {}
    Migration(const Migration&) = delete;

    /// What the machine's version sets, then `-global migration.NAME=VALUE`; one that is not known
    /// here is refused.
    Result<void> take_globals(std::span<const hw::CompatProperty>,
                              std::span<const hw::GlobalProperty>);
    /// Disks, RAM and dirty bitmaps take their places in the order of sections.
    void register_live();
    void register_global_state();

    SaveVm& savevm() { return savevm_; }
    GlobalState& global_state() { return global_state_; }
    Snapshots& snapshots() { return snapshots_; }
    Capabilities& capabilities() { return capabilities_; }

    /// Saves into a buffer that is kept, so that the next save finds its memory.
    Result<std::span<const std::uint8_t>> save();
    /// All of a device-state file, or nothing of it.
    Result<void> load(std::span<const std::uint8_t> file, bool allow_missing = false);

    /// Device writes to guest memory set DirtyClient::Migration bits while it is on.
    void set_dirty_log(exec::MemoryMap&, bool on);
    bool dirty_log() const { return dirty_log_; }

    FileCalls& files() { return *files_; }
    void use_files(FileCalls& calls) { files_ = &calls; }

private:
    std::vector<std::string> machine_names_;
    SaveVm savevm_;
    GlobalState global_state_{savevm_.switches()};
    Snapshots snapshots_{savevm_};
    LiveHandler block_, ram_, dirty_bitmap_;
    vmstate::Writer buffer_;
    Capabilities capabilities_;
    bool dirty_log_ = false;
    FileCalls posix_;
    FileCalls* files_ = &posix_;
};

/// The largest device-state file that is read: no machine comes near it.
inline constexpr std::size_t largest_state = 256 << 20;

}  // namespace migration
