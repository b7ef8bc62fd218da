// SPDX-License-Identifier: GPL-2.0-or-later
#include "accel/qtest/encoding.h"

#include <glib.h>

namespace qtest {

std::string to_hex(std::span<const std::uint8_t> bytes) {
    constexpr char digits[] = "0123456789abcdef";
    std::string text;
    text.reserve(2 * bytes.size());
    for (std::uint8_t b : bytes) {
        text.push_back(digits[b >> 4]);
        text.push_back(digits[b & 15]);
    }
    return text;
}

std::optional<std::vector<std::uint8_t>> from_hex(std::string_view text) {
    if (text.starts_with("0x")) text.remove_prefix(2);
    std::vector<std::uint8_t> bytes((text.size() + 1) / 2);
    for (std::size_t i = 0; i < text.size(); i++) {
        const int digit = g_ascii_xdigit_value(text[i]);
        if (digit < 0) return {};
        bytes[i / 2] |= static_cast<std::uint8_t>(i % 2 ? digit : digit << 4);
    }
    return bytes;
}

std::string to_base64(std::span<const std::uint8_t> bytes) {
    char* encoded = g_base64_encode(bytes.data(), bytes.size());
    std::string text(encoded);
    g_free(encoded);
    return text;
}

std::optional<std::vector<std::uint8_t>> from_base64(std::string_view text) {
    // GLib skips what it does not know; a test that sends rubbish should hear of it.
    const auto alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=";
    if (text.find_first_not_of(alphabet) != text.npos || text.size() % 4) return {};
    gsize size = 0;
    guchar* decoded = g_base64_decode(std::string(text).c_str(), &size);
    std::vector<std::uint8_t> bytes(decoded, decoded + size);
    g_free(decoded);
    return bytes;
}

}  // namespace qtest
