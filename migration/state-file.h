// SPDX-License-Identifier: GPL-2.0-or-later
//
// Getting a finished device state onto the disk so that the name always has the old state or the
// new one behind it, whole: a temporary file beside the target, every write checked, then one
// rename, or one exchange with the old file, which is then removed. A target that is not a regular
// file (a pipe, /dev/fdset/N, a terminal) is written straight.
//
// "Whole" is meant against everything that can happen to this process and to the disk's free space.
// Against a host that loses power it is not: the data is handed to the kernel and not waited for,
// because the wait is longer than all the rest of a live update, and a VM whose RAM is lost has no
// use for its device state. Who keeps state on disk for good passes Durability::Synced.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "util/result.h"
#include "util/unique-fd.h"

struct stat;
namespace io {
class FdSets;
}

namespace migration {

/// The calls that can fail, for tests that make them fail. Each returns what the system call does.
class FileCalls {
public:
    virtual ~FileCalls() = default;
    virtual int open(const char* path, int flags, mode_t mode);
    virtual ssize_t write(int fd, const void* data, std::size_t size);
    virtual ssize_t read(int fd, void* data, std::size_t size);
    virtual int fsync(int fd);
    virtual int fchmod(int fd, mode_t mode);
    virtual int fchown(int fd, uid_t uid, gid_t gid);
    virtual int close(int fd);
    virtual int rename(const char* from, const char* to);
    /// Swaps two names in one step.
    virtual int exchange(const char* a, const char* b);

    /// The last target written. The first write to another one looks for the temporary files of
    /// savers that were killed.
    std::string swept;
};

enum class Durability { Handed, Synced };

/// Errors begin with the words of QEMU 7.2: "Unable to open NAME: REASON", "An IO error has
/// occurred". On any of them a regular target is as it was and no temporary file is left.
Result<void> write_state_file(FileCalls&, const io::FdSets*, const std::string& name,
                              std::span<const std::uint8_t> bytes, Durability = Durability::Handed);

/// The whole file, pipe or /dev/fdset/N; at most `limit` bytes.
Result<std::vector<std::uint8_t>> read_state_file(FileCalls&, const io::FdSets*,
                                                  const std::string& name, std::size_t limit);
Result<std::vector<std::uint8_t>> read_to_end(FileCalls&, int fd, std::size_t limit);

}  // namespace migration
