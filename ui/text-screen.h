// SPDX-License-Identifier: GPL-2.0-or-later
//
// The characters of a text mode, in the sixteen colors of a PC, as text for people and tests.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace ui {

struct TextScreen {
    struct Cell {
        char32_t character = U' ';
        std::uint8_t foreground = 7, background = 0;  // in the PC's order: 1 blue, 2 green, 4 red
        bool blink = false;
        bool operator==(const Cell&) const = default;
    };
    struct Position {
        unsigned column, row;
    };

    unsigned columns = 0, rows = 0;
    std::vector<Cell> cells;  // row by row
    std::optional<Position> cursor;

    TextScreen() = default;
    TextScreen(unsigned c, unsigned r) : columns(c), rows(r), cells(std::size_t{c} * r) {}
    bool empty() const { return cells.empty(); }
    Cell& at(unsigned column, unsigned row) { return cells[std::size_t{row} * columns + column]; }
    const Cell& at(unsigned column, unsigned row) const {
        return cells[std::size_t{row} * columns + column];
    }

    /// A line a row in UTF-8, without the spaces at its end.
    std::string plain() const;
    /// For a terminal: colors by ECMA-48 SGR sequences, the cursor's cell in reverse.
    std::string colored() const;
};

/// The PC's character set (code page 437), its pictures at 00h to 1Fh included.
char32_t from_code_page_437(std::uint8_t);

}  // namespace ui
