// SPDX-License-Identifier: GPL-2.0-or-later
//
// Numbers, sizes and switches as people type them on the command line and in HMP. The whole text
// must fit; nothing is skipped but white space before a number.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// Decimal, 0x hexadecimal or 0 octal, with a sign.
std::optional<std::int64_t> parse_int64(std::string_view text);
/// The same; a negative number stands for its 64-bit pattern.
std::optional<std::uint64_t> parse_uint64(std::string_view text);
/// "512", "0x1000", "1.5G": bytes, or with a suffix b k m g t p e, powers of 1024. A number without
/// suffix counts in `unit`.
std::optional<std::uint64_t> parse_size(std::string_view text, std::uint64_t unit);
std::optional<std::uint64_t> parse_size(std::string_view text);
/// Finite, decimal.
std::optional<double> parse_double(std::string_view text);
/// on yes true y, off no false n.
std::optional<bool> parse_bool(std::string_view text);
/// "1.5 GiB" for a person: at most three significant digits.
std::string size_to_string(std::uint64_t bytes);
