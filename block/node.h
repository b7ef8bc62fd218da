// SPDX-License-Identifier: GPL-2.0-or-later
//
// A block node: a source of bytes with a name (`-blockdev driver=...,node-name=...`), maybe on top
// of other nodes. Its I/O calls block and run on worker threads, several at once; everything else
// runs under the big lock, with no I/O under way where it changes what I/O uses.
// A result of I/O is 0 or an errno number.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "qapi/json.h"
#include "util/result.h"

namespace block {

inline constexpr std::uint64_t sector_size = 512;

/// What a user of a node does with it; the bit numbers are those of QEMU's image locks.
enum Permission : std::uint8_t {
    consistent_read = 1 << 0,
    writing = 1 << 1,
    write_unchanged = 1 << 2,
    resizing = 1 << 3,
};
inline constexpr unsigned permission_count = 4;
inline constexpr std::uint8_t every_permission = 15;
/// "write": as messages name it.
std::string_view permission_name(unsigned bit);

/// What one user does, and what it lets the others do.
struct Access {
    std::uint8_t used = 0, shared = every_permission;
};

enum class DetectZeroes : std::uint8_t { Off, On, Unmap };

/// What every driver takes.
struct NodeOptions {
    std::string name;
    bool read_only = false;
    bool auto_read_only = false;  // fall back to reading when writing is not permitted
    bool force_share = false;     // whatever others do with the image is fine
    bool direct = false;          // cache.direct
    bool no_flush = false;        // cache.no-flush
    bool unmap = false;           // discard=unmap
    DetectZeroes detect_zeroes = DetectZeroes::Off;
};

class Node;
using NodeRef = std::shared_ptr<Node>;  // a graph: several users may stand on one node

/// One use of a node: a back end's root, another node's child. While it holds a node, the node's
/// users agree about who may write.
class NodeUse {
public:
    /// "node 'r'" uses it as its "file" child; for messages.
    NodeUse(std::string user, std::string_view role) : user_(std::move(user)), role_(role) {}
    NodeUse(const NodeUse&) = delete;
    ~NodeUse() { release(); }

    void set_user(std::string user) { user_ = std::move(user); }
    /// Releases the one before. A failure leaves this empty.
    Result<void> take(NodeRef, Access);
    /// A failure leaves things as they were.
    Result<void> change(Access);
    void release();

    const NodeRef& node() const { return node_; }
    Access access() const { return access_; }
    std::string_view role() const { return role_; }
    std::string describe() const;

private:
    std::string user_;
    std::string_view role_;
    NodeRef node_;
    Access access_;
};

class Node {
public:
    explicit Node(NodeOptions options) : options_(std::move(options)) {}
    Node(const Node&) = delete;
    virtual ~Node() = default;

    const std::string& node_name() const { return options_.name; }
    const NodeOptions& options() const { return options_; }
    /// "file", "raw", "null-co" ...
    virtual std::string_view driver() const = 0;
    /// The name that alone opens it again; empty when it takes more than a name.
    virtual std::string exact_filename() const = 0;
    /// The options that make it, for where a name does not.
    virtual qapi::JsonObject describe() const = 0;
    /// The exact name, else "json:" and the options.
    std::string filename() const;
    virtual std::uint64_t size() const = 0;
    /// Bytes taken on the host, where that is known.
    virtual std::optional<std::uint64_t> allocated() const { return {}; }
    bool read_only() const { return options_.read_only; }

    int read(std::uint64_t offset, std::span<std::uint8_t>);
    int write(std::uint64_t offset, std::span<const std::uint8_t>);
    /// Everything written before is on stable storage when it returns.
    int flush() { return options_.no_flush ? 0 : do_flush(); }
    /// The range may read as anything afterwards, and gives its space back if it can and may.
    int discard(std::uint64_t offset, std::uint64_t length) {
        return options_.unmap ? do_discard(offset, length) : 0;
    }
    /// The range reads as zeros afterwards, as a hole where that can be.
    int write_zeroes(std::uint64_t offset, std::uint64_t length, bool may_unmap) {
        return do_write_zeroes(offset, length, may_unmap && options_.unmap);
    }
    virtual Result<void> truncate(std::uint64_t /*size*/) {
        return fail("Image format driver does not support resize");
    }
    /// The end of the write that reached furthest.
    std::uint64_t highest_write() const { return highest_write_.load(std::memory_order_relaxed); }

    /// Lets go of the image, so that another process may use it while this VM stands still; or
    /// takes it back, which another process may prevent. A node that is inactive takes no writes.
    Result<void> set_active(bool);
    bool active() const { return active_; }

    /// The node that the bytes come from ("file"), and the image that this is a layer above.
    virtual Node* primary() const { return nullptr; }
    virtual Node* backing() const { return nullptr; }
    const std::vector<NodeUse*>& users() const { return users_; }

protected:
    virtual int do_read(std::uint64_t offset, std::span<std::uint8_t>) = 0;
    virtual int do_write(std::uint64_t offset, std::span<const std::uint8_t>) = 0;
    virtual int do_flush() { return 0; }
    virtual int do_discard(std::uint64_t, std::uint64_t) { return 0; }
    virtual int do_write_zeroes(std::uint64_t offset, std::uint64_t length, bool may_unmap);
    /// The users' needs changed: locks, children. May refuse; then it changed nothing.
    virtual Result<void> apply(Access) { return {}; }
    /// Before it becomes active: another process may have changed the image's size.
    virtual Result<void> measure() { return {}; }
    NodeOptions options_;

private:
    friend class NodeUse;
    Access wanted() const;
    Result<void> check(const NodeUse&) const;

    std::vector<NodeUse*> users_;
    std::atomic<std::uint64_t> highest_write_{0};
    std::atomic<bool> active_{true};
};

struct FileOptions {
    std::string filename;
    enum class Locking : std::uint8_t { Auto, On, Off } locking = Locking::Auto;
    /// How a name becomes a descriptor: for names that are not the file system's.
    int (*open)(const void* opener, const std::string& name, int flags) = nullptr;
    const void* opener = nullptr;
};
/// A host file or block device. Errors name it: "Could not open 'disk.img': No such file or
/// directory".
Result<NodeRef> open_file(NodeOptions, FileOptions);

/// Forgets what is written.
struct NullOptions {
    std::uint64_t size = 1 << 30;
    std::uint64_t latency_ns = 0;
    bool read_zeroes = false;
};
Result<NodeRef> make_null(std::string_view driver, NodeOptions, NullOptions);

/// A window of `child`: the raw format. What was only guessed to be raw must not become something
/// else by what the guest writes to its start.
struct RawOptions {
    std::uint64_t offset = 0;
    std::optional<std::uint64_t> size;
    bool guessed = false;
};
Result<NodeRef> make_raw(NodeOptions, NodeRef child, RawOptions);

/// snapshot=on: writes go to an unlinked temporary file, `base` stays as it is.
Result<NodeRef> make_temporary_overlay(NodeOptions, NodeRef base);

/// Bytes in memory, for tests.
NodeRef make_memory(std::string node_name, std::uint64_t size);

}  // namespace block
