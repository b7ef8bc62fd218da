// SPDX-License-Identifier: GPL-2.0-or-later
//
// From one sample rate to another by straight lines between samples.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "audio/format.h"

namespace audio {

class Resampler {
public:
    /// Both in frames a second, not 0. The lines drawn so far go on.
    void set_rates(std::uint32_t from, std::uint32_t to);
    void restart() { phase_ = one, before_ = after_ = {}; }

    /// How many frames of the source the next `count` frames take.
    std::size_t needed(std::size_t count) const;
    /// How many frames come of so many frames of the source.
    std::size_t available(std::size_t from) const;
    /// Adds `to.size()` frames to `to`; `from` has as many as needed() said.
    void add(std::span<const Frame> from, std::span<Frame> to);

private:
    static constexpr std::uint64_t one = std::uint64_t{1} << 32;
    bool straight() const { return step_ == one; }

    std::uint64_t step_ = one, phase_ = one;  // in frames of the source, 32 binary digits
    Frame before_, after_;
};

}  // namespace audio
