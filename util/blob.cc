// SPDX-License-Identifier: GPL-2.0-or-later
#include "util/blob.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "util/file.h"

Blob::Blob(Bytes bytes)
    : bytes_(std::make_shared<const Bytes>(std::move(bytes))), size_(bytes_->size()) {}

Result<Blob> Blob::open(const std::string& name, std::size_t limit) {
    UniqueFd fd(::open(name.c_str(), O_RDONLY | O_CLOEXEC));
    struct stat st {};
    if (!fd || ::fstat(fd.get(), &st) < 0) return fail("{}", std::strerror(errno));
    // Also what says of itself that it is empty: files of /proc do, and have contents.
    if (!S_ISREG(st.st_mode) || st.st_size == 0) return Blob(TRY(read_file(fd.get(), limit)));
    if (static_cast<std::uint64_t>(st.st_size) > limit)
        return fail("it has more than {} bytes", limit);
    Blob blob;
    blob.file_ = std::make_shared<const UniqueFd>(std::move(fd));
    blob.size_ = static_cast<std::size_t>(st.st_size);
    return blob;
}

Blob Blob::slice(std::size_t offset, std::size_t size) const {
    Blob part = *this;
    offset = std::min(offset, size_);
    part.offset_ += offset;
    part.size_ = std::min(size, size_ - offset);
    return part;
}

Result<void> Blob::read(std::size_t offset, std::span<std::uint8_t> to) const {
    if (offset > size_ || to.size() > size_ - offset)
        return fail("bytes {}..{} of {} wanted", offset, offset + to.size(), size_);
    if (bytes_)
        std::copy_n(bytes_->begin() + std::ptrdiff_t(offset_ + offset), to.size(), to.begin());
    if (!file_) return {};
    for (std::size_t have = 0; have < to.size();) {
        const auto at = static_cast<off_t>(offset_ + offset + have);
        const ssize_t n = ::pread(file_->get(), to.data() + have, to.size() - have, at);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return fail("{}", std::strerror(errno));
        if (n == 0) return fail("the file has become shorter: it ends at byte {}", at);
        have += static_cast<std::size_t>(n);
    }
    return {};
}

Result<Blob::Bytes> Blob::read_all() const {
    Bytes all(size_);
    TRY(read(0, all));
    return all;
}
