// SPDX-License-Identifier: GPL-2.0-or-later
//
// Text modes: characters and attributes in planes 0 and 1, their pictures in plane 2.
#include <algorithm>

#include "hw/display/vga.h"

namespace hw {

namespace {

constexpr std::uint8_t ar10_monochrome = 0x02, ar10_line_graphics = 0x04, ar10_blink = 0x08;
constexpr std::uint8_t cr0a_cursor_off = 0x20;

/// Fields of seventy to the second: the cursor is on for eight of them and off for eight, blinking
/// characters for sixteen each ("Attribute Controller", "Cursor Start").
constexpr std::int64_t field_ns = 1'000'000'000 / 70;
bool shows(std::int64_t now_ns, unsigned fields) {
    return now_ns / field_ns / fields % 2 == 0;
}

/// Where one of the eight fonts begins, in addresses of plane 2.
unsigned font_at(unsigned select) {
    return (select & 3) << 14 | (select & 4) << 11;
}

}  // namespace

ui::Image Vga::draw_text(const Frame& f, std::int64_t now_ns) const {
    const auto& cr = state_.cr;
    const std::uint8_t mode_control = state_.ar[0x10], select = state_.sr[3];
    const bool blink = mode_control & ar10_blink, blinks_now = !shows(now_ns, 16);
    // Map B, then map A, which bit 3 of the attribute selects.
    const unsigned fonts[2] = {font_at((select & 3) | (select >> 2 & 4)),
                               font_at((select >> 2 & 3) | (select >> 3 & 4))};
    const std::uint64_t cursor = std::uint64_t{cr[0x0e]} << 10 | std::uint64_t{cr[0x0f]} << 2;
    const bool cursor_on = !(cr[0x0a] & cr0a_cursor_off) && shows(now_ns, 8);
    const unsigned cursor_first = cr[0x0a] & 0x1f, cursor_last = cr[0x0b] & 0x1f;
    const auto palette = colors();
    const std::uint64_t mask = vram_size() - 1;

    ui::Image image(f.width(), f.height);
    const auto walk = lines(f);
    for (unsigned y = 0; y < f.height; y++) {
        const Line& line = walk[y];
        std::uint32_t* const row = image.row(y);
        // Half of the last character shows when the first one is panned out.
        const unsigned cells = f.characters + (line.pan ? 1 : 0);
        for (unsigned cell = 0; cell < cells; cell++) {
            const std::uint64_t at = line.address + std::uint64_t{cell} * 4;
            const std::uint8_t character = vram()[at & mask], attribute = vram()[(at + 1) & mask];
            unsigned dots =
                vram()[((fonts[attribute >> 3 & 1] + character * 32u + line.scan) * 4 + 2) & mask]
                << 1;
            // The ninth dot is background, but line drawing characters reach the next one.
            if (mode_control & ar10_line_graphics && character >= 0xc0 && character <= 0xdf)
                dots |= dots >> 1 & 1;
            if (mode_control & ar10_monochrome && (attribute & 7) == 1 &&
                line.scan == (cr[0x14] & 0x1fu))
                dots = 0x1ff;  // underlined
            if (blink && attribute & 0x80 && blinks_now) dots = 0;
            if (cursor_on && at == cursor && line.scan >= cursor_first && line.scan <= cursor_last)
                dots = 0x1ff;
            const std::uint32_t foreground = palette[attribute & 15];
            const std::uint32_t background = palette[attribute >> 4 & (blink ? 7 : 15)];
            for (unsigned dot = 0; dot < f.dots; dot++) {
                const unsigned x = cell * f.dots + dot;
                if (x < line.pan || x - line.pan >= f.characters * f.dots) continue;
                std::fill_n(row + (x - line.pan) * f.repeat, f.repeat,
                            dots >> (8 - dot) & 1 ? foreground : background);
            }
        }
    }
    return image;
}

ui::TextScreen Vga::text() const {
    if (mode() != Mode::Text) return {};
    const Frame f = frame();
    const bool blink = state_.ar[0x10] & ar10_blink;
    const std::uint64_t cursor =
        std::uint64_t{state_.cr[0x0e]} << 10 | std::uint64_t{state_.cr[0x0f]} << 2;
    const std::uint64_t mask = vram_size() - 1;
    // A row of characters begins wherever the address changes.
    std::vector<std::uint64_t> rows;
    unsigned last_scan = 0;
    for (const Line& line : lines(f)) {
        if (rows.empty() || line.address != rows.back() || line.scan < last_scan)
            rows.push_back(line.address);
        last_scan = line.scan;
    }
    ui::TextScreen screen(f.characters, static_cast<unsigned>(rows.size()));
    for (unsigned row = 0; row < screen.rows; row++)
        for (unsigned column = 0; column < screen.columns; column++) {
            const std::uint64_t at = rows[row] + std::uint64_t{column} * 4;
            const std::uint8_t attribute = vram()[(at + 1) & mask];
            screen.at(column, row) = {
                ui::from_code_page_437(vram()[at & mask]),
                static_cast<std::uint8_t>(attribute & 15),
                static_cast<std::uint8_t>(attribute >> 4 & (blink ? 7 : 15)),
                blink && attribute & 0x80,
            };
            if (at == cursor && !(state_.cr[0x0a] & cr0a_cursor_off)) screen.cursor = {column, row};
        }
    return screen;
}

}  // namespace hw
