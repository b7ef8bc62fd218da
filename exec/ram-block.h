// SPDX-License-Identifier: GPL-2.0-or-later
//
// A piece of guest memory on the host, with the dirty bits of those who watch it, and the MemoryMap
// that owns all of them.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "exec/memory.h"

class Log;

namespace exec {

inline constexpr unsigned page_bits = 12;
inline constexpr std::uint64_t page_size = 1 << page_bits;

/// Where the bytes come from.
struct RamSource {
    enum class Kind { Anonymous, File, Memfd } kind = Kind::Anonymous;
    std::string path;  // File: a file, or a directory to make an unlinked one in
    bool share = false, prealloc = false, readonly = false;
    std::uint64_t alignment = 0;
    bool merge = false, dump = true;  // offered to KSM; part of a core dump
    bool reserve = true;              // the host promises swap space
    unsigned prealloc_threads = 1;
    bool discard = false;  // File: the contents are thrown away in the end
    bool seal = false;     // Memfd: its size is fixed for good
    bool huge = false;     // Memfd: from the host's huge pages, of huge_page_size or its default
    std::uint64_t huge_page_size = 0;
};

class RamBlock {
public:
    ~RamBlock();
    RamBlock(const RamBlock&) = delete;

    /// "pc.ram", "0000:00:02.0/vga.vram": the name in a migration stream.
    const std::string& idstr() const { return idstr_; }
    std::uint64_t size() const { return size_; }
    std::uint8_t* host() const { return host_; }
    int fd() const { return fd_; }
    bool shared() const { return shared_; }
    std::uint64_t pages() const { return (size_ + page_size - 1) >> page_bits; }

    /// Marks the pages that hold [offset, offset + length) for every client that watches; any
    /// thread.
    void mark_dirty(std::uint64_t offset, std::uint64_t length);
    bool dirty(DirtyClient, std::uint64_t page) const;
    /// Whether any page of the range is dirty, and clears it.
    bool test_and_clear(DirtyClient, std::uint64_t offset, std::uint64_t length);
    /// Whether any page of the range is dirty; leaves it so.
    bool any_dirty(DirtyClient, std::uint64_t offset, std::uint64_t length) const;
    /// Starts with a clean bitmap. Watchers that are counted: as many off as on.
    void watch(DirtyClient, bool on);
    std::uint8_t watchers() const { return watchers_.load(std::memory_order_relaxed); }

private:
    friend class MemoryMap;
    RamBlock() = default;
    Result<void> map(const RamSource&);
    std::string idstr_;
    std::uint64_t size_ = 0;
    std::uint64_t mapped_ = 0;  // size_ rounded up to host pages
    std::uint8_t* host_ = nullptr;
    int fd_ = -1;
    bool shared_ = false, discard_ = false;
    std::atomic<std::uint8_t> watchers_{0};
    std::unique_ptr<std::atomic<std::uint64_t>[]> bitmaps_[4];
    unsigned watch_count_[4]{};
    MemoryMap* map_ = nullptr;
};

class MemoryMap {
public:
    MemoryMap();
    MemoryMap(const MemoryMap&) = delete;
    ~MemoryMap();

    /// `idstr` must be new. Errors name the file and the reason.
    Result<RamBlock*> allocate_ram(std::string idstr, std::uint64_t size, const RamSource& = {});
    void release_ram(RamBlock&);
    const std::vector<std::unique_ptr<RamBlock>>& ram_blocks() const { return blocks_; }
    RamBlock* find_ram(std::string_view idstr) const;
    /// In the order of their creation.
    const std::vector<AddressSpace*>& address_spaces() const { return spaces_; }
    /// Where a guest's invalid accesses are noted.
    void set_log(Log& log) { log_ = &log; }
    Log* log() const { return log_; }

    /// Called, with the lock held, after address spaces were rendered again or the watchers of a
    /// block came or went.
    void on_change(std::function<void()> listener) { listeners_.push_back(std::move(listener)); }
    /// Called after a device or loader wrote memory through an address space: decoded code made of
    /// the old bytes is stale.
    void on_write(std::function<void(const std::uint8_t* host, std::uint64_t length)> listener) {
        write_listeners_.push_back(std::move(listener));
    }

private:
    friend class Transaction;
    friend class MemoryRegion;
    friend class AddressSpace;
    friend class RamBlock;
    void notify() {
        for (auto& listener : listeners_)
            listener();
    }
    void written(const std::uint8_t* host, std::uint64_t length) {
        for (auto& listener : write_listeners_)
            listener(host, length);
    }
    void begin() { depth_++; }
    void commit();
    void render(AddressSpace&, std::vector<std::shared_ptr<const FlatView>>& fresh, bool& changed);
    unsigned depth_ = 0;
    Log* log_ = nullptr;
    std::vector<MemoryRegion*> marked_;  // regions whose trees changed since the last commit
    std::vector<AddressSpace*> spaces_;
    std::vector<std::unique_ptr<RamBlock>> blocks_;
    std::vector<std::function<void()>> listeners_;
    std::vector<std::function<void(const std::uint8_t*, std::uint64_t)>> write_listeners_;
};

}  // namespace exec
