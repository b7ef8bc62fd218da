// SPDX-License-Identifier: GPL-2.0-or-later
#include "audio/resampler.h"

namespace audio {

void Resampler::set_rates(std::uint32_t from, std::uint32_t to) {
    step_ = (std::uint64_t{from} << 32) / to;
    if (straight()) phase_ = one;
}

std::size_t Resampler::needed(std::size_t count) const {
    if (straight() || count == 0) return count;
    return static_cast<std::size_t>((phase_ + step_ * (count - 1)) >> 32);
}

std::size_t Resampler::available(std::size_t from) const {
    if (straight()) return from;
    const std::uint64_t end = (std::uint64_t{from} + 1) << 32;
    return phase_ < end ? static_cast<std::size_t>((end - 1 - phase_) / step_ + 1) : 0;
}

void Resampler::add(std::span<const Frame> from, std::span<Frame> to) {
    std::size_t used = 0;
    for (Frame& f : to) {
        if (straight()) {
            f.left += from[used].left;
            f.right += from[used].right;
            used++;
            continue;
        }
        for (; phase_ >= one; phase_ -= one) {
            before_ = after_;
            after_ = from[used++];
        }
        const float x = static_cast<float>(phase_) / static_cast<float>(one);
        f.left += before_.left + (after_.left - before_.left) * x;
        f.right += before_.right + (after_.right - before_.right) * x;
        phase_ += step_;
    }
}

}  // namespace audio
