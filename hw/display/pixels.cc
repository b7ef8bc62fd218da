// SPDX-License-Identifier: GPL-2.0-or-later
#include "hw/display/pixels.h"

#include <cstddef>

namespace hw {

namespace {

// The upper bits are repeated below, so that the brightest is FFh.
constexpr std::uint32_t wide5(std::uint32_t v) {
    return (v & 31) << 3 | (v & 31) >> 2;
}
constexpr std::uint32_t wide6(std::uint32_t v) {
    return (v & 63) << 2 | (v & 63) >> 4;
}
constexpr std::uint32_t pack(std::uint32_t r, std::uint32_t g, std::uint32_t b) {
    return r << 16 | g << 8 | b;
}
std::uint32_t half(const std::uint8_t* p, bool big_endian) {
    return big_endian ? p[0] << 8 | p[1] : p[1] << 8 | p[0];
}

}  // namespace

void draw_15(std::uint32_t* out, unsigned pixels, const std::uint8_t* p, bool big_endian) {
    for (unsigned x = 0; x < pixels; x++, p += 2) {
        const std::uint32_t v = half(p, big_endian);
        out[x] = pack(wide5(v >> 10), wide5(v >> 5), wide5(v));
    }
}

void draw_16(std::uint32_t* out, unsigned pixels, const std::uint8_t* p, bool big_endian) {
    for (unsigned x = 0; x < pixels; x++, p += 2) {
        const std::uint32_t v = half(p, big_endian);
        out[x] = pack(wide5(v >> 11), wide6(v >> 5), wide5(v));
    }
}

void draw_24(std::uint32_t* out, unsigned pixels, const std::uint8_t* p, bool big_endian) {
    for (unsigned x = 0; x < pixels; x++, p += 3)
        out[x] = big_endian ? pack(p[0], p[1], p[2]) : pack(p[2], p[1], p[0]);
}

void draw_32(std::uint32_t* out, unsigned pixels, const std::uint8_t* p, bool big_endian) {
    for (unsigned x = 0; x < pixels; x++, p += 4)
        out[x] = big_endian ? pack(p[1], p[2], p[3]) : pack(p[2], p[1], p[0]);
}

}  // namespace hw
