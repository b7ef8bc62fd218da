// SPDX-License-Identifier: GPL-2.0-or-later
//
// Accesses to an address space: each is cut where ranges end, memory is copied, registers are
// called in the largest pieces they and the alignment allow.
#include "exec/address-space.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cstring>

#include "exec/ram-block.h"

namespace exec {

namespace {

static_assert(std::endian::native == std::endian::little,
              "load() and store() pass values through memory in guest order");

/// The bytes of the next bus access to registers: what is left, cut to a power of two, to the
/// region and what it takes, and to the alignment unless its handlers take any. Not cut where
/// another region begins to hide this one: a chip that claims a cycle by its address gets all of it
/// (port 0xCF8 takes four bytes although 0xCF9 alone is another chip's).
unsigned bus_size(const MemoryRegion& region, hwaddr offset, std::uint64_t left) {
    const MemoryOps& ops = *region.ops();
    const hwaddr last = region.size() == MemoryRegion::whole ? region.size() : region.size() - 1;
    std::uint64_t size = std::min<std::uint64_t>(
        ops.valid.max, ops.past_end ? left : std::min(left - 1, last - offset) + 1);
    if (!ops.impl.unaligned && offset) size = std::min(size, offset & -offset);
    return static_cast<unsigned>(std::bit_floor(size));
}

MemTx worse(MemTx a, MemTx b) {
    return std::max(a, b);
}

std::uint64_t left_in(const FlatRange& range, hwaddr address, std::uint64_t wanted) {
    return std::min(wanted - 1, range.last() - address) + 1;
}

}  // namespace

AddressSpace::AddressSpace(MemoryMap& map, MemoryRegion& root, std::string name)
    : map_(map),
      root_(root),
      name_(std::move(name)),
      view_(std::make_shared<FlatView>(effective_root())) {
    map_.spaces_.push_back(this);
}

AddressSpace::~AddressSpace() {
    std::erase(map_.spaces_, this);
}

std::shared_ptr<const FlatView> AddressSpace::view() const {
    std::lock_guard hold(view_mutex_);
    return view_;
}

const FlatRange* AddressSpace::lookup(hwaddr address) {
    if (last_hit_ && last_hit_->start <= address && address <= last_hit_->last()) return last_hit_;
    const FlatRange* range = view_->find_or_next(address);
    if (range && range->start <= address) last_hit_ = range;
    return range;
}

std::uint8_t* AddressSpace::host_pointer(const FlatView& view, hwaddr address,
                                         std::uint64_t& contiguous, bool for_write) const {
    const FlatRange* range = view.find(address);
    if (!range) return nullptr;
    const MemoryRegion& region = *range->region;
    if (for_write ? range->readonly || !region.direct_writes() : !region.direct_reads())
        return nullptr;
    contiguous = left_in(*range, address, MemoryRegion::whole);
    return region.ram_block()->host() + range->offset_in_region + (address - range->start);
}

MemTx AddressSpace::dma_read(hwaddr address, std::span<std::uint8_t> out) {
    MemTx result = MemTx::Ok;
    while (!out.empty()) {
        const FlatRange* range = lookup(address);
        std::uint64_t step;
        if (!range || range->start > address) {
            step = range ? std::min<std::uint64_t>(out.size(), range->start - address) : out.size();
            std::memset(out.data(), 0, step);
            result = worse(result, MemTx::DecodeError);
        } else {
            MemoryRegion& region = *range->region;
            const hwaddr offset = range->offset_in_region + (address - range->start);
            step = left_in(*range, address, out.size());
            if (region.direct_reads()) {
                std::memcpy(out.data(), region.ram_block()->host() + offset, step);
            } else {
                step = bus_size(region, offset, out.size());
                std::uint64_t value;
                if (!region.dispatch_read(offset, value, static_cast<unsigned>(step)))
                    result = worse(result, MemTx::DecodeError);
                std::memcpy(out.data(), &value, step);
            }
        }
        address += step;
        out = out.subspan(step);
    }
    return result;
}

MemTx AddressSpace::dma_write(hwaddr address, std::span<const std::uint8_t> in) {
    MemTx result = MemTx::Ok;
    while (!in.empty()) {
        const FlatRange* range = lookup(address);
        std::uint64_t step;
        if (!range || range->start > address) {
            step = range ? std::min<std::uint64_t>(in.size(), range->start - address) : in.size();
            result = worse(result, MemTx::DecodeError);
        } else {
            MemoryRegion& region = *range->region;
            const hwaddr offset = range->offset_in_region + (address - range->start);
            step = left_in(*range, address, in.size());
            if (range->readonly) {
                // A write to ROM is not an error, it has no effect.
            } else if (region.direct_writes()) {
                std::memcpy(region.ram_block()->host() + offset, in.data(), step);
                region.ram_block()->mark_dirty(offset, step);
                map_.written(region.ram_block()->host() + offset, step);
            } else {
                step = bus_size(region, offset, in.size());
                std::uint64_t value = 0;
                std::memcpy(&value, in.data(), step);
                if (!region.dispatch_write(offset, value, static_cast<unsigned>(step)))
                    result = worse(result, MemTx::DecodeError);
            }
        }
        address += step;
        in = in.subspan(step);
    }
    return result;
}

MemTx AddressSpace::load(const Bql&, hwaddr address, unsigned size, std::uint64_t& value) {
    value = 0;
    return dma_read(address, {reinterpret_cast<std::uint8_t*>(&value), size});
}

MemTx AddressSpace::store(const Bql&, hwaddr address, unsigned size, std::uint64_t value) {
    return dma_write(address, {reinterpret_cast<const std::uint8_t*>(&value), size});
}

MemTx AddressSpace::read(const Bql&, hwaddr address, std::span<std::uint8_t> out) {
    return dma_read(address, out);
}

MemTx AddressSpace::write(const Bql&, hwaddr address, std::span<const std::uint8_t> in) {
    return dma_write(address, in);
}

MemTx AddressSpace::write_rom(const Bql&, hwaddr address, std::span<const std::uint8_t> in) {
    MemTx result = MemTx::Ok;
    while (!in.empty()) {
        const FlatRange* range = lookup(address);
        std::uint64_t step;
        if (!range || range->start > address) {
            step = range ? std::min<std::uint64_t>(in.size(), range->start - address) : in.size();
            result = worse(result, MemTx::DecodeError);
        } else {
            step = left_in(*range, address, in.size());
            if (RamBlock* block = range->region->ram_block()) {
                const hwaddr offset = range->offset_in_region + (address - range->start);
                std::memcpy(block->host() + offset, in.data(), step);
                block->mark_dirty(offset, step);
                map_.written(block->host() + offset, step);
            }
        }
        address += step;
        in = in.subspan(step);
    }
    return result;
}

}  // namespace exec
