// SPDX-License-Identifier: GPL-2.0-or-later
#include "qom/object.h"

#include <algorithm>
#include <cassert>

namespace qom {

constinit const Type object_type{.name = "object", .parent = {}};
constinit const Type container_type{.name = "container"};

Object::~Object() {
    leave_tree();
    for (Object* orphan : children_)
        orphan->parent_ = nullptr;
    for (const Link& link : links_)
        if (link.target) {
            auto& back = link.target->linked_from_;
            back.erase(std::find(back.begin(), back.end(), this));
        }
    for (Object* from : linked_from_)
        for (Link& link : from->links_)
            if (link.target == this) link.target = nullptr;
}

void Object::add_child(std::string_view name, Object& child_object) {
    assert(!child_object.parent_ && "an object has one place in the tree");
    constexpr std::string_view any = "[*]";
    std::string chosen(name);
    if (name.ends_with(any)) {
        const std::string stem(name.substr(0, name.size() - any.size()));
        for (unsigned n = 0;; n++) {
            chosen = fmt::format("{}[{}]", stem, n);
            if (!child(chosen)) break;
        }
    }
    assert(!child(chosen) && "two children of one name");
    child_object.name_ = std::move(chosen);
    child_object.parent_ = this;
    children_.push_back(&child_object);
}

void Object::leave_tree() {
    if (!parent_) return;
    std::erase(parent_->children_, this);
    parent_ = nullptr;
    name_.clear();
}

std::string Object::path() const {
    if (!parent_) return "/";
    std::string path;
    for (const Object* o = this; o->parent_; o = o->parent_)
        path.insert(0, "/" + o->name_);
    return path;
}

Object* Object::child(std::string_view name) const {
    for (Object* c : children_)
        if (c->name_ == name) return c;
    return nullptr;
}

void Object::set_link(std::string_view name, std::string_view type, Object* target) {
    auto link =
        std::find_if(links_.begin(), links_.end(), [&](const Link& l) { return l.name == name; });
    if (link == links_.end())
        link = links_.insert(links_.end(), {std::string(name), std::string(type), nullptr});
    if (link->target) {
        auto& back = link->target->linked_from_;
        back.erase(std::find(back.begin(), back.end(), this));
    }
    link->target = target;
    if (target) target->linked_from_.push_back(this);
}

Object& Object::root() {
    Object* top = this;
    while (top->parent_)
        top = top->parent_;
    return *top;
}

Object* Object::walk(std::string_view path) {
    Object* at = this;
    while (!path.empty()) {
        const auto word = path.substr(0, path.find('/'));
        path.remove_prefix(std::min(path.size(), word.size() + 1));
        if (word.empty()) continue;
        Object* next = at->child(word);
        if (!next)
            for (const Link& link : at->links_)
                if (link.name == word) next = link.target;
        if (!next) return nullptr;
        at = next;
    }
    return at;
}

void Object::find_partial(std::string_view path, Object*& found, bool& ambiguous) {
    if (Object* here = walk(path); here && here != found) {
        ambiguous |= found != nullptr;
        found = here;
    }
    for (Object* c : children_)
        c->find_partial(path, found, ambiguous);
}

Object* Object::resolve(std::string_view path, bool* ambiguous) {
    bool several = false;
    Object* found = nullptr;
    if (path.starts_with('/'))
        found = root().walk(path);
    else if (!path.empty())
        root().find_partial(path, found, several);
    if (ambiguous) *ambiguous = several;
    return several ? nullptr : found;
}

}  // namespace qom
