// SPDX-License-Identifier: GPL-2.0-or-later
#include "migration/state-file.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstdio>
#include <cstring>

#include "io/fdset.h"

namespace migration {

int FileCalls::open(const char* path, int flags, mode_t mode) {
    return ::open(path, flags, mode);
}
ssize_t FileCalls::write(int fd, const void* data, std::size_t size) {
    return ::write(fd, data, size);
}
ssize_t FileCalls::read(int fd, void* data, std::size_t size) {
    return ::read(fd, data, size);
}
int FileCalls::fsync(int fd) {
    return ::fsync(fd);
}
int FileCalls::fchmod(int fd, mode_t mode) {
    return ::fchmod(fd, mode);
}
int FileCalls::fchown(int fd, uid_t uid, gid_t gid) {
    return ::fchown(fd, uid, gid);
}
int FileCalls::close(int fd) {
    return ::close(fd);
}
int FileCalls::rename(const char* from, const char* to) {
    return ::rename(from, to);
}

int FileCalls::exchange(const char* a, const char* b) {
    return ::renameat2(AT_FDCWD, a, AT_FDCWD, b, RENAME_EXCHANGE);
}

namespace {

Error cannot_open(const std::string& name, int error) {
    return fail("Unable to open {}: {}", name, std::strerror(error));
}
Error io_error(const std::string& what, int error) {
    return fail("An IO error has occurred: {}: {}", what, std::strerror(error));
}

/// A link stays a link: the name behind the last one, which need not exist.
Result<std::string> follow_links(const std::string& name) {
    std::string path = name;
    for (int hops = 0; hops < 40; hops++) {
        char target[PATH_MAX];
        const ssize_t n = ::readlink(path.c_str(), target, sizeof target - 1);
        if (n < 0) return path;  // no link, or what open() will find fault with
        std::string next(target, static_cast<std::size_t>(n));
        const auto slash = path.rfind('/');
        if (!next.starts_with('/') && slash != std::string::npos)
            next.insert(0, path, 0, slash + 1);
        path = std::move(next);
    }
    return cannot_open(name, ELOOP);
}

/// "DIR/.BASE.PID-N.tmp" for "DIR/BASE": the part before the PID.
struct Place {
    explicit Place(const std::string& target) {
        const auto slash = target.rfind('/');
        folder = slash == std::string::npos ? std::string() : target.substr(0, slash + 1);
        prefix = fmt::format(".{}.", target.substr(folder.size()).substr(0, 200));
    }
    std::string folder, prefix;
};

bool is_temporary(std::string_view name, std::string_view prefix) {
    constexpr std::string_view suffix = ".tmp";
    if (!name.starts_with(prefix) || !name.ends_with(suffix)) return false;
    if (name.size() <= prefix.size() + suffix.size()) return false;
    name.remove_prefix(prefix.size());
    name.remove_suffix(suffix.size());
    return name.find_first_not_of("0123456789-") == std::string_view::npos;
}

/// Removes what killed savers left of their attempts to write that target. Nobody holds the lock of
/// such a file any more.
void sweep(const Place& place) {
    DIR* folder = ::opendir(place.folder.empty() ? "." : place.folder.c_str());
    if (!folder) return;
    while (const dirent* entry = ::readdir(folder)) {
        if (!is_temporary(entry->d_name, place.prefix)) continue;
        const std::string path = place.folder + entry->d_name;
        const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
        if (fd && ::flock(fd.get(), LOCK_EX | LOCK_NB) == 0) ::unlink(path.c_str());
    }
    ::closedir(folder);
}

/// The temporary file, locked for as long as somebody cares for it; it goes unless it was renamed.
class Temporary {
public:
    Temporary(FileCalls& calls, const std::string& target) : calls_(calls) {
        const Place place(target);
        if (calls_.swept != target) {
            sweep(place);
            calls_.swept = target;
        }
        for (int attempt = 0; attempt < 100; attempt++) {
            path_ = fmt::format("{}{}{}-{}.tmp", place.folder, place.prefix, ::getpid(), attempt);
            fd_ = calls_.open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0660);
            if (fd_ < 0 && errno == EEXIST) continue;
            if (fd_ < 0) break;
            // Where files cannot be locked nobody sweeps; elsewhere another process may have been
            // faster than the lock.
            (void)::flock(fd_, LOCK_EX | LOCK_NB);
            if (::fstat(fd_, &status_) < 0 || status_.st_nlink) break;
            calls_.close(std::exchange(fd_, -1));
        }
        error_ = fd_ < 0 ? errno : 0;
    }
    ~Temporary() {
        if (fd_ >= 0) calls_.close(fd_);
        if (!error_ && !renamed_) ::unlink(path_.c_str());
    }
    int fd() const { return fd_; }
    int error() const { return error_; }
    const struct stat& status() const { return status_; }
    /// The lock stays.
    int close() {
        lock_.reset(::fcntl(fd_, F_DUPFD_CLOEXEC, 0));
        return calls_.close(std::exchange(fd_, -1));
    }
    /// The old file ends up behind the temporary name, and goes with it. ext4 takes a rename onto a
    /// file for a wish to have the data on the disk now, and waits for it: a hundred times longer.
    int exchange_with(const std::string& target) {
        return calls_.exchange(path_.c_str(), target.c_str());
    }
    int rename_to(const std::string& target) {
        const int r = calls_.rename(path_.c_str(), target.c_str());
        renamed_ = r == 0;
        return r;
    }

private:
    FileCalls& calls_;
    std::string path_;
    int fd_ = -1, error_ = 0;
    UniqueFd lock_;
    struct stat status_ {};
    bool renamed_ = false;
};

Result<void> write_all(FileCalls& calls, int fd, const std::string& name,
                       std::span<const std::uint8_t> bytes) {
    while (!bytes.empty()) {
        const ssize_t n = calls.write(fd, bytes.data(), bytes.size());
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return io_error("writing " + name, n < 0 ? errno : ENOSPC);
        bytes = bytes.subspan(static_cast<std::size_t>(n));
    }
    return {};
}

constexpr std::size_t block = 4096;

/// The first run of blocks at or after `at` that hold nothing but zeros and are worth a hole.
std::pair<std::size_t, std::size_t> next_hole(std::span<const std::uint8_t> bytes, std::size_t at) {
    constexpr std::size_t worthwhile = 8 * block;
    std::size_t start = at;
    for (; at + block < bytes.size(); at += block) {
        const std::uint8_t* p = bytes.data() + at;
        if (*p == 0 && std::memcmp(p, p + 1, block - 1) == 0) continue;
        if (at - start >= worthwhile) break;
        start = at + block;
    }
    return at - start >= worthwhile ? std::pair{start, at} : std::pair{bytes.size(), bytes.size()};
}

/// Into a new file. Long stretches of zeros (an e1000's registers are 128 KiB, most of them unused)
/// become holes: a fifth of the time of a save would be spent on filling pages with them.
Result<void> write_new(FileCalls& calls, int fd, const std::string& name,
                       std::span<const std::uint8_t> bytes) {
    for (std::size_t at = 0; at < bytes.size();) {
        const auto [hole, end] = next_hole(bytes, at);
        TRY(write_all(calls, fd, name, bytes.subspan(at, hole - at)));
        if (end > hole && ::lseek(fd, static_cast<off_t>(end - hole), SEEK_CUR) < 0)
            return io_error("writing " + name, errno);
        at = end;
    }
    return {};
}

Result<void> write_straight(FileCalls& calls, int fd, const std::string& name,
                            std::span<const std::uint8_t> bytes) {
    Result<void> r = write_all(calls, fd, name, bytes);
    const int error = calls.close(fd) < 0 ? errno : 0;
    if (r && error) return io_error("writing " + name, error);
    return r;
}

}  // namespace

