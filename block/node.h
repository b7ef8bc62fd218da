// SPDX-License-Identifier: GPL-2.0-or-later
//
// A block node: a source of bytes with a name (`-blockdev driver=...,node-name=...`). Its I/O calls
// block and run on worker threads, several at once; everything else runs under the big lock.
// A result is 0 or an errno number.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "util/result.h"

namespace block {

inline constexpr std::uint64_t sector_size = 512;

class Node {
public:
    explicit Node(std::string name) : name_(std::move(name)) {}
    Node(const Node&) = delete;
    virtual ~Node() = default;

    const std::string& node_name() const { return name_; }
    /// "file", "raw", "null-co" ...
    virtual std::string_view driver() const = 0;
    /// What query-block calls "file": the place the bytes come from.
    virtual std::string filename() const = 0;
    virtual std::uint64_t size() const = 0;
    virtual bool read_only() const = 0;

    virtual int read(std::uint64_t offset, std::span<std::uint8_t>) = 0;
    virtual int write(std::uint64_t offset, std::span<const std::uint8_t>) = 0;
    /// Everything written before is on stable storage when it returns.
    virtual int flush() = 0;
    /// The range may read as anything afterwards, and gives its space back if it can.
    virtual int discard(std::uint64_t /*offset*/, std::uint64_t /*length*/) { return 0; }

    /// Lets go of the image, so that another process may use it while this VM is stopped.
    virtual Result<void> inactivate() { return {}; }
    virtual Result<void> activate() { return {}; }

private:
    std::string name_;
};

using NodeRef = std::shared_ptr<Node>;  // a graph: an overlay and a drive may share a node

struct FileOptions {
    std::string filename;
    bool read_only = false;
    bool auto_read_only = false;  // fall back to reading when writing is not permitted
    bool locking = true;          // OFD locks on the ranges QEMU uses
    bool share_writable = false;  // others may write too (share-rw=on)
    bool direct = false;          // cache.direct
    bool no_flush = false;        // cache.no-flush
};
/// A host file or block device. Errors name it: "Could not open 'disk.img': No such file or
/// directory".
Result<NodeRef> open_file(std::string node_name, const FileOptions&);

/// Reads as zeros (or as nothing in particular), forgets writes.
NodeRef make_null(std::string node_name, std::uint64_t size, bool read_zeroes = true,
                  bool read_only = false);

/// A window of `child`: the raw format.
Result<NodeRef> make_raw(std::string node_name, NodeRef child, std::uint64_t offset,
                         std::uint64_t size, bool read_only);
inline constexpr std::uint64_t whole_image = ~std::uint64_t{0};

/// snapshot=on: writes go to an unlinked temporary file, `base` stays as it is.
Result<NodeRef> make_temporary_overlay(std::string node_name, NodeRef base);

/// Bytes in memory, for tests.
NodeRef make_memory(std::string node_name, std::uint64_t size);

}  // namespace block
