// SPDX-License-Identifier: GPL-2.0-or-later
//
// Bytes that are large and read piece by piece: in memory, or in a file that stays open. A kernel
// or an initrd is not copied into the emulator; its pages come from the host's cache when the guest
// asks for them. Not a mapping: if someone cuts the file short, a read fails, where a mapping would
// end the process by SIGBUS.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "util/result.h"
#include "util/unique-fd.h"

/// Cheap to copy: copies and slices share the bytes. Any thread may read.
class Blob {
public:
    using Bytes = std::vector<std::uint8_t>;

    Blob() = default;
    Blob(Bytes bytes);

    /// A regular file stays a file; anything else (a pipe) is read to its end now. The error is the
    /// reason alone: the caller says what the file was wanted for.
    static Result<Blob> open(const std::string& name, std::size_t limit);

    std::size_t size() const { return size_; }
    bool empty() const { return size_ == 0; }
    /// The part from `offset` on, at most `size` bytes.
    Blob slice(std::size_t offset, std::size_t size = SIZE_MAX) const;

    /// Fills `to` from `offset` on. Fails when there are not that many bytes (any more).
    Result<void> read(std::size_t offset, std::span<std::uint8_t> to) const;
    Result<Bytes> read_all() const;

private:
    std::shared_ptr<const Bytes> bytes_;  // one of the two, or none when empty
    std::shared_ptr<const UniqueFd> file_;
    std::size_t offset_ = 0, size_ = 0;
};
