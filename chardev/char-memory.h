// SPDX-License-Identifier: GPL-2.0-or-later
//
// Back ends that keep their output in memory: ringbuf, read by QMP, and vc, read by a display.
#pragma once

#include <cstddef>
#include <string>

#include "chardev/char.h"

namespace chardev {

/// Keeps the last `size` bytes that nobody has read yet.
class RingbufChardev final : public Chardev {
public:
    RingbufChardev(std::string label, std::string_view backend, std::size_t size);

    std::size_t stored() const { return head_ - tail_; }
    /// Takes out the oldest bytes.
    std::string read(std::size_t at_most);

protected:
    std::size_t put(std::span<const std::uint8_t>) override;

private:
    std::vector<std::uint8_t> ring_;  // a power of two
    std::size_t head_ = 0, tail_ = 0;
};

}  // namespace chardev
