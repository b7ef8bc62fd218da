// SPDX-License-Identifier: GPL-2.0-or-later
//
// What an HMP command takes, and reading it from the line that was typed.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "util/result.h"

namespace monitor {

enum class Complete : std::uint8_t {
    nothing,
    command,
    file,
    chardev,
    ringbuf,
    device,       // an id of -device
    device_type,  // a model
    object,
    qom_path,
    log_item,
    migration_capability,
};

struct HmpArg {
    enum class Kind : std::uint8_t {
        word,    // in quotes if it has spaces
        rest,    // the rest of the line
        number,  // an expression, 64 bits
        bytes,   // "512", "1.5G"; a bare number counts megabytes
        on_off,
        flag,    // -x
        option,  // -x word
        format,  // /4xw
    };
    Kind kind;
    std::string_view name;
    bool optional = false;
    Complete complete = Complete::nothing;

    constexpr HmpArg maybe() const {
        HmpArg a = *this;
        a.optional = true;
        return a;
    }
};

namespace arg {
constexpr HmpArg word(std::string_view name, Complete c = Complete::nothing) {
    return {HmpArg::Kind::word, name, false, c};
}
constexpr HmpArg file(std::string_view name) {
    return word(name, Complete::file);
}
constexpr HmpArg rest(std::string_view name, Complete c = Complete::nothing) {
    return {HmpArg::Kind::rest, name, false, c};
}
constexpr HmpArg number(std::string_view name) {
    return {HmpArg::Kind::number, name};
}
constexpr HmpArg bytes(std::string_view name) {
    return {HmpArg::Kind::bytes, name};
}
constexpr HmpArg on_off(std::string_view name) {
    return {HmpArg::Kind::on_off, name};
}
/// The letter is the name.
constexpr HmpArg flag(std::string_view letter) {
    return {HmpArg::Kind::flag, letter, true};
}
constexpr HmpArg option(std::string_view letter) {
    return {HmpArg::Kind::option, letter, true};
}
constexpr HmpArg format() {
    return {HmpArg::Kind::format, "fmt", true};
}
}  // namespace arg

/// /4xw of the memory commands: how many, how shown, how wide.
struct HmpFormat {
    unsigned count = 1;
    char letter = 0;    // x d u o c i; 0: as before
    unsigned size = 0;  // bytes; 0: as before
};

class HmpArguments {
public:
    bool has(std::string_view name) const { return find(name); }
    bool flag(std::string_view letter) const { return has(letter); }
    const std::string& text(std::string_view name) const;
    std::optional<std::string> maybe_text(std::string_view name) const;
    std::int64_t number(std::string_view name) const;
    std::optional<std::int64_t> maybe_number(std::string_view name) const;
    bool on(std::string_view name) const { return number(name) != 0; }
    HmpFormat format() const { return format_; }

private:
    friend class HmpParser;
    using Value = std::variant<std::string, std::int64_t>;
    const Value* find(std::string_view name) const;
    std::map<std::string, Value, std::less<>> values_;
    HmpFormat format_;
};

/// The value of a register, for expressions like $pc+4.
using HmpRegisters = std::function<std::optional<std::uint64_t>(std::string_view)>;

/// Reads the arguments; `name` goes into the messages.
Result<HmpArguments> parse_hmp_arguments(std::span<const HmpArg>, std::string_view name,
                                         std::string_view text, const HmpRegisters&);

/// + - * / % & | ^ ~ ( ) over numbers, 'c' characters and $registers. Takes what it read off
/// `text`.
Result<std::int64_t> parse_hmp_expression(std::string_view& text, const HmpRegisters&);

/// The first word of a line, quotes and escapes undone; takes it off `text`. None when a quote is
/// not closed or nothing is left.
std::optional<std::string> take_hmp_word(std::string_view& text);

}  // namespace monitor
