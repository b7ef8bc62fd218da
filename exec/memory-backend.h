// SPDX-License-Identifier: GPL-2.0-or-later
//
// Guest memory as a user's object: memory-backend-ram, memory-backend-file, memory-backend-memfd.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "exec/ram-block.h"
#include "qom/user-objects.h"

namespace exec {

enum class HostMemPolicy : std::uint8_t { Default, Preferred, Bind, Interleave };

struct MemoryBackendConfig {
    std::uint64_t size = 0;
    bool share = false, prealloc = false, merge = true, dump = true, reserve = true;
    std::uint32_t prealloc_threads = 1;
    HostMemPolicy policy = HostMemPolicy::Default;
    std::vector<std::uint16_t> host_nodes;
    bool path_as_name = false;  // x-use-canonical-path-for-ramblock-id
    // file
    std::string mem_path;
    std::uint64_t align = 0;
    bool discard_data = false, readonly = false;
    // memfd
    bool hugetlb = false, seal = true;
    std::uint64_t hugetlbsize = 0;
};

class MemoryBackend final : public qom::UserObject {
public:
    MemoryBackend(const qom::Type&, RamSource::Kind);
    ~MemoryBackend() override;

    void* config() override { return &config_; }
    const MemoryBackendConfig& settings() const { return config_; }
    Result<void> may_set(const qom::Property&) const override;
    /// Allocates. The context provides the MemoryMap.
    Result<void> complete(qapi::Context&) override;
    bool in_use() const override { return used_; }

    RamBlock* block() const { return block_; }
    /// The machine has it in its memory.
    void set_used(bool on) { used_ = on; }

private:
    MemoryBackendConfig config_;
    RamSource::Kind kind_;
    MemoryMap* map_ = nullptr;
    RamBlock* block_ = nullptr;
    bool used_ = false;
};

/// For the type table.
std::span<const qom::UserObjectType* const> memory_backend_types();
/// Their abstract ancestor.
extern const qom::Type memory_backend_type;

}  // namespace exec
