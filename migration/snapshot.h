// SPDX-License-Identifier: GPL-2.0-or-later
//
// Named moments of a VM kept in memory. A device's part is a copy of its State that was never
// serialised, so going back is an assignment for each device; guest memory goes back by the pages
// that were written since.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "util/result.h"

namespace exec {
class MemoryMap;
class RamBlock;
}  // namespace exec
namespace vmstate {
class Staged;
}

namespace migration {

class SaveVm;

/// Under the big lock, with the vCPUs stopped.
class Snapshots {
public:
    explicit Snapshots(const SaveVm& savevm);
    ~Snapshots();

    /// Replaces one of that name. `memory` null: devices only. Refuses devices that cannot be
    /// saved.
    Result<void> take(const std::string& name, exec::MemoryMap* memory);
    Result<void> revert(const std::string& name);
    Result<void> forget(const std::string& name);
    /// Before the machine and its memory go, which snapshots hold on to.
    void clear();

private:
    struct Ram {
        exec::RamBlock* block;
        std::uint8_t* copy;                // sparse: pages of zeros have no memory behind them
        std::vector<std::uint64_t> dirty;  // since taken or reverted to
    };
    struct Snapshot {
        Snapshot() = default;
        Snapshot(const Snapshot&) = delete;
        ~Snapshot();
        std::vector<std::unique_ptr<vmstate::Staged>> devices;
        std::vector<Ram> ram;
        std::uint64_t devices_were = 0;
    };

    std::uint64_t devices_now() const;
    /// Takes over what the memory's dirty bits say, for every snapshot that has RAM.
    void harvest();

    const SaveVm& savevm_;
    std::map<std::string, std::unique_ptr<Snapshot>, std::less<>> by_name_;
};

}  // namespace migration
