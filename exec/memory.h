// SPDX-License-Identifier: GPL-2.0-or-later
//
// What an address reaches: a tree of regions (RAM, ROM, registers, aliases, containers) that is
// rendered into a flat view of ranges whenever it changes. Devices build the tree; CPUs and DMA see
// address spaces (exec/address-space.h).
//
// The tree is device land: change it under the big lock. Several changes belong in one Transaction,
// so that no one sees half of them.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "util/result.h"

namespace exec {

class AddressSpace;
class FlatView;
class RamBlock;
class MemoryRegion;

/// A physical address or an offset in a region, in bytes.
using hwaddr = std::uint64_t;

enum class Endian : std::uint8_t { Little, Big };

/// How registers are read and written. `offset` counts from the region's start, `size` is 1, 2, 4
/// or 8 and within `impl`. A wider guest access is split and merged before it gets here; a narrower
/// one arrives with its own offset and `impl.min` as the size, and of what is read the guest gets
/// the low bytes (QEMU 7.2: a byte read at offset 3 of a 16-bit register asks the handler for 2
/// bytes at offset 3).
struct MemoryOps {
    std::uint64_t (*read)(void* device, hwaddr offset, unsigned size) = nullptr;
    void (*write)(void* device, hwaddr offset, std::uint64_t value, unsigned size) = nullptr;
    Endian endian = Endian::Little;
    struct Sizes {
        std::uint8_t min = 1, max = 4;
        bool unaligned = false;
    };
    /// What the bus passes on. A wider access is split; one that is too narrow or unaligned reads
    /// as 0, is not written, and leaves a guest-error log line.
    Sizes valid{1, 8, true};
    /// What the handlers take.
    Sizes impl{1, 4, false};
    /// Takes the whole of an access that begins inside, past its own end: VMware's port is one
    /// port, and read four bytes wide.
    bool past_end = false;
};

namespace detail {
template <class>
struct handler;
template <class D, class R, class... A>
struct handler<R (D::*)(A...)> {
    using device = D;
};
}  // namespace detail

/// A constant MemoryOps over two member functions, `uint64_t read(hwaddr, unsigned size)` and
/// `void write(hwaddr, uint64_t value, unsigned size)`:
///
///     static constexpr auto io_ops = exec::memory_ops<&Pit::io_read, &Pit::io_write>({.impl = {1,
///     1}});
template <auto Read, auto Write>
consteval MemoryOps memory_ops(MemoryOps shape = {}) {
    using D = typename detail::handler<decltype(Write)>::device;
    shape.read = [](void* d, hwaddr offset, unsigned size) -> std::uint64_t {
        return (static_cast<D*>(d)->*Read)(offset, size);
    };
    shape.write = [](void* d, hwaddr offset, std::uint64_t value, unsigned size) {
        (static_cast<D*>(d)->*Write)(offset, value, size);
    };
    return shape;
}

/// The root of everything one VM can address: keeps the list of address spaces that must be
/// rendered again after a change, and the RAM blocks. One per Vm.
class MemoryMap;

/// Defers rendering until the outermost one ends.
class [[nodiscard]] Transaction {
public:
    explicit Transaction(MemoryMap& map);
    Transaction(const Transaction&) = delete;
    ~Transaction();

private:
    MemoryMap& map_;
};

/// Who may look at writes to RAM; each has a dirty bitmap of its own.
enum class DirtyClient : std::uint8_t { Vga, Code, Migration, Snapshot };

class MemoryRegion {
public:
    /// The size of an address space of 64 bits does not fit 64 bits; this stands for it.
    static constexpr std::uint64_t whole = ~std::uint64_t{0};

