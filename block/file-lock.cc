// SPDX-License-Identifier: GPL-2.0-or-later
#include "block/file-lock.h"

#include <fcntl.h>

namespace block {

namespace {

constexpr off_t used_base = 100, denied_base = 200;

bool set_lock(int fd, off_t at, short type) {
    struct flock l {};
    l.l_whence = SEEK_SET;
    l.l_start = at;
    l.l_len = 1;
    l.l_type = type;
    return fcntl(fd, F_OFD_SETLK, &l) == 0;
}
/// Whether somebody else holds the byte.
bool held_elsewhere(int fd, off_t at) {
    struct flock l {};
    l.l_whence = SEEK_SET;
    l.l_start = at;
    l.l_len = 1;
    l.l_type = F_WRLCK;
    return fcntl(fd, F_OFD_GETLK, &l) == 0 && l.l_type != F_UNLCK;
}
void lock_bits(int fd, off_t base, unsigned bits, short type) {
    for (unsigned n = 0; n < permission_count; n++)
        if (bits & 1u << n) set_lock(fd, base + n, type);
}

}  // namespace

bool FileLock::supported() const {
    struct flock l {};
    l.l_whence = SEEK_SET;
    l.l_len = 1;
    l.l_type = F_WRLCK;
    return fcntl(fd_.get(), F_OFD_GETLK, &l) == 0;
}

Result<void> FileLock::set(Access access, std::string_view filename) {
    if (!fd_) return {};
    const auto used = access.used;
    const auto denied = static_cast<std::uint8_t>(~access.shared & every_permission);
    const unsigned new_used = used & ~used_, new_denied = denied & ~denied_;
    auto refuse = [&](std::string_view kind, unsigned bit) -> Result<void> {
        lock_bits(fd_.get(), used_base, new_used, F_UNLCK);
        lock_bits(fd_.get(), denied_base, new_denied, F_UNLCK);
        return fail("Failed to get {}\"{}\" lock", kind, permission_name(bit))
            .with_hint(fmt::format("Is another process using the image [{}]?", filename));
    };
    // First take, then look whether someone else's claim contradicts: of two that start at once, at
    // least one sees the other.
    for (unsigned n = 0; n < permission_count; n++) {
        if (new_used & 1u << n && !set_lock(fd_.get(), used_base + n, F_RDLCK))
            return refuse("", n);
        if (new_denied & 1u << n && !set_lock(fd_.get(), denied_base + n, F_RDLCK))
            return refuse("shared ", n);
    }
    for (unsigned n = 0; n < permission_count; n++) {
        if (new_used & 1u << n && held_elsewhere(fd_.get(), denied_base + n)) return refuse("", n);
        if (new_denied & 1u << n && held_elsewhere(fd_.get(), used_base + n))
            return refuse("shared ", n);
    }
    lock_bits(fd_.get(), used_base, used_ & ~used, F_UNLCK);
    lock_bits(fd_.get(), denied_base, denied_ & ~denied, F_UNLCK);
    used_ = used;
    denied_ = denied;
    return {};
}

}  // namespace block
