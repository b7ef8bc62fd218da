// SPDX-License-Identifier: GPL-2.0-or-later
//
// Encodes a random instance of a row and puts its memory operand where memory is.
#include "tests/diff/generator.h"

#include "tests/diff/values.h"

#include <cstring>
#include <string_view>

namespace diff {
namespace {

using i386::ParsedRow;
using i386::Prefix;
using i386::Row;

class Builder {
public:
    Builder(const Row& row, const ParsedRow& parsed, const Layout& layout, Random& random,
            const Options& options)
        : row_(row), p_(parsed), layout_(layout), r_(random), options_(options) {}

    Case build();

private:
    void byte(unsigned b) { case_.code[case_.code_length++] = static_cast<std::uint8_t>(b); }
    void little(std::uint64_t v, unsigned size) {
        for (unsigned n = 0; n < size; n++)
            byte(unsigned(v >> 8 * n & 0xFF));
    }
    bool has_operand(char letter) const {
        for (const auto& o : p_.operands)
            if (o.letter == letter) return true;
        return false;
    }
    void choose_state();
    void legacy_prefixes();
    void vex_prefix();
    void modrm();
    void memory(unsigned reg);
    void memory16(unsigned reg);
    void immediates();
    std::uint64_t target();
    void set_gpr(unsigned n, std::uint64_t v) { case_.before.gpr[n] = v; }