    /// A region that only holds others.
    static std::unique_ptr<MemoryRegion> container(MemoryMap&, std::string name,
                                                   std::uint64_t size);
    /// Registers. `ops` is constant data (memory_ops<>()), `device` its owner.
    static std::unique_ptr<MemoryRegion> io(MemoryMap&, std::string name, std::uint64_t size,
                                            const MemoryOps& ops, void* device);
    /// Guest memory; the block is owned by the MemoryMap. `idstr` names it in migration streams.
    static std::unique_ptr<MemoryRegion> ram(MemoryMap&, std::string name, RamBlock& block);
    /// Memory that reads directly; writes go to `ops` (flash) or are dropped. With `ops`,
    /// set_direct_reads(false) sends the reads there too.
    static std::unique_ptr<MemoryRegion> rom(MemoryMap&, std::string name, RamBlock& block,
                                             const MemoryOps* ops = nullptr,
                                             void* device = nullptr);
    /// A window onto `size` bytes of another region.
    static std::unique_ptr<MemoryRegion> alias(MemoryMap&, std::string name, MemoryRegion& target,
                                               hwaddr offset, std::uint64_t size);
    MemoryRegion(const MemoryRegion&) = delete;
    /// Leaves its container first.
    ~MemoryRegion();

    /// Higher priority hides lower where they overlap; among equals the one added last wins.
    void add_subregion(hwaddr at, MemoryRegion& child, int priority = 0);
    void remove_subregion(MemoryRegion& child);
    void set_enabled(bool);
    void set_address(hwaddr at);
    void set_alias_offset(hwaddr offset);
    void set_size(std::uint64_t);
    /// Writes are dropped (or reach the region's ops), reads go on.
    void set_readonly(bool);
    /// Memory that keeps its contents: so `info mtree` calls it.
    void set_nonvolatile() { nonvolatile_ = true; }
    bool nonvolatile() const { return nonvolatile_; }
    /// Flash: whether reads see the memory (the array) or go to `ops` (status, identification).
    void set_direct_reads(bool);
    /// For a client that wants to know which pages change (VGA, migration).
    void set_dirty_logging(DirtyClient, bool);

    const std::string& name() const { return name_; }
    std::uint64_t size() const { return size_; }
    hwaddr address() const { return address_; }
    int priority() const { return priority_; }
    bool enabled() const { return enabled_; }
    bool readonly() const { return readonly_; }
    /// Only holds others: neither memory nor registers nor a window.
    bool pure_container() const { return !block_ && !ops_ && !alias_; }
    /// Reads reach host memory without a handler.
    bool direct_reads() const { return block_ && direct_reads_; }
    /// Writes reach host memory without a handler.
    bool direct_writes() const { return block_ && !readonly_ && !ops_; }
    MemoryRegion* container() const { return container_; }
    MemoryRegion* alias_target() const { return alias_; }
    hwaddr alias_offset() const { return alias_offset_; }
    RamBlock* ram_block() const { return block_; }
    const MemoryOps* ops() const { return ops_; }
    void* device() const { return device_; }
    std::uint8_t dirty_clients() const { return dirty_clients_; }
    /// By priority, highest first.
    const std::vector<MemoryRegion*>& subregions() const { return subregions_; }
    MemoryMap& map() const { return map_; }

    /// One access of `size` bytes as the bus sees it: split, merged, byte-swapped to the handlers'
    /// form. False when the sizes are not valid here.
    bool dispatch_read(hwaddr offset, std::uint64_t& value, unsigned size);
    bool dispatch_write(hwaddr offset, std::uint64_t value, unsigned size);

private:
    friend class MemoryMap;
    MemoryRegion(MemoryMap&, std::string name, std::uint64_t size);
    /// Notes that every tree this region shows in must be rendered again.
    void changed();
    void mark();
    void insert_child(MemoryRegion&);

    MemoryMap& map_;
    std::string name_;
    std::uint64_t size_;
    hwaddr address_ = 0;
    int priority_ = 0;
    bool enabled_ = true, readonly_ = false, direct_reads_ = true, nonvolatile_ = false;
    bool marked_ = false;  // in MemoryMap::marked_
    std::uint8_t dirty_clients_ = 0;
    MemoryRegion* container_ = nullptr;
    MemoryRegion* alias_ = nullptr;
    hwaddr alias_offset_ = 0;
    RamBlock* block_ = nullptr;
    const MemoryOps* ops_ = nullptr;
    void* device_ = nullptr;
    std::vector<MemoryRegion*> subregions_;
    std::vector<MemoryRegion*> aliases_;  // the windows onto this region
};

/// Registers that nobody has: reads all ones, ignores writes. The ISA bus floats high, so the root
/// of the I/O ports is made of this.
extern const MemoryOps floating_bus_ops;

}  // namespace exec
