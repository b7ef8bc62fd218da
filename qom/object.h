// SPDX-License-Identifier: GPL-2.0-or-later
//
// The object tree that qom-list walks: /machine/unattached/device[3]. It is a view of names over
// objects that others own; an object that dies leaves the tree. Device land: under the big lock.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "qom/property.h"

namespace qom {

/// A type is constant data; qom/type-table.h collects all of them from explicit lists.
struct Type {
    std::string_view name;
    std::string_view parent = "object";  // by name; the chain ends at "object"
    bool abstract = false;
    std::span<const Property> properties{};
    std::string_view description{};
};

class Object {
public:
    explicit Object(const Type& type) : type_(&type) {}
    Object(const Object&) = delete;
    virtual ~Object();

    const Type& type() const { return *type_; }
    std::string_view type_name() const { return type_->name; }

    /// The last word of the path; empty for the root and for what hangs nowhere.
    const std::string& name() const { return name_; }
    Object* parent() const { return parent_; }
    const std::vector<Object*>& children() const { return children_; }
    /// A name that ends in "[*]" takes the first free number: device[0], device[1] ...
    void add_child(std::string_view name, Object& child);
    void leave_tree();
    std::string path() const;
    Object* child(std::string_view name) const;
    /// By absolute path, or a partial one when only one object has it (as `qom-get path=`).
    Object* resolve(std::string_view path, bool* ambiguous = nullptr);

    /// The struct its type's properties point into; null when there is none.
    virtual void* config() { return nullptr; }
    /// Properties that are no table row: links, and values computed when asked.
    struct Link {
        std::string name, type;
        Object* target = nullptr;
    };
    std::vector<Link>& links() { return links_; }

private:
    const Type* type_;
    std::string name_;
    Object* parent_ = nullptr;
    std::vector<Object*> children_;
    std::vector<Link> links_;
};

/// A node that only holds others ("/machine/peripheral").
extern const Type container_type;

}  // namespace qom
