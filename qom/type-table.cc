// SPDX-License-Identifier: GPL-2.0-or-later
#include "qom/type-table.h"

#include <algorithm>
#include <cassert>

namespace qom {

TypeTable::TypeTable() {
    static constexpr const Type* base[] = {&object_type, &container_type};
    add<Type>(base);
}

void TypeTable::insert(const Type& type, const char* kind) {
    auto place =
        std::lower_bound(entries_.begin(), entries_.end(), type.name,
                         [](const Entry& e, std::string_view name) { return e.type->name < name; });
    assert((place == entries_.end() || place->type->name != type.name) && "two types of one name");
    entries_.insert(place, {&type, kind});
}

const TypeTable::Entry* TypeTable::look_up(std::string_view name) const {
    auto place =
        std::lower_bound(entries_.begin(), entries_.end(), name,
                         [](const Entry& e, std::string_view n) { return e.type->name < n; });
    return place != entries_.end() && place->type->name == name ? &*place : nullptr;
}

const Type* TypeTable::find(std::string_view name) const {
    const Entry* entry = look_up(name);
    return entry ? entry->type : nullptr;
}

std::vector<const Type*> TypeTable::all() const {
    std::vector<const Type*> types;
    for (const Entry& e : entries_)
        types.push_back(e.type);
    return types;
}

bool TypeTable::is_a(const Type& type, std::string_view ancestor) const {
    for (const Type* t = &type; t; t = parent(*t))
        if (t->name == ancestor) return true;
    return false;
}

std::vector<const Type*> TypeTable::lineage(const Type& type) const {
    std::vector<const Type*> types;
    for (const Type* t = &type; t; t = parent(*t))
        types.push_back(t);
    std::reverse(types.begin(), types.end());
    return types;
}

const Property* TypeTable::property(const Type& type, std::string_view name) const {
    for (const Type* t = &type; t; t = parent(*t))
        for (const Property& p : t->properties)
            if (p.name == name) return &p;
    return nullptr;
}

const Computed* TypeTable::computed(const Type& type, std::string_view name) const {
    for (const Type* t = &type; t; t = parent(*t))
        for (const Computed& c : t->computed)
            if (c.name == name) return &c;
    return nullptr;
}

}  // namespace qom
