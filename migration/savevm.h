// SPDX-License-Identifier: GPL-2.0-or-later
//
// Everything in a VM that has state to save, in the order of a stream, and the stream that holds
// the devices' part of it: docs/xen-save-devices-state.txt is the format.
//
// All of it under the big lock, with the vCPUs stopped while something is saved or loaded.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "migration/vmstate/registry.h"
#include "migration/vmstate/stream.h"
#include "qapi/json.h"

namespace migration {

/// `-global migration.NAME=on|off`; machine versions before 2.4 have all three off.
struct Switches {
    bool send_configuration = true;
    bool send_section_footer = true;
    bool store_global_state = true;
    /// Ours: a save waits until the file is on the disk.
    bool x_sync_device_state = false;
};

/// Who transfers RAM or disks while the guest goes on. What it sends in each phase is the
/// migration's business; the device-state file leaves all of it out.
class LiveHandler {
public:
    virtual ~LiveHandler() = default;
};

struct SaveStateEntry {
    std::string idstr;
    std::uint32_t instance_id = 0;
    std::uint32_t section_id = 0;
    int version_id = 0;
    vmstate::Priority priority = vmstate::Priority::Default;
    /// RAM, disks, dirty bitmaps: kept by whoever owns them, never in a device-state file.
    bool is_ram = false;
    vmstate::Owner* owner = nullptr;  // null when is_ram
    LiveHandler* live = nullptr;
};

/// The devices' new states, parsed and checked to the last byte, not yet theirs.
class StagedLoad {
public:
    struct Section {
        const SaveStateEntry* entry;
        std::unique_ptr<vmstate::Staged> state;
        int version;
    };
    /// Makes them the VM's, in the order of the entries. Only memory can be short, and then the
    /// VM is as it was and std::bad_alloc goes on.
    void commit();
    std::size_t size() const { return sections_.size(); }

private:
    friend class SaveVm;
    std::vector<Section> sections_;
};

struct LoadPolicy {
    /// Devices of this VM that the file does not have keep the state they have.
    bool allow_missing = false;
    /// The names that a configuration section may give: the machine's and its alias. Empty: any.
    std::vector<std::string> machine_names{};
};

/// Layout and values of one section as saved just now.
qapi::Json decode_section(const SaveStateEntry&, std::span<const std::uint8_t> data);

class SaveVm final : public vmstate::Registry {
public:
    SaveVm() = default;
    SaveVm(const SaveVm&) = delete;

    // vmstate::Registry
    void add(std::string path, vmstate::Owner&, int instance, vmstate::Priority) override;
    void remove(vmstate::Owner&) override;

    /// For live handlers; sets is_ram. The handler outlives this.
    void register_savevm_live(std::string_view idstr, int instance, int version, LiveHandler&);

    /// In stream order.
    std::span<const SaveStateEntry> entries() const { return entries_; }

    Switches& switches() { return switches_; }
    const Switches& switches() const { return switches_; }

    /// Appends the whole device-state file: every entry that is not is_ram and that its owner
    /// wants sent. Refuses a device that cannot be saved, by its name.
    Result<void> save_device_state(vmstate::Writer&) const;

    /// Parses and checks a device-state file against this VM, which does not change. The bytes may
    /// go once this returns.
    Result<StagedLoad> stage_device_state(std::span<const std::uint8_t> file,
                                          const LoadPolicy&) const;

    /// One section's data, as save_device_state() writes it.
    static void save_section(const SaveStateEntry&, vmstate::Writer&);

private:
    void insert(SaveStateEntry);
    std::uint32_t free_instance(std::string_view idstr) const;

    std::vector<SaveStateEntry> entries_;
    std::uint32_t next_section_id_ = 0;
    Switches switches_;
};

}  // namespace migration