    const Row& row_;
    const ParsedRow& p_;
    const Layout& layout_;
    Random& r_;
    const Options& options_;
    Case case_{};
    bool long_ = true, rex_w_ = false, p66_ = false, p67_ = false, string_ = false;
    unsigned rex_ = 0;  // WRXB
    int segment_ = 0;   // a prefix byte, or 0
    unsigned rip_patch_ = 0;
    std::uint64_t rip_target_ = 0;
};

bool is_string(const Row& row) {
    const std::string_view m = row.mnemonic;
    return m.starts_with("MOVS") || m.starts_with("CMPS") || m.starts_with("STOS") ||
           m.starts_with("LODS") || m.starts_with("SCAS");
}

/// Where the memory operand goes: mostly in the middle of the page, sometimes across its end, where
/// only reading is allowed, sometimes where nothing is.
std::uint64_t Builder::target() {
    const std::uint32_t page = page_size;
    const std::uint64_t line = layout_.data + r_.below(page / 64 - 16) * 64;
    switch (r_.below(32)) {
        case 0: return layout_.data + page - r_.below(34);
        case 1: return layout_.data + page + r_.below(page);
        case 2: return layout_.data + 2 * page - r_.below(34);
        case 3: return layout_.data - r_.below(34);
        case 4: return layout_.data + r_.below(page);
        case 5:
        case 6: return line + r_.below(64);
        default: return line;
    }
}

void Builder::choose_state() {
    CpuImage& b = case_.before;
    for (auto& g : b.gpr)
        g = interesting_integer(r_);
    b.rflags = r_.next() & 0x8D5;
    if (r_.one_in(8)) b.rflags |= 0x400;
    // Whether wide operands are looked at by alignment checking differs between processors.
    const bool wide = p_.vex ||
                      (row_.attributes & (i386::sse_state | i386::mmx_state | i386::x87_state)) ||
                      row_.operands[0] == 'M';
    if (!wide && r_.one_in(64)) b.rflags |= 0x40000;
    b.fs_base = layout_.data + 64;
    b.gs_base = layout_.data + 128;
    for (auto& v : b.ymm)
        random_vector(r_, v.data(), 32);
    random_fp_state(r_, b, options_.fp_unmasked);
    b.gpr[4] = layout_.data + 2048 + r_.below(64) * 8;
    case_.patch_at = std::uint16_t(r_.below(page_size - case_.patch.size()));
    random_vector(r_, case_.patch.data(), case_.patch.size());
    case_.code_at = std::uint16_t(64 + r_.below(2048));
    if (string_) {
        b.gpr[6] = target();
        b.gpr[7] = target();
        b.gpr[1] = r_.below(40);
    }
    // The host has components that the emulator lacks.
    if (std::string_view(row_.mnemonic).starts_with("XSAVE") ||
        std::string_view(row_.mnemonic).starts_with("XRSTOR")) {
        b.gpr[0] = r_.below(8);
        b.gpr[2] = 0;
    }
    // A trap comes between two elements of a gather as between two rounds of a REP.
    case_.repeats = row_.attributes & i386::vsib;
    if (std::string_view(row_.mnemonic).find("MASKMOV") != std::string_view::npos)
        b.gpr[7] = target();
}

void Builder::legacy_prefixes() {
    if (p_.prefix == Prefix::any || p_.prefix == Prefix::f3 || p_.prefix == Prefix::f2)
        p66_ = r_.one_in(4);
    if (p_.prefix != Prefix::any && p_.prefix != Prefix::p66) p66_ = p66_ && r_.one_in(8);
    if (p_.prefix == Prefix::p66) p66_ = true;
    p67_ = r_.one_in(24);
    if (r_.one_in(24))
        segment_ = std::array<int, 6>{0x26, 0x2E, 0x36, 0x3E, 0x64, 0x65}[r_.below(6)];
    if (p67_) byte(0x67);
    if (segment_) byte(unsigned(segment_));
    if (r_.one_in(row_.attributes & i386::lockable ? 6 : 64)) byte(0xF0);
    if (p66_) byte(0x66);
    if (p_.prefix == Prefix::f3) byte(0xF3);
    if (p_.prefix == Prefix::f2) byte(0xF2);
    if (p_.prefix == Prefix::any && r_.one_in(string_ ? 2 : 48)) {
        byte(r_.one_in(2) ? 0xF3 : 0xF2);
        case_.repeats = string_;
    }
    if (long_ && r_.one_in(2)) {
        rex_ = unsigned(r_.below(16));
        rex_w_ = rex_ & 8;
        byte(0x40 | rex_);
    }
    if (p_.map) byte(0x0F);
    if (p_.map == 2) byte(0x38);
    if (p_.map == 3) byte(0x3A);
}

void Builder::vex_prefix() {
    p67_ = r_.one_in(24);
    if (p67_) byte(0x67);
    if (r_.one_in(24))
        segment_ = std::array<int, 6>{0x26, 0x2E, 0x36, 0x3E, 0x64, 0x65}[r_.below(6)];
    if (segment_) byte(unsigned(segment_));
    rex_ = long_ ? unsigned(r_.below(16)) : unsigned(r_.below(2)) * 8;
    if (p_.w >= 0) rex_ = (rex_ & 7) | unsigned(p_.w) * 8;
    rex_w_ = rex_ & 8;
    const bool vvvv_used = has_operand('H') || has_operand('B');
    const unsigned vvvv = vvvv_used || r_.one_in(24) ? unsigned(r_.below(long_ ? 16 : 8)) : 0;
    const unsigned l = p_.l >= 0 ? unsigned(p_.l) : unsigned(r_.below(2));
    const unsigned pp = p_.prefix == Prefix::p66  ? 1
                        : p_.prefix == Prefix::f3 ? 2
                        : p_.prefix == Prefix::f2 ? 3
                                                  : 0;
    const unsigned low = (~vvvv & 0xF) << 3 | l << 2 | pp;
    if (p_.map == 1 && !(rex_ & 0xB) && r_.one_in(2)) {
        byte(0xC5);
        byte((rex_ & 4 ? 0 : 0x80) | low);
        return;
    }
    byte(0xC4);
    byte((~rex_ & 7) << 5 | p_.map);
    byte((rex_ & 8) << 4 | low);
}

void Builder::memory16(unsigned reg) {
    constexpr int bases[8] = {3, 3, 5, 5, 6, 7, 5, 3}, indexes[8] = {6, 7, 6, 7, -1, -1, -1, -1};
    const unsigned rm = unsigned(r_.below(8)), mod = unsigned(r_.below(3));
    byte(mod << 6 | reg << 3 | rm);
    const auto wanted = std::uint16_t(target());
    std::uint16_t displacement = std::uint16_t(r_.next());
    if (mod == 1) displacement = std::uint16_t(std::int8_t(displacement));
    if (mod == 0 && rm == 6) {
        little(wanted, 2);
        return;
    }
    if (mod == 0) displacement = 0;
    std::uint16_t rest = std::uint16_t(wanted - displacement);
    if (indexes[rm] >= 0) rest = std::uint16_t(rest - case_.before.gpr[unsigned(indexes[rm])]);
    auto& base = case_.before.gpr[unsigned(bases[rm])];
    base = (base & ~std::uint64_t(0xFFFF)) | rest;
    little(displacement, mod);
}

void Builder::memory(unsigned reg) {
    const bool vsib = row_.attributes & i386::vsib;
    if (!long_ && p67_) return memory16(reg);
    const unsigned mod = unsigned(r_.below(3));
    unsigned rm = vsib ? 4 : unsigned(r_.below(8));
    std::uint64_t wanted = target();
    if (segment_ == 0x64 && wanted >= layout_.data + 64) wanted -= case_.before.fs_base;
    if (segment_ == 0x65 && wanted >= layout_.data + 128) wanted -= case_.before.gs_base;
    byte(mod << 6 | reg << 3 | rm);
    std::int32_t displacement =
        r_.one_in(2) ? std::int8_t(r_.next()) : std::int32_t(r_.next() >> 34);
    unsigned displacement_size = mod == 0 ? 0 : mod == 1 ? 1 : 4;
    unsigned base = rm | (rex_ & 1) << 3, scale = 0;
    int index = -1;
    bool no_base = mod == 0 && rm == 5;
    if (rm == 4) {
        const unsigned sib = unsigned(r_.below(256));
        byte(sib);
        scale = sib >> 6;
        index = int((sib >> 3 & 7) | (rex_ & 2) << 2);
        if (index == 4 && !vsib) index = -1;
        base = (sib & 7) | (rex_ & 1) << 3;
        no_base = mod == 0 && (base & 7) == 5;
    }
    if (no_base) displacement_size = 4;
    if (displacement_size == 1) displacement = std::int8_t(displacement);
    if (displacement_size == 0) displacement = 0;
    std::uint64_t* g = case_.before.gpr.data();
    if (vsib) {
        auto& v = case_.before.ymm[unsigned(index)];
        const unsigned width = p_.opcode & 1 ? 8 : 4;
        for (unsigned n = 0; n < 32; n += width) {
            const std::int64_t element = std::int64_t(r_.below(128)) - 64;
            std::memcpy(v.data() + n, &element, width);
        }
        index = -1;
    }
    if (no_base && long_ && rm == 5) {  // RIP-relative: known when the length is
        rip_patch_ = case_.code_length;
        rip_target_ = wanted;
    } else if (no_base && index < 0) {
        displacement = std::int32_t(wanted);
    } else if (no_base) {
        g[index] = scale ? (wanted - displacement) >> scale : wanted - displacement;
        if (scale) displacement = std::int32_t(wanted - (g[index] << scale));
    } else if (index >= 0 && unsigned(index) == base) {
        g[base] = scale ? 16 : (wanted - displacement) / 2;
        if (displacement_size == 4)
            displacement = std::int32_t(wanted - (g[base] << scale) - g[base]);
    } else {
        if (index >= 0 && r_.one_in(2)) g[index] = r_.below(64);
        g[base] = wanted - displacement - (index >= 0 ? g[index] << scale : 0);
        if (!long_) g[base] = std::uint32_t(g[base]);
    }
    little(std::uint32_t(displacement), displacement_size);
}

void Builder::modrm() {
    if (p_.fixed_modrm >= 0) return byte(unsigned(p_.fixed_modrm));
    const unsigned reg = p_.digit >= 0 ? unsigned(p_.digit) : unsigned(r_.below(8));
    const bool mem = p_.memory >= 0 ? p_.memory == 1 : r_.one_in(2);
    if (mem) return memory(reg);
    byte(0xC0 | reg << 3 | unsigned(r_.below(8)));
}

void Builder::immediates() {
    const unsigned operand = rex_w_ ? 8 : p66_ ? 2 : 4;
    for (const auto& o : p_.operands) {
        switch (o.letter) {
            case 'I':
                if (o.size == 'b')
                    byte(unsigned(interesting_integer(r_) & 0xFF));
                else if (o.size == 'w')
                    little(r_.below(64), 2);
                else if (o.size == 'v')
                    little(interesting_integer(r_), operand);
                else
                    little(interesting_integer(r_), operand == 2 ? 2 : 4);
                break;
            case 'L': byte(unsigned(r_.below(256))); break;
            case 'J':
                if (o.size == 'b')
                    byte(unsigned(r_.below(256)));
                else if (p66_ && !long_)
                    little(r_.next(), 2);
                else
                    little(std::uint32_t(std::int16_t(r_.next())), 4);
                break;
            case 'A':
                little(r_.next(), p66_ ? 2 : 4);
                little(0x23, 2);
                break;
            case 'O': {
                const std::uint64_t t = target();
                little(t, long_ ? (p67_ ? 4 : 8) : (p67_ ? 2 : 4));
                break;
            }
            default: break;
        }
    }
}

Case Builder::build() {
    const bool only64 = row_.attributes & i386::only64, no64 = row_.attributes & i386::no64;
    long_ = only64 || !(options_.compat && (no64 || r_.one_in(3)));
    case_.compat = !long_;
    string_ = is_string(row_) && !p_.vex && p_.map == 0 && !p_.modrm;
    choose_state();
    if (p_.vex)
        vex_prefix();
    else
        legacy_prefixes();
    byte(p_.plus_r ? p_.opcode + unsigned(r_.below(8)) : p_.opcode);
    if (p_.modrm) modrm();
    immediates();
    if (rip_patch_) {
        const std::uint64_t end = layout_.code + case_.code_at + case_.code_length;
        const auto displacement = std::uint32_t(rip_target_ - end);
        std::memcpy(case_.code.data() + rip_patch_, &displacement, 4);
    }
    if (!long_) {
        for (auto& g : case_.before.gpr)
            g = std::uint32_t(g);
        for (unsigned n = 8; n < 16; n++)
            case_.before.gpr[n] = 0;
        for (unsigned n = 8; n < 16; n++)
            case_.before.ymm[n].fill(0);
    }
    case_.before.rip = layout_.code + case_.code_at;
    return case_;
}

}  // namespace

Case generate(const Row& row, const ParsedRow& parsed, const Layout& layout, Random& random,
              const Options& options) {
    return Builder(row, parsed, layout, random, options).build();
}

}  // namespace diff
