// SPDX-License-Identifier: GPL-2.0-or-later
//
// Sound as the mixer has it, and the ways in which chips and files write it down.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "qapi/qapi-types-audio.h"

namespace audio {

/// One instant of two channels; full scale is -1 to 1. 16-bit samples come through unchanged.
struct Frame {
    float left = 0, right = 0;
    friend bool operator==(const Frame&, const Frame&) = default;
};

struct Format {
    std::uint32_t frequency = 44100;
    unsigned channels = 2;  // 1 or 2
    qapi::AudioFormat sample = qapi::AudioFormat::s16;
    bool big_endian = false;

    unsigned bytes_per_sample() const;
    unsigned bytes_per_frame() const { return bytes_per_sample() * channels; }
    friend bool operator==(const Format&, const Format&) = default;
};

/// As many frames as are whole in `bytes` and fit into `to`; returns how many.
std::size_t decode(const Format&, std::span<const std::uint8_t> bytes, std::span<Frame> to);
/// `to` has bytes_per_frame() for each. What is louder than full scale is cut. One channel of two
/// is their mean.
void encode(const Format&, std::span<const Frame> frames, std::span<std::uint8_t> to);

}  // namespace audio