Result<void> write_state_file(FileCalls& calls, const io::FdSets* fds, const std::string& name,
                              std::span<const std::uint8_t> bytes, Durability durability) {
    if (fds && io::FdSets::names_set(name)) {
        const int fd = fds->open(name, O_WRONLY);
        if (fd < 0) return cannot_open(name, errno);
        return write_straight(calls, fd, name, bytes);
    }
    const std::string target = TRY(follow_links(name));
    struct stat old {};
    const bool exists = ::stat(target.c_str(), &old) == 0;
    if (!exists && errno != ENOENT) return cannot_open(name, errno);
    if (exists) {
        // Who may not write the file may not replace it either, whatever the directory allows.
        const int fd = calls.open(target.c_str(), O_WRONLY | O_CLOEXEC, 0);
        if (fd < 0) return cannot_open(name, errno);
        if (!S_ISREG(old.st_mode)) return write_straight(calls, fd, name, bytes);
        calls.close(fd);
    }
    if (target.empty() || target.back() == '/')
        return cannot_open(name, target.empty() ? ENOENT : EISDIR);

    Temporary temporary(calls, target);
    if (temporary.error()) return cannot_open(name, temporary.error());
    if (const struct stat& made = temporary.status(); exists) {
        if ((made.st_uid != old.st_uid || made.st_gid != old.st_gid) &&
            calls.fchown(temporary.fd(), old.st_uid, old.st_gid) < 0)
            return io_error(fmt::format("{}: keeping its owner", name), errno);
        if (((made.st_mode ^ old.st_mode) & 07777) != 0 &&
            calls.fchmod(temporary.fd(), old.st_mode & 07777) < 0)
            return io_error(fmt::format("{}: keeping its mode", name), errno);
    }
    TRY(write_new(calls, temporary.fd(), name, bytes));
    if (durability == Durability::Synced && calls.fsync(temporary.fd()) < 0)
        return io_error("flushing " + name, errno);
    // Some file systems tell only now that there was no room.
    if (temporary.close() < 0) return io_error("writing " + name, errno);
    if (exists) {
        if (temporary.exchange_with(target) == 0) return {};
        // Some file systems cannot; and the target may have gone meanwhile.
        if (errno != EINVAL && errno != ENOSYS && errno != ENOENT)
            return io_error("replacing " + name, errno);
    }
    if (temporary.rename_to(target) < 0) return io_error("replacing " + name, errno);
    return {};
}

