// SPDX-License-Identifier: GPL-2.0-or-later
//
// The VM's table of drives.
#include "block/drives.h"

#include <algorithm>
#include <cstring>

namespace block {

Drives::~Drives() {
    drain_all();
    backends_.clear();
    nodes_.clear();
}

Result<BlockBackend*> Drives::add_backend(std::string name) {
    if (find_backend(name)) return fail("Device with id '{}' already exists", name);
    if (find_node(name)) return fail("Device name '{}' conflicts with an existing node name", name);
    backends_.push_back(std::make_unique<BlockBackend>(std::move(name), *executor_));
    return backends_.back().get();
}

BlockBackend& Drives::add_anonymous() {
    backends_.push_back(std::make_unique<BlockBackend>(std::string{}, *executor_));
    return *backends_.back();
}

void Drives::remove_backend(BlockBackend& gone) {
    std::erase_if(backends_, [&](const auto& b) { return b.get() == &gone; });
}

BlockBackend* Drives::find_backend(std::string_view name) const {
    for (const auto& b : backends_)
        if (!name.empty() && b->name() == name) return b.get();
    return nullptr;
}

Result<void> Drives::add_node(NodeRef node) {
    if (find_node(node->node_name()))
        return fail("Duplicate nodes with node-name='{}'", node->node_name());
    if (find_backend(node->node_name()))
        return fail("node-name={} is conflicting with a device id", node->node_name());
    nodes_.push_back(std::move(node));
    return {};
}

Result<void> Drives::remove_node(std::string_view name) {
    auto at = std::find_if(nodes_.begin(), nodes_.end(),
                           [&](const auto& n) { return n->node_name() == name; });
    if (at == nodes_.end()) return fail("Failed to find node with node-name='{}'", name);
    for (const auto& b : backends_)
        if (b->node() == *at)
            return fail("Node '{}' is busy: node is used as drive '{}'", name, b->name());
    nodes_.erase(at);
    return {};
}

NodeRef Drives::find_node(std::string_view name) const {
    for (const auto& n : nodes_)
        if (n->node_name() == name) return n;
    return nullptr;
}

Result<BlockBackend*> Drives::for_device(std::string_view drive) {
    BlockBackend* found = find_backend(drive);
    if (!found) {
        NodeRef node = find_node(drive);
        if (!node) return fail("Can't find a block device or node '{}'", drive);
        for (const auto& b : backends_)
            if (b->node() == node && b->device())
                return fail("Node '{}' is in use by another device", drive);
        found = &add_anonymous();
        found->insert(std::move(node));
    }
    if (found->device()) return fail("Drive '{}' is already in use by another device", drive);
    return found;
}

void Drives::drain_all() {
    for (bool again = true; again;) {
        again = false;
        for (const auto& b : backends_) {
            again |= b->in_flight() != 0;
            b->drain();
        }
    }
}

Result<void> Drives::flush_all() {
    drain_all();
    for (const auto& b : backends_)
        if (b->medium())
            if (const int error = b->medium()->flush())
                return fail("Cannot flush drive '{}': {}", b->name(), std::strerror(error));
    return {};
}

}  // namespace block
