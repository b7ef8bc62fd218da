// SPDX-License-Identifier: GPL-2.0-or-later
//
// null, ringbuf and vc.
#include "chardev/char-memory.h"

#include <algorithm>
#include <bit>

#include "chardev/backends.h"

namespace chardev {

namespace {

class NullChardev final : public Chardev {
public:
    explicit NullChardev(std::string label) : Chardev(std::move(label), "null") {
        set_line_open(true);
    }

protected:
    std::size_t put(std::span<const std::uint8_t> bytes) override { return bytes.size(); }
};

constexpr std::size_t console_bytes = 64 * 1024;
constexpr std::uint64_t largest_ring = std::uint64_t{1} << 30;

}  // namespace

RingbufChardev::RingbufChardev(std::string label, std::string_view backend, std::size_t size)
    : Chardev(std::move(label), backend), ring_(size) {
    set_line_open(true);
}

std::size_t RingbufChardev::put(std::span<const std::uint8_t> bytes) {
    for (const std::uint8_t byte : bytes)
        ring_[head_++ & (ring_.size() - 1)] = byte;
    tail_ = std::max(tail_, head_ - std::min(head_, ring_.size()));
    return bytes.size();
}

std::string RingbufChardev::read(std::size_t at_most) {
    std::string text;
    for (std::size_t n = std::min(at_most, stored()); n; n--)
        text += static_cast<char>(ring_[tail_++ & (ring_.size() - 1)]);
    return text;
}

Made make_null(Environment&, const std::string& label) {
    return std::make_unique<NullChardev>(label);
}

Made make_ringbuf(Environment&, const std::string& label, const RingbufConfig& config) {
    if (!std::has_single_bit(config.size))
        return fail("size of ringbuf chardev must be power of two");
    if (config.size > largest_ring) return fail("size of ringbuf chardev must be at most 1 GiB");
    return std::make_unique<RingbufChardev>(label, "ringbuf",
                                            static_cast<std::size_t>(config.size));
}

// Without a display a text console is the text that was written to it.
Made make_vc(Environment&, const std::string& label) {
    return std::make_unique<RingbufChardev>(label, "vc", console_bytes);
}

}  // namespace chardev
