// SPDX-License-Identifier: GPL-2.0-or-later
//
// A host file or block device as a node.
#pragma once

#include <atomic>
#include <mutex>

#include "block/file-lock.h"
#include "block/node.h"
#include "util/unique-fd.h"

namespace block {

class FileNode final : public Node {
public:
    FileNode(NodeOptions, FileOptions, UniqueFd, FileLock);

    std::string_view driver() const override { return is_device_ ? "host_device" : "file"; }
    std::string exact_filename() const override { return file_.filename; }
    qapi::JsonObject describe() const override;
    std::uint64_t size() const override { return size_; }
    std::optional<std::uint64_t> allocated() const override;
    Result<void> truncate(std::uint64_t size) override;

    struct DiscardCounts {
        std::uint64_t ok, failed, bytes;
    };
    DiscardCounts discards() const { return {discards_ok_, discards_failed_, discarded_bytes_}; }

    Result<void> measure() override;

protected:
    int do_read(std::uint64_t offset, std::span<std::uint8_t>) override;
    int do_write(std::uint64_t offset, std::span<const std::uint8_t>) override;
    int do_flush() override;
    int do_discard(std::uint64_t offset, std::uint64_t length) override;
    int do_write_zeroes(std::uint64_t offset, std::uint64_t length, bool may_unmap) override;
    Result<void> apply(Access a) override { return lock_.set(a, file_.filename); }

private:
    bool aligned(std::uint64_t offset, std::span<const std::uint8_t>) const;
    int read_through(std::uint64_t offset, std::span<std::uint8_t>);
    int write_through(std::uint64_t offset, std::span<const std::uint8_t>);
    void find_alignment();

    FileOptions file_;
    UniqueFd fd_;
    FileLock lock_;
    bool is_device_ = false;
    std::uint64_t size_ = 0;
    std::size_t alignment_ = 1;  // of offset, length and memory, with O_DIRECT
    std::mutex unaligned_;       // one read-modify-write at a time
    std::atomic<bool> flush_broken_{false};
    std::atomic<std::uint64_t> discards_ok_{0}, discards_failed_{0}, discarded_bytes_{0};
};

}  // namespace block
