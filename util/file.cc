// SPDX-License-Identifier: GPL-2.0-or-later
#include "util/file.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>

#include "util/unique-fd.h"

Result<std::vector<std::uint8_t>> read_file(const std::string& name, std::size_t limit) {
    const UniqueFd fd(::open(name.c_str(), O_RDONLY | O_CLOEXEC));
    if (!fd) return fail("{}", std::strerror(errno));
    return read_file(fd.get(), limit);
}

Result<std::vector<std::uint8_t>> read_file(int fd, std::size_t limit) {
    struct stat st {};
    if (::fstat(fd, &st) < 0) return fail("{}", std::strerror(errno));
    if (S_ISDIR(st.st_mode)) return fail("{}", std::strerror(EISDIR));
    const auto too_long = [&] { return fail("it has more than {} bytes", limit); };
    const bool regular = S_ISREG(st.st_mode);
    if (regular && static_cast<std::uint64_t>(st.st_size) > limit) return too_long();
    // One byte more, so that the end shows. What is no regular file does not say how long it is.
    std::vector<std::uint8_t> bytes(regular ? static_cast<std::size_t>(st.st_size) + 1 : 65536);
    std::size_t have = 0;
    for (;;) {
        const ssize_t n = ::read(fd, bytes.data() + have, bytes.size() - have);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return fail("{}", std::strerror(errno));
        if (n == 0) break;
        have += static_cast<std::size_t>(n);
        if (have > limit) return too_long();
        if (have == bytes.size()) bytes.resize(2 * have);
    }
    bytes.resize(have);
    return bytes;
}
