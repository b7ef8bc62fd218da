// SPDX-License-Identifier: GPL-2.0-or-later
#include "block/file.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace block {

namespace {

struct Free {
    void operator()(void* p) const { std::free(p); }
};
using AlignedBytes = std::unique_ptr<std::uint8_t[], Free>;

AlignedBytes allocate_aligned(std::size_t alignment, std::size_t size) {
    return AlignedBytes(static_cast<std::uint8_t*>(std::aligned_alloc(alignment, size)));
}

int read_fully(int fd, std::uint64_t offset, std::span<std::uint8_t> to) {
    while (!to.empty()) {
        const ssize_t n = pread(fd, to.data(), to.size(), static_cast<off_t>(offset));
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return errno;
        if (n == 0) {  // beyond the end: the last sector of an odd-sized image
            std::memset(to.data(), 0, to.size());
            return 0;
        }
        to = to.subspan(static_cast<std::size_t>(n));
        offset += static_cast<std::uint64_t>(n);
    }
    return 0;
}

int write_fully(int fd, std::uint64_t offset, std::span<const std::uint8_t> from) {
    while (!from.empty()) {
        const ssize_t n = pwrite(fd, from.data(), from.size(), static_cast<off_t>(offset));
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return errno;
        from = from.subspan(static_cast<std::size_t>(n));
        offset += static_cast<std::uint64_t>(n);
    }
    return 0;
}

}  // namespace

FileNode::FileNode(NodeOptions options, FileOptions file, UniqueFd fd, FileLock lock)
    : Node(std::move(options)),
      file_(std::move(file)),
      fd_(std::move(fd)),
      lock_(std::move(lock)) {}

qapi::JsonObject FileNode::describe() const {
    return {{"driver", driver()}, {"filename", file_.filename}};
}

Result<void> FileNode::measure() {
    struct stat st {};
    if (fstat(fd_.get(), &st) < 0) return fail_errno(errno, file_.filename);
    is_device_ = S_ISBLK(st.st_mode);
    if (is_device_) {
        if (ioctl(fd_.get(), BLKGETSIZE64, &size_) < 0) return fail_errno(errno, file_.filename);
    } else if (S_ISREG(st.st_mode)) {
        size_ = static_cast<std::uint64_t>(st.st_size);
    } else {
        return fail("'file' driver requires '{}' to be a regular file", file_.filename);
    }
    if (options_.direct) find_alignment();
    return {};
}

/// What the file system takes with O_DIRECT: a sector, or a page.
void FileNode::find_alignment() {
    constexpr std::size_t page = 4096;
    alignment_ = page;
    const AlignedBytes probe = allocate_aligned(page, page);
    for (std::size_t size = sector_size; size < page; size *= 2)
        if (pread(fd_.get(), probe.get(), size, 0) >= 0) {
            alignment_ = size;
            return;
        }
}

std::optional<std::uint64_t> FileNode::allocated() const {
    struct stat st {};
    if (fstat(fd_.get(), &st) < 0) return {};
    return static_cast<std::uint64_t>(st.st_blocks) * 512;
}

Result<void> FileNode::truncate(std::uint64_t size) {
    if (is_device_) {
        if (size > size_) return fail("Cannot grow device files");
        return {};
    }
    if (ftruncate(fd_.get(), static_cast<off_t>(size)) < 0)
        return fail("Failed to resize the file: {}", std::strerror(errno));
    size_ = size;
    return {};
}

// ---- I/O --------------------------------------------------------------------------------------

bool FileNode::aligned(std::uint64_t offset, std::span<const std::uint8_t> bytes) const {
    return (offset | bytes.size() | reinterpret_cast<std::uintptr_t>(bytes.data())) % alignment_ ==
           0;
}

int FileNode::do_read(std::uint64_t offset, std::span<std::uint8_t> to) {
    if (aligned(offset, to)) return read_fully(fd_.get(), offset, to);
    return read_through(offset, to);
}

int FileNode::do_write(std::uint64_t offset, std::span<const std::uint8_t> from) {
    if (aligned(offset, from)) return write_fully(fd_.get(), offset, from);
    return write_through(offset, from);
}

