// SPDX-License-Identifier: GPL-2.0-or-later
//
// UTF-8 as JSON texts hold it here: RFC 3629, but U+0000 is the two bytes c0 80, so that no text
// has a zero byte in the middle, and the noncharacters are refused.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace qapi {

/// The code point that starts at `text`, which is shortened by it. None for bytes that make no
/// character; at least one byte goes even then.
std::optional<std::uint32_t> next_code_point(std::string_view& text);

/// False for a surrogate, a noncharacter, or beyond U+10FFFF.
bool append_code_point(std::string& text, std::uint32_t code);

}  // namespace qapi
