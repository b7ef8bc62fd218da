// SPDX-License-Identifier: GPL-2.0-or-later
//
// The tree of regions: building it and changing it. What it shows is rendered in flat-view.cc.
#include "exec/memory.h"

#include <algorithm>
#include <cassert>

#include "exec/ram-block.h"

namespace exec {

const MemoryOps floating_bus_ops{
    .read = [](void*, hwaddr, unsigned) { return ~std::uint64_t{0}; },
    .write = [](void*, hwaddr, std::uint64_t, unsigned) {},
    .endian = Endian::Little,
    .valid = {1, 8, true},
    .impl = {1, 8, true},
};

Transaction::Transaction(MemoryMap& map) : map_(map) {
    map_.begin();
}

Transaction::~Transaction() {
    map_.commit();
}

MemoryRegion::MemoryRegion(MemoryMap& map, std::string name, std::uint64_t size)
    : map_(map), name_(std::move(name)), size_(size) {}

std::unique_ptr<MemoryRegion> MemoryRegion::container(MemoryMap& map, std::string name,
                                                      std::uint64_t size) {
    return std::unique_ptr<MemoryRegion>(new MemoryRegion(map, std::move(name), size));
}

std::unique_ptr<MemoryRegion> MemoryRegion::io(MemoryMap& map, std::string name, std::uint64_t size,
                                               const MemoryOps& ops, void* device) {
    auto region = container(map, std::move(name), size);
    region->ops_ = &ops;
    region->device_ = device;
    return region;
}

std::unique_ptr<MemoryRegion> MemoryRegion::ram(MemoryMap& map, std::string name, RamBlock& block) {
    auto region = container(map, std::move(name), block.size());
    region->block_ = &block;
    return region;
}

std::unique_ptr<MemoryRegion> MemoryRegion::rom(MemoryMap& map, std::string name, RamBlock& block,
                                                const MemoryOps* ops, void* device) {
    auto region = ram(map, std::move(name), block);
    region->ops_ = ops;
    region->device_ = device;
    region->readonly_ = !ops;
    return region;
}

std::unique_ptr<MemoryRegion> MemoryRegion::alias(MemoryMap& map, std::string name,
                                                  MemoryRegion& target, hwaddr offset,
                                                  std::uint64_t size) {
    auto region = container(map, std::move(name), size);
    region->alias_ = &target;
    region->alias_offset_ = offset;
    target.aliases_.push_back(region.get());
    return region;
}

MemoryRegion::~MemoryRegion() {
    Transaction batch(map_);
    assert(aliases_.empty() && "a window outlived the region it shows");
    if (container_) container_->remove_subregion(*this);
    while (!subregions_.empty())
        remove_subregion(*subregions_.back());
    if (alias_) std::erase(alias_->aliases_, this);
    if (marked_) std::erase(map_.marked_, this);
}

void MemoryRegion::mark() {
    if (marked_) return;
    marked_ = true;
    map_.marked_.push_back(this);
    if (container_) container_->mark();
    for (MemoryRegion* window : aliases_)
        window->mark();
}

void MemoryRegion::changed() {
    Transaction batch(map_);
    mark();
}

void MemoryRegion::insert_child(MemoryRegion& child) {
    auto place = std::find_if(
        subregions_.begin(), subregions_.end(),
        [&](const MemoryRegion* other) { return other->priority_ <= child.priority_; });
    subregions_.insert(place, &child);
}

void MemoryRegion::add_subregion(hwaddr at, MemoryRegion& child, int priority) {
    assert(!child.container_ && "a region is in one place; show it elsewhere through an alias");
    child.container_ = this;
    child.address_ = at;
    child.priority_ = priority;
    insert_child(child);
    if (child.enabled_) child.changed();
}

void MemoryRegion::remove_subregion(MemoryRegion& child) {
    assert(child.container_ == this);
    Transaction batch(map_);
    if (child.enabled_) mark();
    child.container_ = nullptr;
    std::erase(subregions_, &child);
}

void MemoryRegion::set_enabled(bool on) {
    if (on == enabled_) return;
    enabled_ = on;
    changed();
}

void MemoryRegion::set_address(hwaddr at) {
    if (at == address_) return;
    address_ = at;
    if (!container_) return;
    // Moved means added last: it wins over its equals.
    std::erase(container_->subregions_, this);
    container_->insert_child(*this);
    if (enabled_) changed();
}

void MemoryRegion::set_alias_offset(hwaddr offset) {
    assert(alias_);
    if (offset == alias_offset_) return;
    alias_offset_ = offset;
    if (enabled_) changed();
}

void MemoryRegion::set_size(std::uint64_t size) {
    assert(!block_ || size <= block_->size());
    if (size == size_) return;
    size_ = size;
    changed();
}

void MemoryRegion::set_readonly(bool on) {
    if (on == readonly_) return;
    readonly_ = on;
    changed();
}

void MemoryRegion::set_direct_reads(bool on) {
    assert(ops_ || on);
    if (on == direct_reads_) return;
    direct_reads_ = on;
    changed();
}

void MemoryRegion::set_dirty_logging(DirtyClient client, bool on) {
    assert(block_);
    const std::uint8_t bit = 1u << static_cast<unsigned>(client);
    if (bool(dirty_clients_ & bit) == on) return;
    dirty_clients_ ^= bit;
    block_->watch(client, on);
    changed();
}

}  // namespace exec
