// SPDX-License-Identifier: GPL-2.0-or-later
//
// A picture of a screen, and the files `screendump` writes of it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace ui {

struct Image {
    unsigned width = 0, height = 0;
    std::vector<std::uint32_t> pixels;  // 0x00RRGGBB, row by row

    Image() = default;
    Image(unsigned w, unsigned h) : width(w), height(h), pixels(std::size_t{w} * h) {}
    void fill(std::uint32_t color) { pixels.assign(pixels.size(), color); }
    std::uint32_t* row(unsigned y) { return pixels.data() + std::size_t{y} * width; }
    const std::uint32_t* row(unsigned y) const { return pixels.data() + std::size_t{y} * width; }
};

/// The whole file: netpbm's P6, or PNG with 8 bits a channel.
std::string ppm(const Image&);
std::string png(const Image&);

}  // namespace ui
