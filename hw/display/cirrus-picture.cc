// SPDX-License-Identifier: GPL-2.0-or-later
//
// What a GD5446 shows: the extended modes, and the hardware cursor over any graphics mode.
#include "hw/display/cirrus.h"

namespace hw {

namespace {

constexpr std::uint8_t cr1a_interlaced = 0x01;
constexpr std::uint8_t sr12_cursor = 0x01, sr12_large = 0x04;
/// Cursors stand in the last 16 KiB of memory.
constexpr std::uint32_t cursor_memory = 16 << 10;

}  // namespace

unsigned Cirrus::bits_per_pixel() const {
    const VgaState& v = chip_.vga;
    if (!(v.sr[7] & 1)) return 0;
    switch (v.sr[7] & 0x0e) {
        case 0x02:  // with the clock doubled
        case 0x06:
            // The hidden DAC register tells 5:5:5 from 5:6:5.
            return (chip_.hidden_dac_data & 0x0f) == 0 ? 15 : 16;
        case 0x04: return 24;
        case 0x08: return 32;
        default: return 8;
    }
}

Vga::Frame Cirrus::frame() const {
    const auto& cr = chip_.vga.cr;
    Frame f = Vga::frame();
    const bool graphics = chip_.vga.gr[6] & 1;
    if (graphics && cr[0x1a] & cr1a_interlaced) f.height *= 2;
    f.line_offset = (cr[0x13] | (cr[0x1b] & 0x10) << 4) * 8u;
    f.start += (std::uint64_t{cr[0x1b] & 0x01u} << 16 | std::uint64_t{cr[0x1b] & 0x0cu} << 15 |
                std::uint64_t{cr[0x1d] & 0x80u} << 12) *
               4;
    if (bits_per_pixel()) f.repeat = 1;
    return f;
}

void Cirrus::draw_over(ui::Image& image) const {
    const VgaState& v = chip_.vga;
    if (!(v.sr[0x12] & sr12_cursor)) return;
    const bool large = v.sr[0x12] & sr12_large;
    const unsigned side = large ? 64 : 32, line = side / 8;
    // Two planes: of a large cursor line by line, of a small one the first before the second.
    const unsigned next_line = large ? 2 * line : line, next_plane = large ? line : side * line;
    const std::uint8_t* shape = vram() + card_.memory - cursor_memory +
                                (large ? v.sr[0x13] & 0x3cu : v.sr[0x13] & 0x3fu) * 256;
    auto color = [&](unsigned n) {
        auto wide = [](std::uint32_t c) { return (c & 0x3f) << 2 | (c & 1) * 3; };
        return wide(cursor_dac(n * 3)) << 16 | wide(cursor_dac(n * 3 + 1)) << 8 |
               wide(cursor_dac(n * 3 + 2));
    };
    const std::uint32_t background = color(0), foreground = color(15);
    for (unsigned y = 0; y < side && chip_.hw_cursor_y + y < image.height; y++) {
        std::uint32_t* const row = image.row(chip_.hw_cursor_y + y);
        for (unsigned x = 0; x < side && chip_.hw_cursor_x + x < image.width; x++) {
            const std::uint8_t* cell = shape + y * next_line + x / 8;
            const unsigned bit = 7 - x % 8;
            std::uint32_t& dot = row[chip_.hw_cursor_x + x];
            switch ((cell[0] >> bit & 1) | (cell[next_plane] >> bit & 1) << 1) {
                case 1: dot ^= 0xffffff; break;
                case 2: dot = background; break;
                case 3: dot = foreground; break;
                default: break;
            }
        }
    }
}

}  // namespace hw
