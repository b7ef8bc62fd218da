// SPDX-License-Identifier: GPL-2.0-or-later
//
// Rendering: from a tree of regions to the flat list of what each address reaches.
//
// The tree is walked once, what wins first: children before their container, high priority before
// low. Every leaf met claims its stretch of addresses under a rank, the order of the walk. A sweep
// over the ends of the claims then gives each address to the lowest rank that claims it. The cost
// is n log n in the number of claims, about a hundred for the ports of a pc.
#include <algorithm>
#include <cassert>
#include <functional>

#include "exec/address-space.h"
#include "exec/ram-block.h"

namespace exec {

namespace {

/// Addresses with room for a window's base below 0 and for the end of the whole space.
using Wide = __int128;

struct Claim {
    hwaddr first, last;
    MemoryRegion* region;
    hwaddr offset;  // in the region, of `first`
    bool readonly;
};

Wide end_of(const MemoryRegion& region, Wide base) {
    return base + (region.size() == MemoryRegion::whole ? Wide{1} << 64 : Wide(region.size()));
}

/// Appends to `claims` what `region` shows with its start at `base`, between `low` and `high`.
void walk(MemoryRegion& region, Wide base, Wide low, Wide high, bool readonly,
          std::vector<Claim>& claims) {
    if (!region.enabled()) return;
    low = std::max(low, base);
    high = std::min(high, end_of(region, base));
    if (low >= high) return;
    readonly |= region.readonly();
    if (MemoryRegion* target = region.alias_target()) {
        // Where the target stands is of no interest here, only what lies in it.
        walk(*target, base - region.alias_offset(), low, high, readonly, claims);
        return;
    }
    for (MemoryRegion* child : region.subregions())
        walk(*child, base + child->address(), low, high, readonly, claims);
    if (!region.pure_container())
        claims.push_back({static_cast<hwaddr>(low), static_cast<hwaddr>(high - 1), &region,
                          static_cast<hwaddr>(low - base), readonly});
}

void append(std::vector<FlatRange>& ranges, const Claim& c, hwaddr first, hwaddr last) {
    const hwaddr offset = c.offset + (first - c.first);
    if (!ranges.empty()) {
        FlatRange& before = ranges.back();
        if (before.region == c.region && before.readonly == c.readonly &&
            before.start + before.size == first &&
            before.offset_in_region + before.size == offset) {
            before.size += last - first + 1;
            return;
        }
    }
    const std::uint64_t size = last - first + 1;
    ranges.push_back({first, size ? size : MemoryRegion::whole, c.region, offset, c.readonly});
}

std::vector<FlatRange> sweep(const std::vector<Claim>& claims) {
    // Ranks in order of where their claims start; `open` is a heap with the winning rank on top.
    std::vector<std::uint32_t> by_start(claims.size()), open;
    for (std::uint32_t i = 0; i < claims.size(); i++)
        by_start[i] = i;
    std::sort(by_start.begin(), by_start.end(), [&](std::uint32_t a, std::uint32_t b) {
        return claims[a].first != claims[b].first ? claims[a].first < claims[b].first : a < b;
    });
    std::vector<FlatRange> ranges;
    ranges.reserve(claims.size() + claims.size() / 2);
    std::size_t next = 0;
    hwaddr at = 0;
    while (next < by_start.size() || !open.empty()) {
        if (open.empty()) at = claims[by_start[next]].first;
        for (; next < by_start.size() && claims[by_start[next]].first <= at; next++) {
            open.push_back(by_start[next]);
            std::push_heap(open.begin(), open.end(), std::greater<>());
        }
        const Claim& winner = claims[open.front()];
        hwaddr last = winner.last;
        // A loser that starts within the winner waits in the heap; only a better rank cuts it
        // short.
        std::size_t look = next;
        for (; look < by_start.size() && claims[by_start[look]].first <= last; look++)
            if (by_start[look] < open.front()) {
                last = claims[by_start[look]].first - 1;
                break;
            }
        append(ranges, winner, at, last);
        if (last == ~hwaddr{0}) break;
        at = last + 1;
        while (!open.empty() && claims[open.front()].last < at) {
            std::pop_heap(open.begin(), open.end(), std::greater<>());
            open.pop_back();
        }
        // Those that started meanwhile join, unless they have ended too.
        for (; next < by_start.size() && claims[by_start[next]].first < at; next++)
            if (claims[by_start[next]].last >= at) {
                open.push_back(by_start[next]);
                std::push_heap(open.begin(), open.end(), std::greater<>());
            }
    }
    return ranges;
}

}  // namespace

FlatView::FlatView(const MemoryRegion* root) : root_(root) {
    if (!root) return;
    std::vector<Claim> claims;
    claims.reserve(128);
    walk(*const_cast<MemoryRegion*>(root), 0, 0, Wide{1} << 64, false, claims);
    ranges_ = sweep(claims);
}

const FlatRange* FlatView::find_or_next(hwaddr address) const {
    auto it = std::partition_point(ranges_.begin(), ranges_.end(),
                                   [&](const FlatRange& r) { return r.last() < address; });
    return it == ranges_.end() ? nullptr : &*it;
}

const FlatRange* FlatView::find(hwaddr address) const {
    const FlatRange* range = find_or_next(address);
    return range && range->start <= address ? range : nullptr;
}

const MemoryRegion* AddressSpace::effective_root() const {
    const MemoryRegion* region = &root_;
    for (;;) {
        if (!region->enabled()) return nullptr;
        if (region->readonly()) return region;
        if (const MemoryRegion* target = region->alias_target()) {
            if (region->alias_offset() != 0 || target->size() > region->size()) return region;
            region = target;
            continue;
        }
        if (!region->pure_container()) return region;
        const MemoryRegion* only = nullptr;
        for (const MemoryRegion* child : region->subregions()) {
            if (!child->enabled()) continue;
            if (only) return region;
            only = child;
        }
        if (!only) return nullptr;
        if (only->address() != 0 || only->size() > region->size()) return region;
        region = only;
    }
}

bool AddressSpace::adopt(std::shared_ptr<const FlatView> fresh) {
    if (view_->root() == fresh->root() && std::ranges::equal(view_->ranges(), fresh->ranges()))
        return false;
    const bool same = std::ranges::equal(view_->ranges(), fresh->ranges());
    {
        std::lock_guard hold(view_mutex_);
        view_ = std::move(fresh);
    }
    last_hit_ = nullptr;
    if (!same) generation_.fetch_add(1, std::memory_order_release);
    return !same;
}

void MemoryMap::render(AddressSpace& space, std::vector<std::shared_ptr<const FlatView>>& fresh,
                       bool& changed) {
    const MemoryRegion* root = space.effective_root();
    for (auto& view : fresh)
        if (view->root() == root) {
            changed |= space.adopt(view);
            return;
        }
    // A device that becomes bus master sees what others see already.
    if (root && !root->marked_)
        for (AddressSpace* other : spaces_)
            if (other->view_->root() == root) {
                changed |= space.adopt(other->view_);
                return;
            }
    fresh.push_back(std::make_shared<FlatView>(root));
    changed |= space.adopt(fresh.back());
}

void MemoryMap::commit() {
    assert(depth_ > 0);
    if (--depth_ || marked_.empty()) return;
    bool changed = false;
    std::vector<std::shared_ptr<const FlatView>> fresh;
    for (AddressSpace* space : spaces_)
        if (space->root().marked_) render(*space, fresh, changed);
    for (MemoryRegion* region : marked_)
        region->marked_ = false;
    marked_.clear();
    if (changed) notify();
}

}  // namespace exec
