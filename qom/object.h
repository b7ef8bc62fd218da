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

class Object;

/// A property that is no member of a Config: its value is computed when asked. The getter is told
/// the name, so that one serves many.
struct Computed {
    std::string_view name;
    std::string_view type;
    qapi::Json (*get)(const Object&, std::string_view name);
    Result<void> (*set)(Object&, const qapi::Json&) = nullptr;  // null: read only
    std::string_view help{};
};

/// A type is constant data; qom/type-table.h collects all of them from explicit lists.
struct Type {
    std::string_view name;
    std::string_view parent = "object";  // by name; the chain ends at "object"
    bool abstract = false;
    std::span<const Property> properties{};
    std::string_view description{};
    std::span<const Computed> computed{};
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
    /// From the root of this tree by absolute path, or by a partial one when only one object has it
    /// (as `qom-get path=`). Links are followed like children.
    Object* resolve(std::string_view path, bool* ambiguous = nullptr);
    Object& root();

    /// The struct its type's properties point into; null when there is none.
    virtual void* config() { return nullptr; }
    /// Whether the property may be set now; a realized device refuses most.
    virtual Result<void> may_set(const Property&) const { return {}; }
    /// A property that may change while the object is in use was set.
    virtual void property_changed(const Property&) {}

    /// A named pointer to another object, "link<TYPE>" to QMP. Null while it leads nowhere; the
    /// target's end makes it so.
    struct Link {
        std::string name, type;
        Object* target = nullptr;
    };
    void set_link(std::string_view name, std::string_view type, Object* target);
    const std::vector<Link>& links() const { return links_; }

private:
    Object* walk(std::string_view path);
    void find_partial(std::string_view path, Object*& found, bool& ambiguous);
    const Type* type_;
    std::string name_;
    Object* parent_ = nullptr;
    std::vector<Object*> children_;
    std::vector<Link> links_;
    std::vector<Object*> linked_from_;  // one entry a link
};

extern const Type object_type;
/// A node that only holds others ("/machine/peripheral").
extern const Type container_type;

}  // namespace qom
