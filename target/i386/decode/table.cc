// SPDX-License-Identifier: GPL-2.0-or-later
//
// Reads the rows' text (the grammar is in decode.h) into the decoder's index, once.
#include "target/i386/decode/table.h"

#include <cassert>
#include <string_view>

namespace i386 {

namespace {

std::string_view next_word(std::string_view& s, char separator) {
    const auto n = s.find(separator);
    const auto word = s.substr(0, n);
    s = n == s.npos ? std::string_view() : s.substr(n + 1);
    return word;
}

int hex_digit(char c) {
    return c >= '0' && c <= '9' ? c - '0' : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}
int hex_byte(std::string_view w) {
    if (w.size() != 2 || hex_digit(w[0]) < 0 || hex_digit(w[1]) < 0) return -1;
    return hex_digit(w[0]) * 16 + hex_digit(w[1]);
}

void parse_vex(std::string_view fields, ParsedRow& p) {
    p.vex = true;
    while (!fields.empty()) {
        const auto f = next_word(fields, '.');
        if (f == "128" || f == "LZ" || f == "L0")
            p.l = 0;
        else if (f == "256" || f == "L1")
            p.l = 1;
        else if (f == "W0")
            p.w = 0;
        else if (f == "W1")
            p.w = 1;
        else if (f == "NP")
            p.prefix = Prefix::none;
        else if (f == "66")
            p.prefix = Prefix::p66;
        else if (f == "F3")
            p.prefix = Prefix::f3;
        else if (f == "F2")
            p.prefix = Prefix::f2;
        else if (f == "0F")
            p.map = 1;
        else if (f == "0F38")
            p.map = 2;
        else if (f == "0F3A")
            p.map = 3;
        else
            assert(f == "VEX" || f == "LIG" || f == "WIG" || f == "IG");
    }
}

OperandSpec parse_operand(std::string_view w, ParsedRow& p) {
    const bool letter =
        w[0] >= 'A' && w[0] <= 'Z' && (w.size() == 1 || (w[1] >= 'a' && w[1] <= 'z'));
    if (!letter) {
        if (w == "STi") p.memory = 0;
        const char size = w == "AL"    ? 'b'
                          : w == "rAX" ? 'v'
                          : w == "eAX" ? 'z'
                          : w == "AX"  ? 'w'
                                       : 0;
        return {'=', size};
    }
    switch (w[0]) {
        case 'M': p.memory = 1; break;
        case 'R':
        case 'U':
        case 'N': p.memory = 0; break;
        default: break;
    }
    char size = w.size() == 2 ? w[1] : 0;
    constexpr std::string_view sizes = "bwdqvzyp";
    if (sizes.find(size) == sizes.npos) size = 0;
    constexpr std::string_view with_modrm = "CDEGMNPQRSUVW";
    if (with_modrm.find(w[0]) != with_modrm.npos) p.modrm = true;
    return {w[0], size};
}

}  // namespace

ParsedRow parse_row(const Row& row, u16 number) {
    ParsedRow p{};
    p.row = number;
    std::string_view text = row.encoding;
    bool have_opcode = false;
    while (!text.empty()) {
        const auto w = next_word(text, ' ');
        if (w.starts_with("VEX"))
            parse_vex(w, p);
        else if (w == "NP")
            p.prefix = Prefix::none;
        else if (w == "/r")
            p.modrm = true;
        else if (w == "+r")
            p.plus_r = true;
        else if (w[0] == '/') {
            p.modrm = true;
            p.digit = i8(w[1] - '0');
        } else {
            const int b = hex_byte(w);
            assert(b >= 0);
            // A prefix is one only in front of something: 66, F2 and F3 alone are no opcodes.
            if (have_opcode) {
                p.modrm = true;
                p.fixed_modrm = i16(b);
            } else if (!p.vex && p.map == 0 && b == 0x66)
                p.prefix = Prefix::p66;
            else if (!p.vex && p.map == 0 && b == 0xf3)
                p.prefix = Prefix::f3;
            else if (!p.vex && p.map == 0 && b == 0xf2)
                p.prefix = Prefix::f2;
            else if (!p.vex && p.map == 0 && b == 0x0f)
                p.map = 1;
            else if (!p.vex && p.map == 1 && b == 0x38)
                p.map = 2;
            else if (!p.vex && p.map == 1 && b == 0x3a)
                p.map = 3;
            else {
                p.opcode = u8(b);
                have_opcode = true;
            }
        }
    }
    assert(have_opcode);
    std::string_view operands = row.operands;
    for (unsigned n = 0; !operands.empty(); n++) {
        assert(n < p.operands.size());
        p.operands[n] = parse_operand(next_word(operands, ','), p);
    }
    return p;
}

DecodeTable::DecodeTable() {
    for (const auto table : {integer_rows(), system_rows(), x87_rows(), sse_rows(), avx_rows()})
        rows_.insert(rows_.end(), table.begin(), table.end());
    parsed_.reserve(rows_.size());
    for (const Row& r : rows_) {
        const ParsedRow p = parse_row(r, u16(parsed_.size()));
        parsed_.push_back(p);
        for (unsigned n = 0; n < (p.plus_r ? 8u : 1u); n++)
            index_[(p.vex ? 4 : 0) + p.map][p.opcode + n].push_back(p.row);
    }
}

const DecodeTable& DecodeTable::get() {
    static const DecodeTable table;
    return table;
}

std::span<const Row> rows() {
    return DecodeTable::get().rows();
}

}  // namespace i386
