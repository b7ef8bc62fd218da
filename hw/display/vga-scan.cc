// SPDX-License-Identifier: GPL-2.0-or-later
//
// From registers to the picture's frame: which mode it is, how large, where in memory each line of
// the screen begins, and what the palette and the DAC make of sixteen colors.
#include <algorithm>

#include "hw/display/vga.h"

namespace hw {

namespace {

constexpr std::uint8_t ar_palette_on = 0x20;
constexpr std::uint8_t sr1_eight_dots = 0x01, sr1_half_clock = 0x08, sr1_screen_off = 0x20;
constexpr std::uint8_t ar10_split_stands = 0x20, ar10_palette_bits = 0x80;
constexpr std::uint16_t vbe_eight_bit_dac = 0x20;

}  // namespace

Vga::Mode Vga::mode() const {
    if (!(state_.ar_index & ar_palette_on)) return Mode::Blank;
    if (vbe_enabled()) return Mode::Graphics;
    if (state_.sr[1] & sr1_screen_off) return Mode::Blank;
    return state_.gr[6] & 1 ? Mode::Graphics : Mode::Text;
}

/// An entry of the DAC as 0x00RRGGBB.
std::uint32_t Vga::color(unsigned n) const {
    const std::uint8_t* p = &state_.palette[(n & 0xff) * 3];
    if (vbe_enabled() && state_.vbe_regs[VBE_ENABLE] & vbe_eight_bit_dac)
        return std::uint32_t{p[0]} << 16 | std::uint32_t{p[1]} << 8 | p[2];
    // The two bits below six are copies of the lowest one: what screendump of QEMU 7.2 gives.
    auto wide = [](std::uint32_t v) { return (v & 0x3f) << 2 | (v & 1) * 3; };
    return wide(p[0]) << 16 | wide(p[1]) << 8 | wide(p[2]);
}

/// The sixteen palette registers through the color select register to the DAC.
std::array<std::uint32_t, 16> Vga::colors() const {
    std::array<std::uint32_t, 16> out{};
    const std::uint8_t select = state_.ar[0x14];
    for (unsigned n = 0; n < out.size(); n++) {
        const std::uint8_t p = state_.ar[n];
        out[n] = color(state_.ar[0x10] & ar10_palette_bits ? (select & 0x0f) << 4 | (p & 0x0f)
                                                           : (select & 0x0c) << 4 | (p & 0x3f));
    }
    return out;
}

Vga::Frame Vga::frame() const {
    const auto& cr = state_.cr;
    if (vbe_enabled())
        return {.characters = state_.vbe_regs[VBE_XRES] / 8u,
                .dots = 8,
                .height = state_.vbe_regs[VBE_YRES],
                .line_offset = state_.vbe_line_offset,
                .start = std::uint64_t{state_.vbe_start_addr} * 4};
    const bool text = !(state_.gr[6] & 1);
    Frame f{.characters = cr[1] + 1u,
            .dots = text && !(state_.sr[1] & sr1_eight_dots) ? 9u : 8u,
            .repeat = state_.sr[1] & sr1_half_clock ? 2u : 1u,
            .height = (cr[0x12] | (cr[7] & 0x02) << 7 | (cr[7] & 0x40) << 3) + 1u,
            .line_offset = cr[0x13] * 8u,
            .start = static_cast<std::uint64_t>(cr[0x0c] << 8 | cr[0x0d]) * 4,
            .line_compare =
                static_cast<unsigned>(cr[0x18] | (cr[7] & 0x10) << 4 | (cr[9] & 0x40) << 3)};
    f.start += (cr[8] >> 5 & 3) * 4u;  // panning by whole characters
    f.first_scan = cr[8] & 0x1f;
    const unsigned pan = state_.ar[0x13] & 0x0f;
    if (f.dots == 9)
        f.pan = pan >= 8 ? 0 : pan + 1;
    else
        f.pan = pan >= 8 ? 0 : state_.gr[5] & 0x40 ? pan / 2 : pan;
    return f;
}

/// The walk of the CRT controller's counters down the screen (IBM's manual, "CRT Controller
/// Registers": maximum scan line, start address, offset, mode control, line compare).
std::vector<Vga::Line> Vga::lines(const Frame& f) const {
    const auto& cr = state_.cr;
    const unsigned last_scan = cr[9] & 0x1f, shown = cr[9] & 0x80 ? 2 : 1;
    // Bits of the scan counter in place of address bits 13 and 14, as CGA and Hercules had them.
    const unsigned bit13 = cr[0x17] & 0x40 ? 15 : 14;
    const std::uint64_t swapped =
        (cr[0x17] & 1 ? 0 : 1ull << bit13) | (cr[0x17] & 2 ? 0 : 2ull << bit13);
    std::vector<Line> out(f.height);
    std::uint64_t address = f.start;
    unsigned scan = f.first_scan, times = 0, pan = f.pan;
    for (unsigned y = 0; y < f.height; y++) {
        const std::uint64_t bank = std::uint64_t{scan & 3} << bit13;
        out[y] = {(address & ~swapped) | (bank & swapped), scan, pan};
        if (++times == shown) {
            times = 0;
            if (scan == last_scan) address += f.line_offset;
            scan = scan == last_scan ? 0 : (scan + 1) & 0x1f;
        }
        if (y == f.line_compare) {
            address = 0;
            scan = times = 0;
            if (state_.ar[0x10] & ar10_split_stands) pan = f.dots == 9 ? 1 : 0;
        }
    }
    return out;
}

ui::Image Vga::picture(std::int64_t now_ns) {
    const Mode m = mode();
    if (m != Mode::Blank) {
        const Frame f = frame();
        if (f.width() && f.height)
            shown_ = m == Mode::Text ? draw_text(f, now_ns) : draw_graphics(f);
        else
            shown_.fill(0);
    } else {
        shown_.fill(0);  // as large as it was
    }
    return shown_;
}

}  // namespace hw
