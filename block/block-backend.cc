// SPDX-License-Identifier: GPL-2.0-or-later
//
// Requests of one disk, from the controller to the node and back.
#include "block/block-backend.h"

#include <cassert>
#include <cerrno>

namespace block {

using Clock = std::chrono::steady_clock;

BlockBackend::BlockBackend(std::string name, Executor& executor, const Owner& owner)
    : name_(std::move(name)),
      executor_(executor),
      owner_(owner),
      root_(fmt::format("block device '{}'", name_), "root") {}

BlockBackend::~BlockBackend() {
    drain();
}

// ---- the medium -------------------------------------------------------------------------------

/// Without a device a drive of the command line stands in nobody's way.
Access BlockBackend::access_for(const Node& node) const {
    if (!device_) return {};
    const bool writes = use_.writes && !node.read_only();
    Access a{.used = consistent_read, .shared = consistent_read | write_unchanged};
    if (writes) a.used |= writing;
    if (use_.share_writes) a.shared |= writing;
    if (use_.resizable) a.shared |= resizing;
    return a;
}

Result<void> BlockBackend::insert(NodeRef node) {
    drain();
    const Access access = access_for(*node);
    return root_.take(std::move(node), access);
}

NodeRef BlockBackend::remove() {
    drain();
    NodeRef gone = node();
    if (gone) empty_read_only_ = gone->read_only();
    root_.release();
    return gone;
}

Result<void> BlockBackend::resize(std::uint64_t size) {
    drain();
    TRY(node()->truncate(size));
    if (device_) device_->resized();
    return {};
}

// ---- the device -------------------------------------------------------------------------------

Result<void> BlockBackend::attach(AttachedDevice& device, Use use) {
    device_ = &device;
    use_ = use;
    root_.set_user(fmt::format("block device '{}'", name_.empty() ? device_id() : name_));
    if (!node()) return {};
    auto agreed = root_.change(access_for(*node()));
    if (!agreed) detach();
    return agreed;
}

void BlockBackend::detach() {
    drain();
    device_ = nullptr;
    use_ = {};
    // To need less cannot fail.
    if (node()) (void)root_.change(access_for(*node()));
}

void BlockBackend::move_tray(bool loaded) {
    const bool was_open = device_->tray_open();
    device_->medium_changed(loaded);
    if (device_->tray_open() != was_open) tray_moved(!was_open);
}

void BlockBackend::tray_moved(bool open) {
    if (owner_.tray_moved) owner_.tray_moved(*this, open);
}

// ---- requests ---------------------------------------------------------------------------------

void BlockBackend::submit(Kind kind, std::uint64_t bytes, int error, Executor::Work work,
                          Done done) {
    in_flight_++;
    RequestCounts& c = counts_[static_cast<unsigned>(kind)];
    if (error) {
        c.invalid++;
        if (account_invalid) last_request_ = Clock::now();
        work = [error] { return error; };
    }
    executor_.submit(std::move(work), [this, &c, bytes, invalid = error != 0, begun = Clock::now(),
                                       done = std::move(done)](int result) {
        in_flight_--;
        if (!invalid) {
            const auto now = Clock::now();
            if (result == 0) {
                c.operations++;
                c.bytes += bytes;
            } else {
                c.failed++;
            }
            if (result == 0 || account_failed) {
                c.time += now - begun;
                last_request_ = now;
            }
        }
        done(result);
    });
}

/// Out of the medium is a guest's mistake: no node sees it.
bool BlockBackend::may_reach(std::uint64_t offset, std::uint64_t length) const {
    // An image whose size is no multiple of a sector has its last sector filled up with zeros.
    const std::uint64_t end = (size() + sector_size - 1) / sector_size * sector_size;
    return offset <= end && length <= end - offset;
}

void BlockBackend::read(std::uint64_t offset, std::span<std::uint8_t> to, Done done) {
    const int error = !inserted() ? ENOMEDIUM : may_reach(offset, to.size()) ? 0 : EIO;
    submit(
        Kind::Read, to.size(), error,
        [node = node(), offset, to] { return node->read(offset, to); }, std::move(done));
}

void BlockBackend::write(std::uint64_t offset, std::span<const std::uint8_t> from, Done done) {
    const int error = !inserted()                      ? ENOMEDIUM
                      : read_only()                    ? EPERM
                      : may_reach(offset, from.size()) ? 0
                                                       : EIO;
    submit(
        Kind::Write, from.size(), error,
        [node = node(), offset, from, durable = !write_cache_] {
            const int failed = node->write(offset, from);
            return failed || !durable ? failed : node->flush();
        },
        std::move(done));
}

// A flush covers the writes that were answered before it was asked for; those are in the node.
void BlockBackend::flush(Done done) {
    submit(
        Kind::Flush, 0, inserted() ? 0 : ENOMEDIUM, [node = node()] { return node->flush(); },
        std::move(done));
}

void BlockBackend::discard(std::uint64_t offset, std::uint64_t length, Done done) {
    const int error = !inserted()                 ? ENOMEDIUM
                      : read_only()               ? EPERM
                      : may_reach(offset, length) ? 0
                                                  : EIO;
    submit(
        Kind::Unmap, length, error,
        [node = node(), offset, length] { return node->discard(offset, length); }, std::move(done));
}

int BlockBackend::wait_for(std::function<void(Done)> start) {
    std::optional<int> answer;
    start([&](int error) { answer = error; });
    while (!answer)
        if (!executor_.wait()) assert(!"a request of this backend was lost");
    return *answer;
}
int BlockBackend::read_now(std::uint64_t offset, std::span<std::uint8_t> to) {
    return wait_for([&](Done done) { read(offset, to, std::move(done)); });
}
int BlockBackend::write_now(std::uint64_t offset, std::span<const std::uint8_t> from) {
    return wait_for([&](Done done) { write(offset, from, std::move(done)); });
}

void BlockBackend::drain() {
    while (in_flight_)
        if (!executor_.wait()) assert(!"a request of this backend was lost");
}

std::optional<std::chrono::nanoseconds> BlockBackend::idle_time() const {
    if (!last_request_) return {};
    return Clock::now() - *last_request_;
}

// ---- errors -----------------------------------------------------------------------------------

ErrorAction BlockBackend::handle_error(bool is_read, int error) {
    const OnError wish = is_read ? on_read_error : on_write_error;
    ErrorAction action = ErrorAction::Report;
    if (wish == OnError::Ignore) action = ErrorAction::Ignore;
    if (wish == OnError::Stop || (wish == OnError::Enospc && error == ENOSPC))
        action = ErrorAction::Stop;
    // The first error is what somebody will look for.
    if (action == ErrorAction::Stop && io_status_ == IoStatus::Ok)
        io_status_ = error == ENOSPC ? IoStatus::NoSpace : IoStatus::Failed;
    if (owner_.error_reported) owner_.error_reported(*this, action, is_read, error);
    return action;
}

bool BlockBackend::shows_io_status() const {
    return use_.tells_status && (on_write_error == OnError::Enospc ||
                                 on_write_error == OnError::Stop || on_read_error == OnError::Stop);
}

}  // namespace block
