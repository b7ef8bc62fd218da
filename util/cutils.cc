// SPDX-License-Identifier: GPL-2.0-or-later
#include "util/cutils.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <limits>

namespace {

bool is_space(char c) {
    return std::string_view(" \t\n\v\f\r").find(c) != std::string_view::npos;
}

struct Magnitude {
    bool negative = false;
    std::uint64_t value = 0;
};

std::optional<Magnitude> parse_magnitude(std::string_view text) {
    while (!text.empty() && is_space(text[0]))
        text.remove_prefix(1);
    Magnitude result;
    if (!text.empty() && (text[0] == '-' || text[0] == '+')) {
        result.negative = text[0] == '-';
        text.remove_prefix(1);
    }
    int base = 10;
    if (text.size() > 2 && text[0] == '0' && (text[1] == 'x' || text[1] == 'X')) {
        base = 16;
        text.remove_prefix(2);
    } else if (text.size() > 1 && text[0] == '0') {
        base = 8;
    }
    const char* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, result.value, base);
    if (error != std::errc() || stop != end) return {};
    return result;
}

/// The power of two that a suffix stands for.
std::optional<int> suffix_shift(char c) {
    const auto at = std::string_view("bkmgtpeBKMGTPE").find(c);
    if (at == std::string_view::npos) return {};
    return int(at % 7) * 10;
}

}  // namespace

std::optional<std::int64_t> parse_int64(std::string_view text) {
    const auto m = parse_magnitude(text);
    constexpr auto most = std::uint64_t(std::numeric_limits<std::int64_t>::max());
    if (!m || m->value > most + m->negative) return {};
    return m->negative ? std::int64_t(0 - m->value) : std::int64_t(m->value);
}

std::optional<std::uint64_t> parse_uint64(std::string_view text) {
    const auto m = parse_magnitude(text);
    if (!m) return {};
    return m->negative ? 0 - m->value : m->value;
}

std::optional<std::uint64_t> parse_size(std::string_view text, std::uint64_t unit) {
    while (!text.empty() && is_space(text[0]))
        text.remove_prefix(1);
    if (text.empty() || text[0] < '0' || text[0] > '9') return {};
    const char* end = text.data() + text.size();
    const bool hex = text.size() > 2 && text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
    std::uint64_t whole = 0;
    const auto [stop, error] =
        std::from_chars(text.data() + (hex ? 2 : 0), end, whole, hex ? 16 : 10);
    if (error != std::errc()) return {};
    std::string_view rest(stop, std::size_t(end - stop));
    double fraction = 0;
    if (!hex && rest.starts_with('.')) {
        std::size_t length = 1;
        while (length < rest.size() && rest[length] >= '0' && rest[length] <= '9')
            length++;
        if (length > 1) std::from_chars(rest.data(), rest.data() + length, fraction);
        rest.remove_prefix(length);
    }
    std::uint64_t scale = unit;
    if (!rest.empty()) {
        const auto shift = suffix_shift(rest[0]);
        // 0x1b would be two things at once, so hexadecimal goes without a suffix.
        if (!shift || rest.size() > 1 || hex) return {};
        scale = std::uint64_t{1} << *shift;
    }
    if (scale == 1 && fraction != 0) return {};
    const unsigned __int128 total = static_cast<unsigned __int128>(whole) * scale +
                                    static_cast<std::uint64_t>(fraction * double(scale) + 0.5);
    if (total > std::numeric_limits<std::uint64_t>::max()) return {};
    return std::uint64_t(total);
}

std::optional<std::uint64_t> parse_size(std::string_view text) {
    return parse_size(text, 1);
}

std::optional<double> parse_double(std::string_view text) {
    while (!text.empty() && is_space(text[0]))
        text.remove_prefix(1);
    if (text.starts_with('+')) text.remove_prefix(1);
    double value = 0;
    const char* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, value);
    if (error != std::errc() || stop != end || !std::isfinite(value)) return {};
    return value;
}

std::optional<bool> parse_bool(std::string_view text) {
    for (std::string_view yes : {"on", "yes", "true", "y"}) {
        if (text == yes) return true;
    }
    for (std::string_view no : {"off", "no", "false", "n"}) {
        if (text == no) return false;
    }
    return {};
}

std::string size_to_string(std::uint64_t bytes) {
    constexpr const char* units[] = {"", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"};
    int power = 0;
    double value = double(bytes);
    while (value >= 1000 && power < 6) {
        value /= 1024;
        power++;
    }
    return fmt::format("{:.3g} {}B", value, units[power]);
}
