// SPDX-License-Identifier: GPL-2.0-or-later
//
// Graphics modes: planar with sixteen colors, CGA's, 256 colors, and the linear modes of the Bochs
// interface from 8 to 32 bits a pixel.
#include <algorithm>
#include <cstring>

#include "hw/display/pixels.h"
#include "hw/display/vga.h"

namespace hw {

namespace {

/// What a line is drawn from.
struct Source {
    const std::uint8_t* bytes;
    const std::uint32_t* colors;  // of the palette or the DAC
    unsigned planes;              // those that the attribute controller lets through
    bool big_endian;
};
using Draw = void (*)(std::uint32_t* out, unsigned pixels, const Source&);

template <DrawPixels draw>
void direct(std::uint32_t* out, unsigned pixels, const Source& s) {
    draw(out, pixels, s.bytes, s.big_endian);
}

/// Four planes' bytes of eight pixels side by side.
void draw_planar(std::uint32_t* out, unsigned pixels, const Source& s) {
    for (unsigned x = 0; x < pixels; x++) {
        const std::uint8_t* cell = s.bytes + x / 8 * 4;
        const unsigned bit = 7 - x % 8;
        unsigned v = 0;
        for (unsigned n = 0; n < 4; n++)
            v |= (cell[n] >> bit & 1u) << n;
        out[x] = s.colors[v & s.planes];
    }
}

/// Two bits a pixel, four pixels from plane 0 and four from plane 1; planes 2 and 3 give the upper
/// bits.
void draw_cga(std::uint32_t* out, unsigned pixels, const Source& s) {
    for (unsigned x = 0; x < pixels; x++) {
        const std::uint8_t* cell = s.bytes + x / 8 * 4 + (x / 4 & 1);
        const unsigned shift = 6 - 2 * (x & 3);
        const unsigned v = (cell[0] >> shift & 3u) | (cell[2] >> shift & 3u) << 2;
        out[x] = s.colors[v & s.planes];
    }
}

void draw_8(std::uint32_t* out, unsigned pixels, const Source& s) {
    for (unsigned x = 0; x < pixels; x++)
        out[x] = s.colors[s.bytes[x]];
}

struct Format {
    Draw draw;
    unsigned bits;        // of memory for eight pixels, over eight: what a pixel takes
    unsigned across = 1;  // dots a pixel
};

Format linear_format(unsigned bpp) {
    switch (bpp) {
        case 15: return {direct<draw_15>, 16};
        case 16: return {direct<draw_16>, 16};
        case 24: return {direct<draw_24>, 24};
        case 32: return {direct<draw_32>, 32};
        default: return {draw_8, 8};
    }
}

/// The shift register mode of the graphics controller (GR5) says how dots are made of planes.
Format vga_format(unsigned shift) {
    switch (shift) {
        case 0: return {draw_planar, 4};
        case 1: return {draw_cga, 4};
        default: return {draw_8, 8, 2};
    }
}

}  // namespace

unsigned Vga::bits_per_pixel() const {
    return vbe_enabled() ? state_.vbe_regs[VBE_BPP] : 0;
}

ui::Image Vga::draw_graphics(const Frame& f) const {
    const unsigned bpp = bits_per_pixel();
    const unsigned shift = state_.gr[5] >> 5 & 3;
    const Format format = bpp > 4 && shift >= 2 ? linear_format(bpp) : vga_format(shift);
    std::array<std::uint32_t, 256> dac{};
    for (unsigned n = 0; n < dac.size(); n++)
        dac[n] = color(n);
    const auto palette = colors();
    Source source{.bytes = nullptr,
                  .colors = format.draw == draw_8 ? dac.data() : palette.data(),
                  .planes = state_.ar[0x12] & 0x0fu,
                  .big_endian = state_.big_endian_fb};

    const unsigned repeat = format.across * (bpp ? 1 : f.repeat);
    const unsigned pixels = f.width() / repeat;
    ui::Image image(f.width(), f.height);
    // A panned line needs up to eight pixels more, and all of them whole cells.
    std::vector<std::uint32_t> drawn(pixels + 16);
    std::vector<std::uint8_t> around;
    const auto walk = lines(f);
    for (unsigned y = 0; y < f.height; y++) {
        const unsigned count = pixels + walk[y].pan;
        const std::uint64_t at = walk[y].address & (vram_size() - 1);
        const std::size_t length = (std::size_t{count} + 7) / 8 * format.bits;
        source.bytes = vram() + at;
        if (at + length > vram_size()) {  // memory goes on at its beginning
            around.resize(length);
            for (std::size_t i = 0; i < length; i++)
                around[i] = vram()[(at + i) & (vram_size() - 1)];
            source.bytes = around.data();
        }
        format.draw(drawn.data(), count, source);
        std::uint32_t* out = image.row(y);
        const std::uint32_t* in = drawn.data() + walk[y].pan;
        if (repeat == 1)
            std::copy_n(in, pixels, out);
        else
            for (unsigned x = 0; x < pixels; x++)
                out = std::fill_n(out, repeat, in[x]);
    }
    draw_over(image);
    return image;
}

}  // namespace hw
