// SPDX-License-Identifier: GPL-2.0-or-later
//
// What a disk controller sees of a disk: a medium that may be absent, asynchronous requests, counts
// of them, and what to do about their errors. Under the big lock.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "block/executor.h"
#include "block/node.h"

namespace block {

/// rerror= and werror=.
enum class OnError : std::uint8_t { Report, Ignore, Enospc, Stop };
/// What the controller shall do about an error.
enum class ErrorAction : std::uint8_t { Report, Ignore, Stop };
enum class IoStatus : std::uint8_t { Ok, Failed, NoSpace };

/// The device that a backend's medium is in.
class AttachedDevice {
public:
    virtual ~AttachedDevice() = default;
    /// Its id, or its path in the object tree.
    virtual std::string id_or_path() const = 0;
    virtual bool removable() const { return false; }
    virtual bool has_tray() const { return false; }
    virtual bool tray_open() const { return false; }
    virtual bool medium_locked() const { return false; }
    /// The tray closed (`loaded`) or opened; in a drive without one, a medium came or went.
    virtual void medium_changed(bool loaded) = 0;
    /// The guest is asked to open a tray that it has locked; with `force` it opens anyway.
    virtual void eject_requested(bool /*force*/) {}
    virtual void resized() {}
    /// The VM goes on: what was left undone by ErrorAction::Stop is done again.
    virtual void vm_started() {}
};

/// Requests of one kind.
struct RequestCounts {
    std::uint64_t operations = 0, bytes = 0, failed = 0, invalid = 0;
    std::chrono::nanoseconds time{0};
};

class BlockBackend {
public:
    using Done = std::function<void(int error)>;
    enum class Kind : std::uint8_t { Read, Write, Flush, Unmap };

    /// What the owner of all back ends wants to know.
    struct Owner {
        std::function<void(BlockBackend&, ErrorAction, bool is_read, int error)> error_reported;
        std::function<void(BlockBackend&, bool open)> tray_moved;
    };

    BlockBackend(std::string name, Executor&, const Owner&);
    BlockBackend(const BlockBackend&) = delete;
    ~BlockBackend();

    /// "ide0-hd0", "floppy0": the `device` of query-block.
    const std::string& name() const { return name_; }
    /// Its device goes on without: from now on it is only to be found by that.
    void lose_name() { name_.clear(); }

    // ---- the medium
    const NodeRef& node() const { return root_.node(); }
    bool inserted() const { return node() != nullptr; }
    /// The medium's users have to agree to what this back end's device does with it.
    Result<void> insert(NodeRef);
    NodeRef remove();
    std::uint64_t size() const { return node() ? node()->size() : 0; }
    std::uint64_t sectors() const { return size() / sector_size; }
    bool read_only() const { return node() ? node()->read_only() : empty_read_only_; }
    /// What the next medium will be, while there is none.
    void set_empty_read_only(bool on) { empty_read_only_ = on; }
    Result<void> resize(std::uint64_t size);

    // ---- the device
    struct Use {
        bool writes = true;
        bool share_writes = false;  // share-rw=on
        bool tells_status = false;  // shows io-status
        bool resizable = true;      // another size while it runs is no surprise
    };
    Result<void> attach(AttachedDevice&, Use);
    void detach();
    AttachedDevice* device() const { return device_; }
    /// "" without a device.
    std::string device_id() const { return device_ ? device_->id_or_path() : std::string(); }
    /// The tray moves, by a person's command or the guest's.
    void move_tray(bool loaded);
    /// The device has moved its tray itself.
    void tray_moved(bool open);

    // ---- requests
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

    /// Off: a write is answered when it is on stable storage.
    void set_write_cache(bool on) { write_cache_ = on; }
    bool write_cache() const { return write_cache_; }

    // ---- errors
    OnError on_read_error = OnError::Report, on_write_error = OnError::Enospc;
    /// Decides, tells, remembers; a Stop is asked of the VM.
    ErrorAction handle_error(bool is_read, int error);
    bool shows_io_status() const;
    IoStatus io_status() const { return io_status_; }
    void reset_io_status() { io_status_ = IoStatus::Ok; }

    // ---- counts
    const RequestCounts& counts(Kind k) const { return counts_[static_cast<unsigned>(k)]; }
    /// Since the last request ended.
    std::optional<std::chrono::nanoseconds> idle_time() const;
    bool account_invalid = true, account_failed = true;

private:
    bool may_reach(std::uint64_t offset, std::uint64_t length) const;
    /// `error` other than 0: nobody needs to be asked, the request makes no sense.
    void submit(Kind, std::uint64_t bytes, int error, Executor::Work, Done);
    Access access_for(const Node&) const;
    int wait_for(std::function<void(Done)> start);

    std::string name_;
    Executor& executor_;
    const Owner& owner_;
    NodeUse root_;
    AttachedDevice* device_ = nullptr;
    Use use_;
    bool write_cache_ = true, empty_read_only_ = false;
    IoStatus io_status_ = IoStatus::Ok;
    unsigned in_flight_ = 0;
    std::array<RequestCounts, 4> counts_;
    std::optional<std::chrono::steady_clock::time_point> last_request_;
};

}  // namespace block
