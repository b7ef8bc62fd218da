// SPDX-License-Identifier: GPL-2.0-or-later
//
// Graphics modes: planar with sixteen colors, CGA's, 256 colors, and the linear modes of the Bochs
// interface from 8 to 32 bits a pixel.
#include <algorithm>
#include <cstring>

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

constexpr std::uint32_t wide5(std::uint32_t v) {
    return (v & 31) << 3 | (v & 31) >> 2;
}
constexpr std::uint32_t wide6(std::uint32_t v) {
    return (v & 63) << 2 | (v & 63) >> 4;
}

std::uint32_t pixel16(const Source& s, unsigned x) {
    const std::uint8_t* p = s.bytes + std::size_t{x} * 2;
    return s.big_endian ? p[0] << 8 | p[1] : p[1] << 8 | p[0];
}

void draw_15(std::uint32_t* out, unsigned pixels, const Source& s) {
    for (unsigned x = 0; x < pixels; x++) {
        const std::uint32_t v = pixel16(s, x);
        out[x] = wide5(v >> 10) << 16 | wide5(v >> 5) << 8 | wide5(v);
    }
}

void draw_16(std::uint32_t* out, unsigned pixels, const Source& s) {
    for (unsigned x = 0; x < pixels; x++) {
        const std::uint32_t v = pixel16(s, x);
        out[x] = wide5(v >> 11) << 16 | wide6(v >> 5) << 8 | wide5(v);
    }
}

void draw_24(std::uint32_t* out, unsigned pixels, const Source& s) {
    const unsigned red = s.big_endian ? 0 : 2;
    for (unsigned x = 0; x < pixels; x++) {
        const std::uint8_t* p = s.bytes + std::size_t{x} * 3;
        out[x] = std::uint32_t{p[red]} << 16 | std::uint32_t{p[1]} << 8 | p[2 - red];
    }
}

void draw_32(std::uint32_t* out, unsigned pixels, const Source& s) {
    for (unsigned x = 0; x < pixels; x++) {
        const std::uint8_t* p = s.bytes + std::size_t{x} * 4;
        out[x] = s.big_endian ? std::uint32_t{p[1]} << 16 | std::uint32_t{p[2]} << 8 | p[3]
                              : std::uint32_t{p[2]} << 16 | std::uint32_t{p[1]} << 8 | p[0];
    }
}

struct Format {
    Draw draw;
    unsigned bits;        // of memory for eight pixels, over eight: what a pixel takes
    unsigned across = 1;  // dots a pixel
};

Format vbe_format(unsigned bpp) {
    switch (bpp) {
        case 15: return {draw_15, 16};
        case 16: return {draw_16, 16};
        case 24: return {draw_24, 24};
        case 32: return {draw_32, 32};
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

ui::Image Vga::draw_graphics(const Frame& f) const {
    const unsigned bpp = vbe_enabled() ? state_.vbe_regs[VBE_BPP] : 0;
    const unsigned shift = state_.gr[5] >> 5 & 3;
    const Format format = bpp > 4 && shift >= 2 ? vbe_format(bpp) : vga_format(shift);
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
    return image;
}

}  // namespace hw
