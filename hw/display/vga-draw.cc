// SPDX-License-Identifier: GPL-2.0-or-later
//
// What the screen shows: text with the character generator in plane 2, planar, CGA and 256-color
// graphics, and the linear modes of the Bochs interface.
#include <algorithm>
#include <cstring>

#include "hw/display/vga.h"

namespace hw {

namespace {

constexpr std::uint8_t ar_palette_on = 0x20, ar10_line_graphics = 0x04, ar10_blink = 0x08;

std::uint32_t six_bit(unsigned r, unsigned g, unsigned b) {
    // The two bits below are copies of the lowest one: what screendump of QEMU 7.2 gives.
    auto wide = [](unsigned v) { return (v & 0x3f) << 2 | (v & 1) * 3; };
    return wide(r) << 16 | wide(g) << 8 | wide(b);
}

}  // namespace

std::uint32_t Vga::color(unsigned n) const {
    const std::uint8_t* p = &state_.palette[(n & 0xff) * 3];
    if (state_.vbe_regs[VBE_ENABLE] & 0x20)  // 8-bit DAC
        return std::uint32_t{p[0]} << 16 | std::uint32_t{p[1]} << 8 | p[2];
    return six_bit(p[0], p[1], p[2]);
}

/// The sixteen palette registers through the color select register to the DAC.
std::array<std::uint32_t, 256> Vga::colors() const {
    std::array<std::uint32_t, 256> out{};
    for (unsigned n = 0; n < 16; n++) {
        const std::uint8_t p = state_.ar[n], select = state_.ar[0x14];
        const unsigned dac = state_.ar[0x10] & 0x80 ? (select & 0x0f) << 4 | (p & 0x0f)
                                                    : (select & 0x0c) << 4 | (p & 0x3f);
        out[n] = color(dac);
    }
    return out;
}

Vga::Mode Vga::mode() const {
    if (!(state_.ar_index & ar_palette_on) && !vbe_enabled()) return Mode::Blank;
    return state_.gr[6] & 1 || vbe_enabled() ? Mode::Graphics : Mode::Text;
}

unsigned Vga::vertical_display() const {
    return (state_.cr[0x12] | (state_.cr[7] & 0x02) << 7 | (state_.cr[7] & 0x40) << 3) + 1u;
}

Vga::Geometry Vga::geometry() const {
    const auto& cr = state_.cr;
    if (vbe_enabled()) {
        const unsigned width = state_.vbe_regs[VBE_XRES], height = state_.vbe_regs[VBE_YRES];
        return {width, height, state_.vbe_line_offset, state_.vbe_start_addr * 4, 0xffff};
    }
    const unsigned line_compare = cr[0x18] | (cr[7] & 0x10) << 4 | (cr[9] & 0x40) << 3;
    return {(cr[1] + 1u) * 8, vertical_display(), cr[0x13] * 8u,
            static_cast<unsigned>(cr[0x0c] << 8 | cr[0x0d]) * 4, line_compare};
}

ui::Image Vga::picture() const {
    switch (mode()) {
        case Mode::Text: return draw_text();
        case Mode::Graphics: return draw_graphics();
        case Mode::Blank: break;
    }
    return ui::Image(640, 480);
}

// ---- text -------------------------------------------------------------------------------------

ui::Image Vga::draw_text() const {
    const auto& cr = state_.cr;
    const Geometry g = geometry();
    const unsigned cell_height = (cr[9] & 0x1f) + 1u, cell_width = state_.sr[1] & 1 ? 8 : 9;
    const unsigned columns = cr[1] + 1u, rows = std::max(vertical_display() / cell_height, 1u);
    const auto palette = colors();
    // Two of eight tables of 8 KiB in plane 2 (the sequencer's character map select).
    auto font = [&](unsigned select) { return ((select & 3) << 14) | (select & 4 ? 0x2000u : 0); };
    const unsigned map = state_.sr[3];
    const unsigned maps[2] = {font((map & 3) | (map >> 2 & 4)),
                              font((map >> 2 & 3) | (map >> 3 & 4))};
    const unsigned cursor = static_cast<unsigned>(cr[0x0e] << 8 | cr[0x0f]) * 4;
    const bool blink = state_.ar[0x10] & ar10_blink;
    ui::Image image(columns * cell_width, rows * cell_height);
    const std::uint64_t mask = vram_size() - 1;
    for (unsigned row = 0; row < rows; row++)
        for (unsigned column = 0; column < columns; column++) {
            const unsigned at = g.start + row * g.line_offset + column * 4;
            const std::uint8_t character = vram()[at & mask];
            const std::uint8_t attribute = vram()[(at + 1) & mask];
            const unsigned foreground = attribute & 15;
            const unsigned background = attribute >> 4 & (blink ? 7 : 15);
            const unsigned table = maps[attribute & 8 ? 1 : 0];
            const bool has_cursor = at == cursor && !(cr[0x0a] & 0x20);
            for (unsigned y = 0; y < cell_height; y++) {
                std::uint32_t* out = image.row(row * cell_height + y) + column * cell_width;
                unsigned bits = vram()[((table + character * 32u + y) * 4 + 2) & mask];
                if (has_cursor && y >= (cr[0x0a] & 0x1fu) && y <= (cr[0x0b] & 0x1fu)) bits = 0x1ff;
                // The ninth dot repeats the eighth for line drawing characters only.
                const bool ninth =
                    bits == 0x1ff || (state_.ar[0x10] & ar10_line_graphics && character >= 0xc0 &&
                                      character <= 0xdf && bits & 1);
                for (unsigned x = 0; x < cell_width; x++) {
                    const bool dot = x < 8 ? bits >> (7 - x) & 1 : ninth;
                    out[x] = palette[dot ? foreground : background];
                }
            }
        }
    return image;
}

ui::TextScreen Vga::text() const {
    if (mode() != Mode::Text) return {};
    const Geometry g = geometry();
    const bool blink = state_.ar[0x10] & ar10_blink;
    const unsigned rows = std::max(vertical_display() / ((state_.cr[9] & 0x1f) + 1u), 1u);
    const unsigned cursor = static_cast<unsigned>(state_.cr[0x0e] << 8 | state_.cr[0x0f]) * 4;
    ui::TextScreen screen(state_.cr[1] + 1u, rows);
    for (unsigned row = 0; row < rows; row++)
        for (unsigned column = 0; column < screen.columns; column++) {
            const unsigned at = g.start + row * g.line_offset + column * 4;
            const std::uint8_t attribute = vram()[(at + 1) & (vram_size() - 1)];
            screen.at(column, row) = {
                ui::from_code_page_437(vram()[at & (vram_size() - 1)]),
                static_cast<std::uint8_t>(attribute & 15),
                static_cast<std::uint8_t>(attribute >> 4 & (blink ? 7 : 15)),
                blink && attribute & 0x80,
            };
            if (at == cursor && !(state_.cr[0x0a] & 0x20)) screen.cursor = {column, row};
        }
    return screen;
}

// ---- graphics ---------------------------------------------------------------------------------

ui::Image Vga::draw_graphics() const {
    Geometry g = geometry();
    const std::uint64_t mask = vram_size() - 1;
    const unsigned shift = state_.gr[5] >> 5 & 3;
    const unsigned bpp = vbe_enabled() ? state_.vbe_regs[VBE_BPP] : 0;
    const auto palette = colors();
    if (!g.width || !g.height) return ui::Image(640, 480);
    // Each line of a low resolution mode is shown more than once.
    unsigned repeat = 1;
    if (!vbe_enabled()) {
        repeat = (state_.cr[9] & 0x1f) + 1u;
        if (state_.cr[9] & 0x80) repeat *= 2;
        if (!(state_.cr[0x17] & 1)) repeat = std::max(repeat / 2, 1u);  // CGA interleaves
    }
    const bool wide_pixels = !vbe_enabled() && shift >= 2;
    const unsigned width = wide_pixels ? g.width / 2 : g.width;
    const bool double_width = !vbe_enabled() && shift == 0 && state_.sr[1] & 8;
    ui::Image image(g.width, g.height);
    for (unsigned y = 0; y < g.height; y++) {
        const unsigned line = y / repeat;
        std::uint64_t at = g.start + std::uint64_t{line} * g.line_offset;
        if (y > g.line_compare)
            at = std::uint64_t{(y - g.line_compare - 1) / repeat} * g.line_offset;
        if (!vbe_enabled() && !(state_.cr[0x17] & 1))  // address bit 13 is the row scan counter's
            at = g.start + std::uint64_t{line / 2} * g.line_offset + (line & 1 ? 0x8000u : 0);
        std::uint32_t* out = image.row(y);
        auto byte = [&](std::uint64_t offset) { return std::uint32_t{vram()[offset & mask]}; };
        for (unsigned x = 0; x < width; x++) {
            std::uint32_t pixel;
            if (bpp == 8) {
                pixel = color(byte(at + x));
            } else if (bpp == 15 || bpp == 16) {
                const std::uint32_t v = byte(at + 2 * x) | byte(at + 2 * x + 1) << 8;
                auto five = [](std::uint32_t c) { return (c & 31) << 3 | (c & 31) >> 2; };
                auto six = [](std::uint32_t c) { return (c & 63) << 2 | (c & 63) >> 4; };
                pixel = bpp == 15 ? five(v >> 10) << 16 | five(v >> 5) << 8 | five(v)
                                  : five(v >> 11) << 16 | six(v >> 5) << 8 | five(v);
            } else if (bpp == 24 || bpp == 32) {
                const std::uint64_t p = at + std::uint64_t{x} * (bpp / 8);
                pixel = byte(p) | byte(p + 1) << 8 | byte(p + 2) << 16;
            } else if (shift >= 2) {  // 256 colors, each pixel twice as wide
                pixel = color(byte(at + x));
                out[2 * x + 1] = pixel;
                out[2 * x] = pixel;
                continue;
            } else if (shift == 1) {  // CGA: two bits a pixel, even and odd bytes in two planes
                const std::uint64_t cell = at + x / 8 * 4;
                const unsigned v = byte(cell + (x / 4 & 1));
                pixel = palette[v >> (6 - 2 * (x & 3)) & 3 & state_.ar[0x12]];
            } else {
                const unsigned column = double_width ? x / 2 : x;
                const std::uint64_t cell = at + column / 8 * 4;
                unsigned v = 0;
                for (unsigned n = 0; n < 4; n++)
                    v |= (byte(cell + n) >> (7 - column % 8) & 1) << n;
                pixel = palette[v & state_.ar[0x12]];
            }
            out[x] = pixel;
        }
    }
    return image;
}

}  // namespace hw
