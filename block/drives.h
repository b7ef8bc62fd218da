// SPDX-License-Identifier: GPL-2.0-or-later
//
// The block backends and nodes of one VM, by name. Found as a service by devices (`drive=`) and by
// the monitor.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "block/block-backend.h"

namespace block {

class Drives {
public:
    explicit Drives(std::unique_ptr<Executor> executor) : executor_(std::move(executor)) {}
    ~Drives();

    Executor& executor() { return *executor_; }

    /// A -drive's backend. Refuses a name that is taken.
    Result<BlockBackend*> add_backend(std::string name);
    /// One that has no name, for a device whose drive= is a node.
    BlockBackend& add_anonymous();
    void remove_backend(BlockBackend&);
    BlockBackend* find_backend(std::string_view name) const;
    const std::vector<std::unique_ptr<BlockBackend>>& backends() const { return backends_; }

    Result<void> add_node(NodeRef);
    Result<void> remove_node(std::string_view name);
    NodeRef find_node(std::string_view name) const;
    const std::vector<NodeRef>& nodes() const { return nodes_; }

    /// For a device's `drive=`: a backend by name, else a backend of its own on that node.
    Result<BlockBackend*> for_device(std::string_view drive);

    /// No request is under way when it returns. Before saving, and when the VM stops.
    void drain_all();
    /// Makes what was written durable; the first error names the drive.
    Result<void> flush_all();

private:
    std::unique_ptr<Executor> executor_;
    std::vector<NodeRef> nodes_;
    std::vector<std::unique_ptr<BlockBackend>> backends_;
};

}  // namespace block
