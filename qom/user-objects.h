// SPDX-License-Identifier: GPL-2.0-or-later
//
// The objects that users make with -object and object-add: back ends below /objects.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "qom/object.h"

namespace qapi {
class Context;
class Json;
class JsonObject;
}  // namespace qapi

namespace qom {

class TypeTable;

class UserObject : public Object {
public:
    using Object::Object;
    /// Its properties are set: opens, allocates, or says why not. Services by type in the context.
    virtual Result<void> complete(qapi::Context&) = 0;
    /// In use: may not be deleted.
    virtual bool in_use() const { return false; }
};

struct UserObjectType : Type {
    std::unique_ptr<UserObject> (*create)() = nullptr;
};

/// Finds objects and types: what the qom commands look at. A service.
struct Tree {
    Object& root;
    const TypeTable& types;
};

/// Owns them. A service.
class UserObjects {
public:
    /// `container` is the node at /objects.
    UserObjects(const TypeTable& types, Object& container) : types_(types), container_(container) {}
    UserObjects(const UserObjects&) = delete;
    /// The last made goes first.
    ~UserObjects();

    /// `options` holds "qom-type", "id" and the properties, of the schema's types (ObjectOptions).
    Result<UserObject*> add(qapi::Context&, const qapi::JsonObject& options);
    Result<void> remove(std::string_view id);
    UserObject* find(std::string_view id) const;

private:
    const TypeTable& types_;
    Object& container_;
    std::vector<std::unique_ptr<UserObject>> objects_;
};

}  // namespace qom
