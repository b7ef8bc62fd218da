// SPDX-License-Identifier: GPL-2.0-or-later
#include "qom/access.h"

#include "qapi/json.h"
#include "qom/type-table.h"

namespace qom {

namespace {

Error not_found(const Object& object, std::string_view name) {
    return fail("Property '{}.{}' not found", object.type_name(), name);
}

/// Why a name that is no settable member cannot be set.
Error cannot_set(const TypeTable& types, const Object& object, std::string_view name) {
    bool known = name == "type" || types.computed(object.type(), name) || object.child(name);
    for (const Object::Link& link : object.links())
        known |= link.name == name;
    if (!known) return not_found(object, name);
    return fail("Property '{}.{}' is not writable", object.type_name(), name);
}

void add_static(const TypeTable& types, const Type& type, std::vector<PropertyInfo>& list) {
    list.push_back({"type", "string", {}});
    for (const Type* t : types.lineage(type)) {
        for (const Computed& c : t->computed)
            list.push_back({std::string(c.name), std::string(c.type), c.help});
        for (const Property& p : t->properties)
            list.push_back({std::string(p.name), std::string(p.type), p.help});
    }
}

}  // namespace

std::vector<PropertyInfo> list_properties(const TypeTable& types, const Type& type) {
    std::vector<PropertyInfo> list;
    add_static(types, type, list);
    return list;
}

std::vector<PropertyInfo> list_properties(const TypeTable& types, const Object& object) {
    std::vector<PropertyInfo> list;
    add_static(types, object.type(), list);
    for (const Object::Link& link : object.links())
        list.push_back({link.name, "link<" + link.type + ">", {}});
    for (const Object* child : object.children())
        list.push_back({child->name(), fmt::format("child<{}>", child->type_name()), {}});
    return list;
}

Result<qapi::Json> get(const TypeTable& types, const Object& object, std::string_view name) {
    if (name == "type") return qapi::Json(object.type_name());
    if (const Property* p = types.property(object.type(), name)) {
        // config() only hands out the address; reading through it changes nothing.
        if (void* config = const_cast<Object&>(object).config()) return get(*p, config);
        return not_found(object, name);
    }
    if (const Computed* c = types.computed(object.type(), name)) return c->get(object, name);
    for (const Object::Link& link : object.links())
        if (link.name == name) return qapi::Json(link.target ? link.target->path() : "");
    if (const Object* child = object.child(name)) return qapi::Json(child->path());
    return not_found(object, name);
}

Result<void> set(const TypeTable& types, Object& object, std::string_view name,
                 const qapi::Json& value) {
    if (const Property* p = types.property(object.type(), name); p && object.config()) {
        TRY(object.may_set(*p));
        TRY(set(*p, object.config(), object.type_name(), value));
        object.property_changed(*p);
        return {};
    }
    if (const Computed* c = types.computed(object.type(), name); c && c->set)
        return c->set(object, value);
    return cannot_set(types, object, name);
}

Result<void> set_text(const TypeTable& types, Object& object, std::string_view name,
                      std::string_view value) {
    if (const Property* p = types.property(object.type(), name); p && object.config()) {
        TRY(object.may_set(*p));
        TRY(set_text(*p, object.config(), object.type_name(), value));
        object.property_changed(*p);
        return {};
    }
    if (const Computed* c = types.computed(object.type(), name); c && c->set)
        return c->set(object, qapi::Json(value));
    return cannot_set(types, object, name);
}

}  // namespace qom
