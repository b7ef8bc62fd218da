// SPDX-License-Identifier: GPL-2.0-or-later
//
// Blocks of memory as text: hexadecimal digits and base64 (RFC 4648, with padding).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace qtest {

std::string to_hex(std::span<const std::uint8_t>);
/// With or without 0x; an odd last digit is the high half of its byte.
std::optional<std::vector<std::uint8_t>> from_hex(std::string_view);
std::string to_base64(std::span<const std::uint8_t>);
std::optional<std::vector<std::uint8_t>> from_base64(std::string_view);

}  // namespace qtest
