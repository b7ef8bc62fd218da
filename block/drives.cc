// SPDX-License-Identifier: GPL-2.0-or-later
//
// The VM's table of drives.
#include "block/drives.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "qapi/event.h"
#include "qapi/keyval.h"
#include "qapi/qapi-events-block-core.h"
#include "qapi/qapi-events-block.h"

namespace block {

Drives::Drives(std::unique_ptr<Executor> executor, qapi::EventSink* events,
               const io::FdSets* descriptors)
    : executor_(std::move(executor)), events_(events), descriptors_(descriptors) {
    owner_.error_reported = [this](BlockBackend& b, ErrorAction action, bool is_read, int error) {
        error_reported(b, action, is_read, error);
    };
    owner_.tray_moved = [this](BlockBackend& b, bool open) { tray_moved(b, open); };
}

Drives::~Drives() {
    drain_all();
    backends_.clear();
    kept_.clear();
}

// ---- back ends --------------------------------------------------------------------------------

Result<BlockBackend*> Drives::add_backend(std::string name) {
    if (find_backend(name)) return fail("Device with id '{}' already exists", name);
    if (find_node(name)) return fail("Device name '{}' conflicts with an existing node name", name);
    backends_.push_back(std::make_unique<BlockBackend>(std::move(name), *executor_, owner_));
    return backends_.back().get();
}

BlockBackend& Drives::add_anonymous() {
    backends_.push_back(std::make_unique<BlockBackend>(std::string{}, *executor_, owner_));
    return *backends_.back();
}

void Drives::remove_backend(BlockBackend& gone) {
    std::erase_if(backends_, [&](const auto& b) { return b.get() == &gone; });
}

Result<void> Drives::delete_drive(std::string_view name) {
    if (find_node(name)) return remove_node(name);
    BlockBackend* b = find_backend(name);
    if (!b) return fail(ErrorClass::DeviceNotFound, "Device '{}' not found", name);
    b->remove();
    if (!b->device()) {
        remove_backend(*b);
        return {};
    }
    b->lose_name();
    // Nobody waits for a medium to come back.
    b->on_read_error = b->on_write_error = OnError::Report;
    return {};
}

Result<void> Drives::add_drive(std::string_view options) {
    if (!make_drive_) return fail("this VM takes no drives");
    return make_drive_(options);
}

BlockBackend* Drives::find_backend(std::string_view name) const {
    for (const auto& b : backends_)
        if (!name.empty() && b->name() == name) return b.get();
    return nullptr;
}

BlockBackend* Drives::find_by_device(std::string_view id_or_path) const {
    for (const auto& b : backends_)
        if (b->device() && b->device_id() == id_or_path) return b.get();
    return nullptr;
}

Result<BlockBackend*> Drives::for_device(std::string_view drive) {
    if (BlockBackend* found = find_backend(drive)) {
        if (found->device()) return fail("Drive '{}' is already in use by another device", drive);
        return found;
    }
    NodeRef node = find_node(drive);
    if (!node) return fail("can't find value '{}'", drive);
    BlockBackend& own = add_anonymous();
    auto inserted = own.insert(std::move(node));
    if (!inserted) {
        remove_backend(own);
        return std::move(inserted).error();
    }
    return &own;
}

// ---- nodes ------------------------------------------------------------------------------------

std::string Drives::make_node_name() {
    // A name that no user can choose, and that nobody should get used to.
    const unsigned n = names_made_++;
    return fmt::format("#block{}{:02}", n, n * 37 % 100);
}

Result<void> Drives::check_node_name(std::string_view name) const {
    constexpr std::size_t longest = 31;
    if (!qapi::is_identifier(name)) return fail("Invalid node-name: '{}'", name);
    if (name.size() > longest) return fail("Node name too long");
    if (find_backend(name)) return fail("node-name={} is conflicting with a device id", name);
    if (find_node(name)) return fail("Duplicate nodes with node-name='{}'", name);
    return {};
}

void Drives::add_node(const NodeRef& node) {
    std::erase_if(nodes_, [](const auto& n) { return n.expired(); });
    nodes_.push_back(node);
}

Result<void> Drives::remove_node(std::string_view name) {
    const NodeRef node = find_node(name);
    if (!node) return fail("Failed to find node with node-name='{}'", name);
    const auto at = std::find(kept_.begin(), kept_.end(), node);
    if (at == kept_.end()) return fail("Node {} is not owned by the monitor", name);
    if (!node->users().empty()) return fail("Node {} is in use", name);
    kept_.erase(at);
    return {};
}

NodeRef Drives::find_node(std::string_view name) const {
    for (const auto& weak : nodes_)
        if (NodeRef n = weak.lock(); n && n->node_name() == name) return n;
    return nullptr;
}

std::vector<NodeRef> Drives::nodes() const {
    std::vector<NodeRef> all;
    for (auto weak = nodes_.rbegin(); weak != nodes_.rend(); ++weak)
        if (NodeRef n = weak->lock()) all.push_back(std::move(n));
    return all;
}

// ---- all of them ------------------------------------------------------------------------------

void Drives::drain_all() {
    for (bool again = true; again;) {
        again = false;
        for (const auto& b : backends_) {
            again |= b->in_flight() != 0;
            b->drain();
        }
    }
}

Result<void> Drives::flush_all() {
    drain_all();
    for (const auto& b : backends_)
        if (b->inserted())
            if (const int error = b->node()->flush())
                return fail("Cannot flush drive '{}': {}",
                            b->name().empty() ? b->device_id() : b->name(), std::strerror(error));
    return {};
}

Result<void> Drives::inactivate_all() {
    if (!active_) return {};
    TRY(flush_all());
    // From the top, so that nobody writes to what is below any more.
    for (const NodeRef& n : nodes())
        TRY(n->set_active(false));
    active_ = false;
    return {};
}

Result<void> Drives::activate_all() {
    if (active_) return {};
    auto all = nodes();
    // From the bottom: a child must have its image before a parent asks for it.
    for (auto at = all.rbegin(); at != all.rend(); ++at) {
        auto taken = (*at)->set_active(true);
        if (taken) continue;
        // To need less cannot fail.
        while (at != all.rbegin())
            (void)(*--at)->set_active(false);
        return taken;
    }
    active_ = true;
    for (const auto& b : backends_)
        if (b->device() && b->inserted()) b->device()->resized();
    return {};
}

Result<void> Drives::before_start() {
    TRY(activate_all());
    for (const auto& b : backends_)
        b->reset_io_status();
    return {};
}

void Drives::started() {
    for (const auto& b : backends_)
        if (b->device()) b->device()->vm_started();
}

// ---- events -----------------------------------------------------------------------------------

void Drives::error_reported(BlockBackend& b, ErrorAction action, bool is_read, int error) {
    if (events_) {
        using enum ErrorAction;
        qapi::BlockIoErrorEvent event{
            .device = b.name(),
            .operation = is_read ? qapi::IoOperationType::read : qapi::IoOperationType::write,
            .action = action == Report   ? qapi::BlockErrorAction::report
                      : action == Ignore ? qapi::BlockErrorAction::ignore
                                         : qapi::BlockErrorAction::stop,
            .reason = std::strerror(error)};
        if (b.node()) event.node_name = b.node()->node_name();
        if (b.shows_io_status()) event.nospace = error == ENOSPC;
        qapi::emit(*events_, event);
    }
    if (action == ErrorAction::Stop && stop_vm_) stop_vm_();
}

void Drives::tray_moved(BlockBackend& b, bool open) {
    if (events_)
        qapi::emit(*events_, qapi::DeviceTrayMovedEvent{
                                 .device = b.name(), .id = b.device_id(), .tray_open = open});
}

}  // namespace block
