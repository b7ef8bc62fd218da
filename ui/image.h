// SPDX-License-Identifier: GPL-2.0-or-later
//
// A picture of a screen, and the files `screendump` writes of it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "util/result.h"

namespace ui {

struct Image {
    unsigned width = 0, height = 0;
    std::vector<std::uint32_t> pixels;  // 0x00RRGGBB, row by row

    Image() = default;
    Image(unsigned w, unsigned h) : width(w), height(h), pixels(std::size_t{w} * h) {}
    std::uint32_t* row(unsigned y) { return pixels.data() + std::size_t{y} * width; }
    const std::uint32_t* row(unsigned y) const { return pixels.data() + std::size_t{y} * width; }
};

enum class ImageFormat : std::uint8_t { Ppm, Png };

/// The whole file: PPM P6, or PNG with 8 bits a channel.
std::string encode(const Image&, ImageFormat);
Result<void> write_image(const Image&, ImageFormat, const std::string& filename);

/// What can be looked at: a display adapter. Under the big lock.
class Screen {
public:
    virtual ~Screen() = default;
    virtual Image picture() = 0;
    /// The characters of a text mode, a line each; empty in graphics modes.
    virtual std::string text() = 0;
};

/// The VM's screens, in order of creation; the first is what screendump means by default.
class Screens {
public:
    void add(Screen& s) { screens_.push_back(&s); }
    void remove(Screen& s) { std::erase(screens_, &s); }
    const std::vector<Screen*>& all() const { return screens_; }

private:
    std::vector<Screen*> screens_;
};

}  // namespace ui
