// SPDX-License-Identifier: GPL-2.0-or-later
//
// Requests of one disk, from the controller to the node and back.
#include "block/block-backend.h"

#include <cassert>
#include <cerrno>

namespace block {

BlockBackend::~BlockBackend() {
    drain();
}

void BlockBackend::insert(NodeRef node) {
    drain();
    node_ = std::move(node);
    if (listener_) listener_->medium_changed(node_ != nullptr);
}

NodeRef BlockBackend::remove() {
    drain();
    NodeRef gone = std::move(node_);
    node_ = nullptr;
    if (gone && listener_) listener_->medium_changed(false);
    return gone;
}

void BlockBackend::submit(Executor::Work work, Done done) {
    in_flight_++;
    executor_.submit(std::move(work), [this, done = std::move(done)](int error) {
        in_flight_--;
        done(error);
    });
}

namespace {

// Out of the medium is the caller's mistake, or a guest's: no node sees it.
bool inside(const Node* node, std::uint64_t offset, std::uint64_t length) {
    if (!node) return false;
    // An image whose size is no multiple of a sector has its last sector filled up with zeros.
    const std::uint64_t size = (node->size() + sector_size - 1) / sector_size * sector_size;
    return offset <= size && length <= size - offset;
}

}  // namespace

void BlockBackend::read(std::uint64_t offset, std::span<std::uint8_t> to, Done done) {
    counters_.read_operations++;
    counters_.read_bytes += to.size();
    if (!inside(node_.get(), offset, to.size())) {
        submit([inserted = inserted()] { return inserted ? EIO : ENOMEDIUM; }, std::move(done));
        return;
    }
    submit([node = node_, offset, to] { return node->read(offset, to); },
           [this, done = std::move(done)](int error) {
               counters_.failed_reads += error != 0;
               done(error);
           });
}

void BlockBackend::write(std::uint64_t offset, std::span<const std::uint8_t> from, Done done) {
    counters_.write_operations++;
    counters_.write_bytes += from.size();
    if (!inside(node_.get(), offset, from.size()) || read_only()) {
        const int error = !inserted() ? ENOMEDIUM : read_only() ? EPERM : EIO;
        submit([error] { return error; }, std::move(done));
        return;
    }
    submit([node = node_, offset, from] { return node->write(offset, from); },
           [this, done = std::move(done)](int error) {
               counters_.failed_writes += error != 0;
               done(error);
           });
}

// A flush covers the writes that were answered before it was asked for; those are in the node.
void BlockBackend::flush(Done done) {
    counters_.flush_operations++;
    submit([node = node_] { return node ? node->flush() : ENOMEDIUM; }, std::move(done));
}

void BlockBackend::discard(std::uint64_t offset, std::uint64_t length, Done done) {
    if (!inside(node_.get(), offset, length) || read_only()) {
        submit([] { return EIO; }, std::move(done));
        return;
    }
    submit([node = node_, offset, length] { return node->discard(offset, length); },
           std::move(done));
}

void BlockBackend::drain() {
    while (in_flight_)
        if (!executor_.wait()) assert(!"a request of this backend was lost");
}

int BlockBackend::read_now(std::uint64_t offset, std::span<std::uint8_t> to) {
    if (!inside(node_.get(), offset, to.size())) return node_ ? EIO : ENOMEDIUM;
    drain();
    return node_->read(offset, to);
}

int BlockBackend::write_now(std::uint64_t offset, std::span<const std::uint8_t> from) {
    if (!inside(node_.get(), offset, from.size())) return node_ ? EIO : ENOMEDIUM;
    if (read_only()) return EPERM;
    drain();
    return node_->write(offset, from);
}

ErrorAction BlockBackend::error_action(bool is_read, int error) const {
    switch (is_read ? on_read_error : on_write_error) {
        case OnError::Report: return ErrorAction::Report;
        case OnError::Ignore: return ErrorAction::Ignore;
        case OnError::Enospc: return error == ENOSPC ? ErrorAction::Stop : ErrorAction::Report;
        case OnError::Stop: return ErrorAction::Stop;
    }
    return ErrorAction::Report;
}

}  // namespace block
