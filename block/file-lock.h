// SPDX-License-Identifier: GPL-2.0-or-later
//
// The locks by which processes agree about an image, as QEMU takes them: byte 100+N of the file is
// read-locked by whoever uses permission N, byte 200+N by whoever does not let others have it.
// Open-file-description locks, so that they belong to a descriptor and not to the process.
#pragma once

#include <string_view>

#include "block/node.h"
#include "util/unique-fd.h"

namespace block {

class FileLock {
public:
    FileLock() = default;
    /// Holds its own descriptor of the file.
    explicit FileLock(UniqueFd fd) : fd_(std::move(fd)) {}

    /// Whether the file's file system has such locks.
    bool supported() const;
    /// Either all that is asked for, or what was held before.
    Result<void> set(Access, std::string_view filename);

private:
    UniqueFd fd_;
    std::uint8_t used_ = 0, denied_ = 0;
};

}  // namespace block
