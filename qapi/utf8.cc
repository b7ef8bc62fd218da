// SPDX-License-Identifier: GPL-2.0-or-later
#include "qapi/utf8.h"

#include <algorithm>

namespace qapi {

namespace {

bool is_character(std::uint32_t code) {
    const bool surrogate = code >= 0xd800 && code < 0xe000;
    const bool noncharacter = (code >= 0xfdd0 && code < 0xfdf0) || (code & 0xfffe) == 0xfffe;
    return code <= 0x10ffff && !surrogate && !noncharacter;
}

}  // namespace

std::optional<std::uint32_t> next_code_point(std::string_view& text) {
    const auto byte = [&](std::size_t i) -> std::uint32_t {
        return i < text.size() ? std::uint8_t(text[i]) : 0;
    };
    const std::uint32_t lead = byte(0);
    if (lead < 0x80) {
        text.remove_prefix(1);
        return lead;
    }
    const std::size_t length = lead < 0xc0   ? 0
                               : lead < 0xe0 ? 2
                               : lead < 0xf0 ? 3
                               : lead < 0xf8 ? 4
                                             : 0;
    if (length == 0) {
        text.remove_prefix(1);
        return {};
    }
    std::uint32_t code = lead & (0x7fu >> length);
    std::size_t used = 1;
    for (; used < length && (byte(used) & 0xc0) == 0x80; used++)
        code = code << 6 | (byte(used) & 0x3f);
    text.remove_prefix(used);
    constexpr std::uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    if (used < length || !is_character(code)) return {};
    if (code < least[length] && !(code == 0 && length == 2)) return {};
    return code;
}

bool append_code_point(std::string& text, std::uint32_t code) {
    if (!is_character(code)) return false;
    const auto tail = [&](int shift) { text += char(0x80 | (code >> shift & 0x3f)); };
    if (code >= 0x10000) {
        text += char(0xf0 | code >> 18);
        tail(12);
        tail(6);
        tail(0);
    } else if (code >= 0x800) {
        text += char(0xe0 | code >> 12);
        tail(6);
        tail(0);
    } else if (code >= 0x80 || code == 0) {
        text += char(0xc0 | code >> 6);
        tail(0);
    } else {
        text += char(code);
    }
    return true;
}

}  // namespace qapi
