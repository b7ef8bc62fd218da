// SPDX-License-Identifier: GPL-2.0-or-later
//
// What a disk controller sees of a disk: a medium that may be absent, asynchronous requests, and
// what to do about their errors. Under the big lock.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "block/executor.h"
#include "block/node.h"

namespace block {

/// rerror= and werror=.
enum class OnError : std::uint8_t { Report, Ignore, Enospc, Stop };
/// What the controller shall do about an error.
enum class ErrorAction : std::uint8_t { Report, Ignore, Stop };

/// Media changes, as the device that a backend is attached to hears of them.
class MediumListener {
public:
    virtual ~MediumListener() = default;
    virtual void medium_changed(bool loaded) = 0;
    virtual bool tray_open() const { return false; }
    virtual bool medium_locked() const { return false; }
    virtual void eject_requested(bool /*force*/) {}
};

class BlockBackend {
public:
    using Done = std::function<void(int error)>;

    BlockBackend(std::string name, Executor& executor)
        : name_(std::move(name)), executor_(executor) {}
    BlockBackend(const BlockBackend&) = delete;
    ~BlockBackend();

    /// "ide0-hd0", "floppy0": the `device` of query-block.
    const std::string& name() const { return name_; }

    Node* medium() const { return node_.get(); }
    const NodeRef& node() const { return node_; }
    void insert(NodeRef node);
    NodeRef remove();
    bool inserted() const { return node_ != nullptr; }
    std::uint64_t size() const { return node_ ? node_->size() : 0; }
    std::uint64_t sectors() const { return size() / sector_size; }
    bool read_only() const { return node_ && node_->read_only(); }

    /// The device whose medium this is; null when it goes.
    void attach(MediumListener* listener) { listener_ = listener; }
    MediumListener* device() const { return listener_; }

    // Each calls `done` once, later, under the big lock. The memory stays the caller's and must
    // stay valid until then.
    void read(std::uint64_t offset, std::span<std::uint8_t> to, Done);
    void write(std::uint64_t offset, std::span<const std::uint8_t> from, Done);
    void flush(Done);
    void discard(std::uint64_t offset, std::uint64_t length, Done);

    /// For loaders and floppies: waits for the answer.
    int read_now(std::uint64_t offset, std::span<std::uint8_t> to);
    int write_now(std::uint64_t offset, std::span<const std::uint8_t> from);

    unsigned in_flight() const { return in_flight_; }
    /// Returns when no request of this backend is under way; their `done` have run.
    void drain();

    OnError on_read_error = OnError::Report, on_write_error = OnError::Enospc;
    ErrorAction error_action(bool is_read, int error) const;
    /// Emits BLOCK_IO_ERROR and, for Stop, stops the VM. The owner of the VM sets it.
    std::function<void(BlockBackend&, ErrorAction, bool is_read, int error)> report_error;

    struct Counters {
        std::uint64_t read_bytes = 0, write_bytes = 0, read_operations = 0, write_operations = 0,
                      flush_operations = 0, failed_reads = 0, failed_writes = 0;
    };
    const Counters& counters() const { return counters_; }

private:
    void submit(Executor::Work, Done);

    std::string name_;
    Executor& executor_;
    NodeRef node_;
    MediumListener* listener_ = nullptr;
    unsigned in_flight_ = 0;
    Counters counters_;
};

}  // namespace block