Result<std::vector<std::uint8_t>> read_to_end(FileCalls& calls, int fd, std::size_t limit) {
    std::vector<std::uint8_t> bytes;
    struct stat st {};
    // One byte more, so that the end shows without another buffer.
    std::size_t room = ::fstat(fd, &st) == 0 && S_ISREG(st.st_mode)
                           ? static_cast<std::size_t>(st.st_size) + 1
                           : 65536;
    for (;;) {
        const std::size_t have = bytes.size();
        if (have > limit) return fail("An IO error has occurred: more than {} bytes", limit);
        bytes.resize(have + std::min(room, limit + 1 - have + 1));
        const ssize_t n = calls.read(fd, bytes.data() + have, bytes.size() - have);
        const int error = errno;
        bytes.resize(have + static_cast<std::size_t>(std::max<ssize_t>(n, 0)));
        if (n == 0) return bytes;
        if (n < 0 && error != EINTR) return io_error("reading", error);
        room = 65536;
    }
}

Result<std::vector<std::uint8_t>> read_state_file(FileCalls& calls, const io::FdSets* fds,
                                                  const std::string& name, std::size_t limit) {
    const bool set = fds && io::FdSets::names_set(name);
    const int fd =
        set ? fds->open(name, O_RDONLY) : calls.open(name.c_str(), O_RDONLY | O_CLOEXEC, 0);
    if (fd < 0) return cannot_open(name, errno);
    auto bytes = read_to_end(calls, fd, limit);
    calls.close(fd);
    return bytes;
}

}  // namespace migration
