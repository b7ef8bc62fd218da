// SPDX-License-Identifier: GPL-2.0-or-later
//
// All types a program knows, by name: the explicit lists of its rooms joined. One table serves any
// number of VMs. Constant once filled.
#pragma once

#include <initializer_list>
#include <span>
#include <string_view>
#include <vector>

#include "qom/object.h"

namespace qom {

class TypeTable {
public:
    /// Knows "object" and "container".
    TypeTable();
    TypeTable(const TypeTable&) = delete;

    /// A room's list. `Kind` is what the entries are (qom::Type, hw::DeviceType ...), for
    /// find_as(). The list and the types live for good; a name comes once.
    template <class Kind>
    void add(std::span<const Kind* const> list) {
        for (const Kind* type : list)
            insert(*type, &tag<Kind>);
    }

    const Type* find(std::string_view name) const;
    /// Only a type that was added as that kind.
    template <class Kind>
    const Kind* find_as(std::string_view name) const {
        const Entry* entry = look_up(name);
        return entry && entry->tag == &tag<Kind> ? static_cast<const Kind*>(entry->type) : nullptr;
    }
    template <class Kind>
    std::vector<const Kind*> all_of() const {
        std::vector<const Kind*> found;
        for (const Entry& e : entries_)
            if (e.tag == &tag<Kind>) found.push_back(static_cast<const Kind*>(e.type));
        return found;
    }
    /// Sorted by name.
    std::vector<const Type*> all() const;

    const Type* parent(const Type& type) const { return find(type.parent); }
    /// A type is also its own ancestor.
    bool is_a(const Type& type, std::string_view ancestor) const;
    /// The type and its ancestors, "object" first.
    std::vector<const Type*> lineage(const Type&) const;
    /// An own or inherited property; the nearest of that name.
    const Property* property(const Type&, std::string_view name) const;
    const Computed* computed(const Type&, std::string_view name) const;

private:
    template <class Kind>
    static constexpr char tag = 0;
    struct Entry {
        const Type* type;
        const char* tag;
    };
    void insert(const Type&, const char* kind);
    const Entry* look_up(std::string_view name) const;
    std::vector<Entry> entries_;  // sorted by name
};

}  // namespace qom
