// SPDX-License-Identifier: GPL-2.0-or-later
#include "audio/format.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace audio {

namespace {

using qapi::AudioFormat;

bool is_unsigned(AudioFormat f) {
    return f == AudioFormat::u8 || f == AudioFormat::u16 || f == AudioFormat::u32;
}

std::uint32_t load(const std::uint8_t* at, unsigned bytes, bool big_endian) {
    std::uint32_t v = 0;
    for (unsigned i = 0; i < bytes; i++)
        v |= std::uint32_t{at[big_endian ? bytes - 1 - i : i]} << 8 * i;
    return v;
}

void store(std::uint8_t* at, unsigned bytes, bool big_endian, std::uint32_t v) {
    for (unsigned i = 0; i < bytes; i++)
        at[big_endian ? bytes - 1 - i : i] = static_cast<std::uint8_t>(v >> 8 * i);
}

/// The sample's bits at the top of a word, as a signed number.
float read_sample(const Format& f, const std::uint8_t* at) {
    const unsigned bytes = f.bytes_per_sample();
    std::uint32_t v = load(at, bytes, f.big_endian);
    if (f.sample == AudioFormat::f32) {
        const float x = std::bit_cast<float>(v);
        return std::isfinite(x) ? std::clamp(x, -1.0f, 1.0f) : 0.0f;
    }
    v <<= 32 - 8 * bytes;
    if (is_unsigned(f.sample)) v ^= 0x80000000u;
    return static_cast<float>(static_cast<std::int32_t>(v)) / 2147483648.0f;
}

void write_sample(const Format& f, float x, std::uint8_t* at) {
    const unsigned bytes = f.bytes_per_sample();
    if (f.sample == AudioFormat::f32)
        return store(at, bytes, f.big_endian,
                     std::bit_cast<std::uint32_t>(std::clamp(x, -1.0f, 1.0f)));
    const double scale = std::ldexp(1.0, static_cast<int>(8 * bytes) - 1);
    const double whole = std::clamp(std::nearbyint(double{x} * scale), -scale, scale - 1);
    auto v = static_cast<std::uint32_t>(static_cast<std::int64_t>(whole));
    if (is_unsigned(f.sample)) v ^= 1u << (8 * bytes - 1);
    store(at, bytes, f.big_endian, v);
}

}  // namespace

unsigned Format::bytes_per_sample() const {
    switch (sample) {
        case AudioFormat::u8:
        case AudioFormat::s8: return 1;
        case AudioFormat::u16:
        case AudioFormat::s16: return 2;
        default: return 4;
    }
}

std::size_t decode(const Format& f, std::span<const std::uint8_t> bytes, std::span<Frame> to) {
    const std::size_t count = std::min(bytes.size() / f.bytes_per_frame(), to.size());
    const std::uint8_t* at = bytes.data();
    for (Frame& frame : to.first(count)) {
        frame.left = frame.right = read_sample(f, at);
        if (f.channels == 2) frame.right = read_sample(f, at + f.bytes_per_sample());
        at += f.bytes_per_frame();
    }
    return count;
}

void encode(const Format& f, std::span<const Frame> frames, std::span<std::uint8_t> to) {
    std::uint8_t* at = to.data();
    for (const Frame& frame : frames) {
        write_sample(f, f.channels == 2 ? frame.left : (frame.left + frame.right) / 2, at);
        if (f.channels == 2) write_sample(f, frame.right, at + f.bytes_per_sample());
        at += f.bytes_per_frame();
    }
}

}  // namespace audio