int FileNode::read_through(std::uint64_t offset, std::span<std::uint8_t> to) {
    const std::uint64_t start = offset / alignment_ * alignment_;
    const std::uint64_t end = (offset + to.size() + alignment_ - 1) / alignment_ * alignment_;
    const auto length = static_cast<std::size_t>(end - start);
    const AlignedBytes bounce = allocate_aligned(alignment_, length);
    if (!bounce) return ENOMEM;
    if (const int error = read_fully(fd_.get(), start, {bounce.get(), length})) return error;
    std::memcpy(to.data(), bounce.get() + (offset - start), to.size());
    return 0;
}

int FileNode::write_through(std::uint64_t offset, std::span<const std::uint8_t> from) {
    const std::uint64_t start = offset / alignment_ * alignment_;
    const std::uint64_t end = (offset + from.size() + alignment_ - 1) / alignment_ * alignment_;
    const auto length = static_cast<std::size_t>(end - start);
    const AlignedBytes bounce = allocate_aligned(alignment_, length);
    if (!bounce) return ENOMEM;
    std::unique_lock lock(unaligned_, std::defer_lock);
    if (start != offset || length != from.size()) {
        lock.lock();
        if (const int error = read_fully(fd_.get(), start, {bounce.get(), length})) return error;
    }
    std::memcpy(bounce.get() + (offset - start), from.data(), from.size());
    return write_fully(fd_.get(), start, {bounce.get(), length});
}

int FileNode::do_flush() {
    if (read_only()) return 0;
    // After a failed fdatasync the kernel has dropped the dirty pages: a later success would be a
    // lie (the case PostgreSQL met in 2018).
    if (flush_broken_.load()) return EIO;
    if (fdatasync(fd_.get()) == 0) return 0;
    const int error = errno;
    flush_broken_.store(true);
    return error;
}

int FileNode::do_discard(std::uint64_t offset, std::uint64_t length) {
    int error = 0;
    if (is_device_) {
        std::uint64_t range[2] = {offset, length};
        if (ioctl(fd_.get(), BLKDISCARD, range) < 0) error = errno;
    } else if (fallocate(fd_.get(), FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
                         static_cast<off_t>(offset), static_cast<off_t>(length)) < 0) {
        error = errno;
    }
    if (error) {
        discards_failed_++;
        // Space that cannot be given back is no error of the guest's.
        return error == EOPNOTSUPP || error == ENODEV || error == ENOTTY ? 0 : error;
    }
    discards_ok_++;
    discarded_bytes_ += length;
    return 0;
}

int FileNode::do_write_zeroes(std::uint64_t offset, std::uint64_t length, bool may_unmap) {
    const int mode = may_unmap ? FALLOC_FL_PUNCH_HOLE : FALLOC_FL_ZERO_RANGE;
    if (!is_device_ && fallocate(fd_.get(), mode | FALLOC_FL_KEEP_SIZE, static_cast<off_t>(offset),
                                 static_cast<off_t>(length)) == 0)
        return 0;
    return Node::do_write_zeroes(offset, length, false);
}

// ---- opening ----------------------------------------------------------------------------------

Result<NodeRef> open_file(NodeOptions options, FileOptions file) {
    auto open_with = [&](int flags) {
        flags |= O_CLOEXEC;
        return UniqueFd(file.open ? file.open(file.opener, file.filename, flags)
                                  : ::open(file.filename.c_str(), flags));
    };
    const int direct = options.direct ? O_DIRECT : 0;
    UniqueFd fd = open_with(direct | (options.read_only ? O_RDONLY : O_RDWR));
    if (!fd && !options.read_only && options.auto_read_only &&
        (errno == EACCES || errno == EROFS || errno == EPERM)) {
        options.read_only = true;
        fd = open_with(direct | O_RDONLY);
    }
    if (!fd) return fail("Could not open '{}': {}", file.filename, std::strerror(errno));
    FileLock lock;
    if (file.locking != FileOptions::Locking::Off && !options.force_share) {
        // A descriptor of its own, since locks go with the open file description.
        UniqueFd lock_fd = open_with(options.read_only ? O_RDONLY : O_RDWR);
        if (!lock_fd) return fail("Could not open '{}': {}", file.filename, std::strerror(errno));
        FileLock candidate(std::move(lock_fd));
        if (candidate.supported())
            lock = std::move(candidate);
        else if (file.locking == FileOptions::Locking::On)
            return fail("'{}' is on a file system without open file description locks",
                        file.filename);
    }
    auto node = std::make_shared<FileNode>(std::move(options), std::move(file), std::move(fd),
                                           std::move(lock));
    TRY(node->measure());
    return NodeRef(std::move(node));
}

}  // namespace block
