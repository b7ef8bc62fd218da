// SPDX-License-Identifier: GPL-2.0-or-later
#include "migration/snapshot.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstring>

#include "exec/ram-block.h"
#include "migration/savevm.h"

namespace migration {

namespace {

constexpr auto client = exec::DirtyClient::Snapshot;

bool all_zero(const std::uint8_t* page) {
    static constexpr std::uint8_t zeros[exec::page_size]{};
    return std::memcmp(page, zeros, exec::page_size) == 0;
}

}  // namespace

Snapshots::Snapshots(const SaveVm& savevm) : savevm_(savevm) {}
Snapshots::~Snapshots() = default;

Snapshots::Snapshot::~Snapshot() {
    for (Ram& r : ram) {
        r.block->watch(client, false);
        ::munmap(r.copy, r.block->size());
    }
}

std::uint64_t Snapshots::devices_now() const {
    std::uint64_t hash = 0;
    for (const SaveStateEntry& e : savevm_.entries())
        hash = hash * 0x9E3779B97F4A7C15 + reinterpret_cast<std::uintptr_t>(e.owner);
    return hash;
}

void Snapshots::harvest() {
    std::vector<exec::RamBlock*> blocks;
    for (auto& [name, s] : by_name_)
        for (Ram& r : s->ram)
            if (std::find(blocks.begin(), blocks.end(), r.block) == blocks.end())
                blocks.push_back(r.block);
    for (exec::RamBlock* block : blocks) {
        for (std::uint64_t page = 0; page < block->pages(); page += 64) {
            const std::uint64_t here = std::min<std::uint64_t>(64, block->pages() - page);
            if (!block->any_dirty(client, page << exec::page_bits, here << exec::page_bits))
                continue;
            std::uint64_t bits = 0;
            for (std::uint64_t i = 0; i < here; i++)
                if (block->test_and_clear(client, (page + i) << exec::page_bits, exec::page_size))
                    bits |= std::uint64_t{1} << i;
            for (auto& [name, s] : by_name_)
                for (Ram& r : s->ram)
                    if (r.block == block) r.dirty[page / 64] |= bits;
        }
    }
}

Result<void> Snapshots::take(const std::string& name, exec::MemoryMap* memory) {
    auto s = std::make_unique<Snapshot>();
    for (const SaveStateEntry& e : savevm_.entries()) {
        if (e.is_ram) continue;
        if (!e.owner->vmstate().unmigratable.empty())
            return fail("State blocked by non-migratable device '{}': {}", e.idstr,
                        e.owner->vmstate().unmigratable);
        s->devices.push_back(e.owner->stage());
    }
    s->devices_were = devices_now();
    harvest();
    if (memory) {
        for (const auto& block : memory->ram_blocks()) {
            void* copy = ::mmap(nullptr, block->size(), PROT_READ | PROT_WRITE,
                                MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
            if (copy == MAP_FAILED) return fail("no memory for a copy of '{}'", block->idstr());
            auto* bytes = static_cast<std::uint8_t*>(copy);
            block->watch(client, true);
            s->ram.push_back(
                {block.get(), bytes, std::vector<std::uint64_t>((block->pages() + 63) / 64)});
            for (std::uint64_t page = 0; page < block->pages(); page++) {
                const std::uint64_t at = page << exec::page_bits;
                if (at + exec::page_size > block->size())
                    std::memcpy(bytes + at, block->host() + at, block->size() - at);
                else if (!all_zero(block->host() + at))
                    std::memcpy(bytes + at, block->host() + at, exec::page_size);
            }
        }
    }
    by_name_[name] = std::move(s);
    return {};
}

Result<void> Snapshots::revert(const std::string& name) {
    const auto found = by_name_.find(name);
    if (found == by_name_.end()) return fail("There is no device-state snapshot '{}'", name);
    Snapshot& s = *found->second;
    if (s.devices_were != devices_now())
        return fail("Devices were added or removed since the snapshot '{}' was taken", name);
    if (!s.ram.empty()) harvest();
    for (Ram& r : s.ram) {
        for (std::size_t word = 0; word < r.dirty.size(); word++) {
            for (std::uint64_t bits = r.dirty[word]; bits; bits &= bits - 1) {
                const std::uint64_t at = (word * 64 + unsigned(__builtin_ctzll(bits)))
                                         << exec::page_bits;
                const std::uint64_t n = std::min(exec::page_size, r.block->size() - at);
                std::memcpy(r.block->host() + at, r.copy + at, n);
                // For the display, for translated code, and for the other snapshots.
                r.block->mark_dirty(at, n);
            }
        }
    }
    if (!s.ram.empty()) harvest();
    for (Ram& r : s.ram)
        std::fill(r.dirty.begin(), r.dirty.end(), 0);
    for (auto& device : s.devices)
        device->revert();
    return {};
}

Result<void> Snapshots::forget(const std::string& name) {
    if (!by_name_.erase(name)) return fail("There is no device-state snapshot '{}'", name);
    return {};
}

void Snapshots::clear() {
    by_name_.clear();
}

}  // namespace migration
