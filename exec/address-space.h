// SPDX-License-Identifier: GPL-2.0-or-later
//
// What one master (a CPU, a PCI function's DMA, the I/O ports) sees: the flat view of a region
// tree. A view is immutable; a change of the tree renders a new one and swaps it in, so a vCPU can
// keep using its own while it holds it, and learns of the change by generation().
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "exec/memory.h"
#include "util/bql.h"

namespace exec {

/// A stretch of the address space that reaches one place of one region.
struct FlatRange {
    hwaddr start = 0;
    std::uint64_t size = 0;
    MemoryRegion* region = nullptr;
    hwaddr offset_in_region = 0;
    bool readonly = false;
    /// The last byte; `size` of a range that ends with the address space may be
    /// MemoryRegion::whole.
    hwaddr last() const { return size == MemoryRegion::whole ? size : start + (size - 1); }
    bool operator==(const FlatRange&) const = default;
};

class FlatView {
public:
    FlatView() = default;
    /// What the region shows; null: nothing.
    explicit FlatView(const MemoryRegion* root);
    /// The range that holds `address`, or null: nothing there.
    const FlatRange* find(hwaddr address) const;
    /// The first range that ends at or after `address`: the one that holds it, or the next one.
    const FlatRange* find_or_next(hwaddr address) const;
    std::span<const FlatRange> ranges() const { return ranges_; }
    /// The region it was rendered from. Spaces that come down to the same one share a view.
    const MemoryRegion* root() const { return root_; }

private:
    const MemoryRegion* root_ = nullptr;
    std::vector<FlatRange> ranges_;  // sorted, disjoint
};

/// How a bus access ended.
enum class MemTx : std::uint8_t { Ok, DecodeError, AccessError };

class AddressSpace {
public:
    AddressSpace(MemoryMap&, MemoryRegion& root, std::string name);
    AddressSpace(const AddressSpace&) = delete;
    ~AddressSpace();

    const std::string& name() const { return name_; }
    MemoryRegion& root() const { return root_; }
    /// Changes whenever the view does; a CPU compares it to know that its TLB is stale.
    std::uint64_t generation() const { return generation_.load(std::memory_order_acquire); }
    std::shared_ptr<const FlatView> view() const;
    /// The region that shows the same as root(), with the windows and containers that add nothing
    /// taken away; null when the space is empty.
    const MemoryRegion* effective_root() const;

    /// Where `address` lands in host memory, with the number of bytes that follow contiguously;
    /// null for registers, holes, and (`for_write`) ROM. Safe on any thread while the view is held.
    std::uint8_t* host_pointer(const FlatView&, hwaddr address, std::uint64_t& contiguous,
                               bool for_write) const;

    /// One access as a CPU makes it, size 1, 2, 4 or 8, little endian value; device registers are
    /// called, in pieces where they want it. Where nothing is the value is 0 (QEMU 7.2; the ports'
    /// floating bus is a region of its own).
    MemTx load(const Bql&, hwaddr, unsigned size, std::uint64_t& value);
    MemTx store(const Bql&, hwaddr, unsigned size, std::uint64_t value);
    /// A block copy as DMA makes it: RAM by memcpy (dirty bits set), registers in their largest
    /// size.
    MemTx read(const Bql&, hwaddr, std::span<std::uint8_t>);
    MemTx write(const Bql&, hwaddr, std::span<const std::uint8_t>);
    /// As write(), and reaches ROM too (loaders).
    MemTx write_rom(const Bql&, hwaddr, std::span<const std::uint8_t>);

    /// The forms device models use, which run with the lock held by their caller's caller.
    MemTx dma_read(hwaddr, std::span<std::uint8_t>);
    MemTx dma_write(hwaddr, std::span<const std::uint8_t>);

private:
    friend class MemoryMap;
    const FlatRange* lookup(hwaddr);
    /// Swaps the view in when it differs from the one in use.
    bool adopt(std::shared_ptr<const FlatView>);
    MemoryMap& map_;
    MemoryRegion& root_;
    std::string name_;
    std::shared_ptr<const FlatView> view_;  // written under the big lock and view_mutex_
    mutable std::mutex view_mutex_;
    const FlatRange* last_hit_ = nullptr;  // under the big lock
    std::atomic<std::uint64_t> generation_{0};
};

}  // namespace exec
