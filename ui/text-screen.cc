// SPDX-License-Identifier: GPL-2.0-or-later
#include "ui/text-screen.h"

#include <fmt/format.h>

#include <string_view>

namespace ui {

namespace {

constexpr std::u32string_view code_page_437 =
    U" ☺☻♥♦♣♠•◘○◙♂♀♪♫☼►◄↕‼¶§▬↨↑↓→←∟↔▲▼"
    U" !\"#$%&'()*+,-./0123456789:;<=>?"
    U"@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_"
    U"`abcdefghijklmnopqrstuvwxyz{|}~⌂"
    U"ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒ"
    U"áíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐"
    U"└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀"
    U"αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■ ";
static_assert(code_page_437.size() == 256);

void append_utf8(std::string& out, char32_t c) {
    auto put = [&](unsigned v) { out.push_back(static_cast<char>(v)); };
    if (c < 0x80) {
        put(c);
    } else if (c < 0x800) {
        put(0xc0 | c >> 6);
        put(0x80 | (c & 0x3f));
    } else if (c < 0x10000) {
        put(0xe0 | c >> 12);
        put(0x80 | (c >> 6 & 0x3f));
        put(0x80 | (c & 0x3f));
    } else {
        put(0xf0 | c >> 18);
        put(0x80 | (c >> 12 & 0x3f));
        put(0x80 | (c >> 6 & 0x3f));
        put(0x80 | (c & 0x3f));
    }
}

/// The PC counts blue, green, red; ECMA-48 red, green, blue. Bright ones are 60 further up.
unsigned sgr_color(unsigned color, unsigned base) {
    return base + (color & 8 ? 60 : 0) + ((color & 4) >> 2 | (color & 2) | (color & 1) << 2);
}

}  // namespace

char32_t from_code_page_437(std::uint8_t c) {
    return code_page_437[c];
}

std::string TextScreen::plain() const {
    std::string out;
    for (unsigned row = 0; row < rows; row++) {
        unsigned end = columns;
        while (end && at(end - 1, row).character == U' ')
            end--;
        for (unsigned column = 0; column < end; column++)
            append_utf8(out, at(column, row).character);
        out += '\n';
    }
    return out;
}

std::string TextScreen::colored() const {
    std::string out;
    for (unsigned row = 0; row < rows; row++) {
        const Cell* last = nullptr;
        for (unsigned column = 0; column < columns; column++) {
            const Cell& c = at(column, row);
            const bool reverse = cursor && cursor->row == row && cursor->column == column;
            if (!last || reverse || c.foreground != last->foreground ||
                c.background != last->background || c.blink != last->blink) {
                out += fmt::format("\x1b[0;{};{}{}{}m", sgr_color(c.foreground, 30),
                                   sgr_color(c.background, 40), c.blink ? ";5" : "",
                                   reverse ? ";7" : "");
            }
            append_utf8(out, c.character);
            last = reverse ? nullptr : &c;
        }
        out += "\x1b[0m\n";
    }
    return out;
}

}  // namespace ui
