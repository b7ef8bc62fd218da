// SPDX-License-Identifier: GPL-2.0-or-later
//
// The "file" driver: a host file or block device, with the image locks that keep two virtual
// machines from writing to one disk. The locks are OFD locks on single bytes, the same that QEMU
// takes, so both programs respect each other's: byte 100 + n says "I use permission n", byte 200 +
// n says "nobody else may have permission n".
#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>

#include "block/node.h"
#include "util/unique-fd.h"

namespace block {

namespace {

constexpr off_t used_base = 100, unshared_base = 200;
constexpr unsigned permission_read = 0, permission_write = 1, permission_resize = 3;

int lock_byte(int fd, off_t at, bool test_only) {
    struct flock l {};
    l.l_whence = SEEK_SET;
    l.l_start = at;
    l.l_len = 1;
    l.l_type = test_only ? F_WRLCK : F_RDLCK;
    const int rc = fcntl(fd, test_only ? F_OFD_GETLK : F_OFD_SETLK, &l);
    if (rc < 0) return errno;
    return test_only && l.l_type != F_UNLCK ? EAGAIN : 0;
}
void unlock_all(int fd) {
    struct flock l {};
    l.l_whence = SEEK_SET;
    l.l_start = used_base;
    l.l_len = unshared_base + 64 - used_base;
    l.l_type = F_UNLCK;
    fcntl(fd, F_OFD_SETLK, &l);
}

Error lock_failure(std::string_view filename, std::string_view permission) {
    return fail("Failed to get \"{}\" lock", permission)
        .with_hint(fmt::format("Is another process using the image [{}]?", filename));
}

class FileNode final : public Node {
public:
    FileNode(std::string name, FileOptions options, UniqueFd fd, bool read_only)
        : Node(std::move(name)),
          options_(std::move(options)),
          fd_(std::move(fd)),
          read_only_(read_only) {}

    std::string_view driver() const override { return "file"; }
    std::string filename() const override { return options_.filename; }
    std::uint64_t size() const override { return size_; }
    bool read_only() const override { return read_only_; }

    Result<void> measure() {
        struct stat st {};
        if (fstat(fd_.get(), &st) < 0) return fail_errno(errno, options_.filename);
        if (S_ISBLK(st.st_mode)) {
            if (ioctl(fd_.get(), BLKGETSIZE64, &size_) < 0)
                return fail_errno(errno, options_.filename);
        } else if (S_ISREG(st.st_mode)) {
            size_ = static_cast<std::uint64_t>(st.st_size);
        } else {
            return fail("Could not open '{}': it is neither a file nor a block device",
                        options_.filename);
        }
        return {};
    }

    Result<void> lock() {
        if (!options_.locking) return {};
        struct Claim {
            unsigned permission;
            const char* name;
            bool used, unshared;
        };
        const bool exclusive = !options_.share_writable && !read_only_;
        const Claim claims[] = {
            {permission_read, "consistent read", true, false},
            {permission_write, "write", !read_only_, exclusive || read_only_},
            {permission_resize, "resize", false, true},
        };
        // First take, then look whether someone else's claim contradicts: of two that start at
        // once, at least one sees the other.
        for (const Claim& c : claims) {
            const off_t n = c.permission;
            if (c.used && lock_byte(fd_.get(), used_base + n, false)) return give_up(c.name);
            if (c.unshared && lock_byte(fd_.get(), unshared_base + n, false))
                return give_up(c.name);
        }
        for (const Claim& c : claims) {
            const off_t n = c.permission;
            if (c.used && lock_byte(fd_.get(), unshared_base + n, true)) return give_up(c.name);
            if (c.unshared && lock_byte(fd_.get(), used_base + n, true))
                return give_up(std::string("shared \"") + c.name + "\"");
        }
        return {};
    }

    int read(std::uint64_t offset, std::span<std::uint8_t> to) override {
        while (!to.empty()) {
            const ssize_t n = pread(fd_.get(), to.data(), to.size(), static_cast<off_t>(offset));
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
    int write(std::uint64_t offset, std::span<const std::uint8_t> from) override {
        while (!from.empty()) {
            const ssize_t n =
                pwrite(fd_.get(), from.data(), from.size(), static_cast<off_t>(offset));
            if (n < 0 && errno == EINTR) continue;
            if (n < 0) return errno;
            from = from.subspan(static_cast<std::size_t>(n));
            offset += static_cast<std::uint64_t>(n);
        }
        return 0;
    }
    int flush() override {
        if (options_.no_flush || read_only_) return 0;
        // After a failed fdatasync the kernel has dropped the dirty pages: a later success would
        // be a lie (the case PostgreSQL met in 2018).
        if (flush_broken_.load()) return EIO;
        if (fdatasync(fd_.get()) == 0) return 0;
        const int error = errno;
        flush_broken_.store(true);
        return error;
    }
    int discard(std::uint64_t offset, std::uint64_t length) override {
        if (fallocate(fd_.get(), FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
                      static_cast<off_t>(offset), static_cast<off_t>(length)) == 0)
            return 0;
        return errno == EOPNOTSUPP || errno == ENODEV ? 0 : errno;
    }

    Result<void> inactivate() override {
        if (!read_only_ && fdatasync(fd_.get()) < 0) return fail_errno(errno, options_.filename);
        unlock_all(fd_.get());
        return {};
    }
    Result<void> activate() override {
        TRY(measure());
        return lock();
    }

private:
    Error give_up(std::string_view permission) {
        unlock_all(fd_.get());
        return lock_failure(options_.filename, permission);
    }

    FileOptions options_;
    UniqueFd fd_;
    bool read_only_;
    std::uint64_t size_ = 0;
    std::atomic<bool> flush_broken_{false};
};

}  // namespace

Result<NodeRef> open_file(std::string node_name, const FileOptions& options) {
    const int flags = O_CLOEXEC | (options.direct ? O_DIRECT : 0);
    bool read_only = options.read_only;
    UniqueFd fd(::open(options.filename.c_str(), flags | (read_only ? O_RDONLY : O_RDWR)));
    if (!fd && !read_only && options.auto_read_only &&
        (errno == EACCES || errno == EROFS || errno == EPERM)) {
        read_only = true;
        fd = UniqueFd(::open(options.filename.c_str(), flags | O_RDONLY));
    }
    if (!fd) {
        const int error = errno;
        return fail("Could not open '{}': {}", options.filename, std::strerror(error));
    }
    auto node = std::make_shared<FileNode>(std::move(node_name), options, std::move(fd), read_only);
    TRY(node->measure());
    TRY(node->lock());
    return NodeRef(std::move(node));
}

}  // namespace block
