// SPDX-License-Identifier: GPL-2.0-or-later
//
// What a command handler is given: services by type. The owner of the VM provides each one by an
// explicit call; a handler asks for the interface that it needs and includes nothing from above
// its floor. A context may stand on another one: a monitor session adds its own services to the
// VM's. Not locked: fill it before commands run.
#pragma once

#include <cassert>
#include <type_traits>
#include <vector>

namespace qapi {

class Context {
public:
    Context() = default;
    /// Falls back to `parent`, which must live longer.
    explicit Context(const Context* parent) : parent_(parent) {}
    Context(const Context&) = delete;
    Context& operator=(const Context&) = delete;

    /// A later provider of the same type replaces an earlier one. The service must outlive the
    /// context, or be taken back with withdraw().
    template <class Service>
    void provide(Service& service) {
        // A const service comes back only as what it was provided as.
        put(&tag<Service>, const_cast<std::remove_const_t<Service>*>(&service));
    }
    template <class Service>
    void withdraw() {
        put(&tag<Service>, nullptr);
    }

    /// For services that are always there: to lack one is a bug.
    template <class Service>
    Service& get() const {
        Service* service = find<Service>();
        assert(service);
        return *service;
    }
    /// For services that a VM may not have.
    template <class Service>
    Service* find() const {
        // The only way in is provide<Service>() with the same tag, so the type is right.
        return static_cast<Service*>(look_up(&tag<Service>));
    }

private:
    template <class Service>
    static constexpr char tag = 0;

    struct Entry {
        const char* tag;
        void* service;
    };

    void put(const char* key, void* service) {
        for (Entry& entry : entries_) {
            if (entry.tag == key) {
                entry.service = service;
                return;
            }
        }
        entries_.push_back({key, service});
    }

    void* look_up(const char* key) const {
        for (const Entry& entry : entries_) {
            if (entry.tag == key && entry.service) return entry.service;
        }
        return parent_ ? parent_->look_up(key) : nullptr;
    }

    const Context* parent_ = nullptr;
    std::vector<Entry> entries_;
};

}  // namespace qapi
