// SPDX-License-Identifier: GPL-2.0-or-later
//
// The rows after parsing, indexed by opcode: what decode() walks.
#pragma once

#include "target/i386/decode/decode.h"

#include <vector>

namespace i386 {

enum class Prefix : u8 { any, none, p66, f3, f2 };

/// One operand of a row: its letter and size as in the manual. Fixed registers have letter '='.
struct OperandSpec {
    char letter = 0;
    char size = 0;  ///< 'b' 'w' 'd' 'q' 'v' 'z' 'y' 'p', or 0 when the operand size says nothing
};

struct ParsedRow {
    u16 row;
    u8 map;     ///< 0: one byte, 1: 0F, 2: 0F 38, 3: 0F 3A
    u8 opcode;  ///< the first, with `+r` eight of them
    bool vex = false, plus_r = false, modrm = false;
    Prefix prefix = Prefix::any;
    i8 digit = -1;  ///< ModRM.reg, or -1
    i16 fixed_modrm = -1;
    i8 memory = -1;     ///< 1: only memory, 0: only a register, -1: both
    i8 l = -1, w = -1;  ///< VEX fields, -1: any
    std::array<OperandSpec, 4> operands{};
};

class DecodeTable {
public:
    static const DecodeTable& get();

    std::span<const Row> rows() const { return rows_; }
    std::span<const u16> candidates(bool vex, unsigned map, u8 opcode) const {
        return index_[(vex ? 4 : 0) + map][opcode];
    }
    const ParsedRow& parsed(u16 row) const { return parsed_[row]; }

private:
    DecodeTable();
    std::vector<Row> rows_;
    std::vector<ParsedRow> parsed_;
    std::vector<u16> index_[8][256];
};

/// Parses the text of a row; asserts that it makes sense.
ParsedRow parse_row(const Row& row, u16 number);

}  // namespace i386
