// SPDX-License-Identifier: GPL-2.0-or-later
#include "exec/mtree.h"

#include <algorithm>

#include "exec/address-space.h"
#include "exec/memory.h"
#include "exec/ram-block.h"

namespace exec {

namespace {

/// A window has the kind of what it shows.
std::string_view kind(const MemoryRegion& region) {
    const MemoryRegion* r = &region;
    while (r->alias_target())
        r = r->alias_target();
    if (!r->ram_block()) return "i/o";
    if (r->ops()) return r->direct_reads() ? "romd" : "i/o";
    if (r->nonvolatile()) return "nv-ram";
    return r->readonly() ? "rom" : "ram";
}

hwaddr last_of(const MemoryRegion& r, hwaddr base) {
    return r.size() == MemoryRegion::whole ? r.size() : base + (r.size() - 1);
}

struct Printer {
    bool disabled;
    std::string text{};
    std::vector<const MemoryRegion*> targets{};  // of windows met on the way

    void tree(const MemoryRegion& r, unsigned depth, hwaddr base) {
        base += r.address();
        if (r.alias_target() && std::ranges::find(targets, r.alias_target()) == targets.end())
            targets.push_back(r.alias_target());
        if (r.enabled() || disabled) {
            const hwaddr last = last_of(r, base);
            text += fmt::format("{:{}}{:016x}-{:016x} (prio {}, {}): ", "", 2 * depth, base, last,
                                r.priority(), kind(r));
            if (const MemoryRegion* target = r.alias_target())
                text += fmt::format("alias {} @{} {:016x}-{:016x}", r.name(), target->name(),
                                    r.alias_offset(), last_of(r, r.alias_offset()));
            else
                text += r.name();
            text += r.enabled() ? "\n" : " [disabled]\n";
        }
        auto children = r.subregions();
        std::stable_sort(children.begin(), children.end(),
                         [](const MemoryRegion* a, const MemoryRegion* b) {
                             return a->address() < b->address();
                         });
        for (const MemoryRegion* child : children)
            tree(*child, depth + 1, base);
    }
};

}  // namespace

std::string mtree(const MemoryMap& map, bool disabled) {
    Printer out{disabled};
    std::vector<const MemoryRegion*> done;
    for (const AddressSpace* space : map.address_spaces()) {
        const MemoryRegion* root = &space->root();
        if (std::ranges::find(done, root) != done.end()) continue;
        done.push_back(root);
        for (const AddressSpace* same : map.address_spaces())
            if (&same->root() == root) out.text += "address-space: " + same->name() + "\n";
        out.tree(*root, 1, 0);
        out.text += "\n";
    }
    for (std::size_t i = 0; i < out.targets.size(); i++) {
        out.text += "memory-region: " + out.targets[i]->name() + "\n";
        // A region is shown where it stands, whatever holds it there.
        out.tree(*out.targets[i], 1, 0);
        out.text += "\n";
    }
    return std::move(out.text);
}

std::string mtree_flat(const MemoryMap& map) {
    std::string text;
    std::vector<const MemoryRegion*> done;
    unsigned number = 0;
    for (const AddressSpace* space : map.address_spaces()) {
        const auto view = space->view();
        if (std::ranges::find(done, view->root()) != done.end()) continue;
        done.push_back(view->root());
        text += fmt::format("FlatView #{}\n", number++);
        for (const AddressSpace* same : map.address_spaces())
            if (same->view()->root() == view->root())
                text += fmt::format(" AS \"{}\", root: {}\n", same->name(), same->root().name());
        text += fmt::format(" Root memory region: {}\n",
                            view->root() ? view->root()->name() : "(none)");
        if (view->ranges().empty()) text += "  No rendered FlatView\n";
        for (const FlatRange& r : view->ranges()) {
            text += fmt::format("  {:016x}-{:016x} (prio {}, {}): {}", r.start, r.last(),
                                r.region->priority(), r.readonly ? "rom" : kind(*r.region),
                                r.region->name());
            if (r.offset_in_region) text += fmt::format(" @{:016x}", r.offset_in_region);
            text += "\n";
        }
        text += "\n";
    }
    return text;
}

}  // namespace exec
