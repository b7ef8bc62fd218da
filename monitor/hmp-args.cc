// SPDX-License-Identifier: GPL-2.0-or-later
//
// Arguments and expressions of HMP.
#include "monitor/hmp-args.h"

#include <cassert>
#include <charconv>

#include "util/cutils.h"

namespace monitor {

namespace {

bool is_space(char c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
}
bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
bool is_word(char c) {
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '.';
}

void skip_space(std::string_view& text) {
    while (!text.empty() && is_space(text.front()))
        text.remove_prefix(1);
}

/// Sums of products of units, the bit operators at the level of their arithmetic kin.
class Expression {
public:
    Expression(std::string_view& text, const HmpRegisters& registers)
        : text_(text), registers_(registers) {}

    Result<std::int64_t> logic() {
        std::int64_t value = TRY(sum());
        for (;;) {
            const char op = peek();
            if (op != '&' && op != '|' && op != '^') return value;
            text_.remove_prefix(1);
            const std::int64_t right = TRY(sum());
            value = op == '&' ? value & right : op == '|' ? value | right : value ^ right;
        }
    }

private:
    static constexpr int deepest = 100;

    char peek() {
        skip_space(text_);
        return text_.empty() ? '\0' : text_.front();
    }

    Result<std::int64_t> sum() {
        std::int64_t value = TRY(product());
        for (;;) {
            const char op = peek();
            if (op != '+' && op != '-') return value;
            text_.remove_prefix(1);
            // Addresses wrap: the arithmetic is that of 64-bit patterns.
            const auto right = static_cast<std::uint64_t>(TRY(product()));
            const auto left = static_cast<std::uint64_t>(value);
            value = static_cast<std::int64_t>(op == '+' ? left + right : left - right);
        }
    }

    Result<std::int64_t> product() {
        std::int64_t value = TRY(unit());
        for (;;) {
            const char op = peek();
            if (op != '*' && op != '/' && op != '%') return value;
            text_.remove_prefix(1);
            const std::int64_t right = TRY(unit());
            if (op == '*') {
                value = static_cast<std::int64_t>(static_cast<std::uint64_t>(value) *
                                                  static_cast<std::uint64_t>(right));
                continue;
            }
            if (right == 0) return fail("division by zero");
            // The one quotient that does not fit.
            if (right == -1)
                value = op == '/' ? static_cast<std::int64_t>(0 - static_cast<std::uint64_t>(value))
                                  : 0;
            else
                value = op == '/' ? value / right : value % right;
        }
    }

    Result<std::int64_t> unit() {
        if (depth_ > deepest) return fail("expression is nested too deep");
        depth_++;
        Result<std::int64_t> value = read_unit();
        depth_--;
        return value;
    }

    Result<std::int64_t> read_unit() {
        switch (const char c = peek()) {
            case '\0': return fail("unexpected end of expression");
            case '+': text_.remove_prefix(1); return unit();
            case '-':
                text_.remove_prefix(1);
                return static_cast<std::int64_t>(0 - static_cast<std::uint64_t>(TRY(unit())));
            case '~': text_.remove_prefix(1); return ~TRY(unit());
            case '(': {
                text_.remove_prefix(1);
                const std::int64_t value = TRY(logic());
                if (peek() != ')') return fail("')' expected");
                text_.remove_prefix(1);
                return value;
            }
            case '\'': {
                if (text_.size() < 2) return fail("character constant expected");
                const auto value = static_cast<unsigned char>(text_[1]);
                if (text_.size() < 3 || text_[2] != '\'')
                    return fail("missing terminating ' character");
                text_.remove_prefix(3);
                return std::int64_t{value};
            }
            case '$': {
                text_.remove_prefix(1);
                std::size_t length = 0;
                while (length < text_.size() && is_word(text_[length]))
                    length++;
                const auto value = registers_ ? registers_(text_.substr(0, length))
                                              : std::optional<std::uint64_t>();
                if (!value) return fail("unknown register");
                text_.remove_prefix(length);
                return static_cast<std::int64_t>(*value);
            }
            default:
                if (!is_digit(c)) return fail("invalid char '{}' in expression", c);
                return number();
        }
    }

    Result<std::int64_t> number() {
        int base = 10;
        std::string_view digits = text_;
        if (digits.size() > 2 && digits[0] == '0' && (digits[1] | 0x20) == 'x' &&
            std::isxdigit(static_cast<unsigned char>(digits[2]))) {
            base = 16;
            digits.remove_prefix(2);
        } else if (digits.size() > 1 && digits[0] == '0' && is_digit(digits[1])) {
            base = 8;
        }
        std::uint64_t value = 0;
        const auto [end, error] =
            std::from_chars(digits.data(), digits.data() + digits.size(), value, base);
        if (error == std::errc::result_out_of_range) return fail("number too large");
        if (error != std::errc()) return fail("invalid char '{}' in expression", digits[0]);
        text_ = std::string_view(end, static_cast<std::size_t>(text_.data() + text_.size() - end));
        if (!text_.empty() && is_word(text_.front()))
            return fail("invalid char '{}' in expression", text_.front());
        return static_cast<std::int64_t>(value);
    }

    std::string_view& text_;
    const HmpRegisters& registers_;
    int depth_ = 0;
};

}  // namespace

const HmpArguments::Value* HmpArguments::find(std::string_view name) const {
    const auto found = values_.find(name);
    return found == values_.end() ? nullptr : &found->second;
}

const std::string& HmpArguments::text(std::string_view name) const {
    const Value* value = find(name);
    assert(value);
    return std::get<std::string>(*value);
}

std::optional<std::string> HmpArguments::maybe_text(std::string_view name) const {
    return has(name) ? std::optional(text(name)) : std::nullopt;
}

std::int64_t HmpArguments::number(std::string_view name) const {
    const Value* value = find(name);
    assert(value);
    return std::get<std::int64_t>(*value);
}

std::optional<std::int64_t> HmpArguments::maybe_number(std::string_view name) const {
    return has(name) ? std::optional(number(name)) : std::nullopt;
}

Result<std::int64_t> parse_hmp_expression(std::string_view& text, const HmpRegisters& registers) {
    return Expression(text, registers).logic();
}

std::optional<std::string> take_hmp_word(std::string_view& text) {
    skip_space(text);
    if (text.empty()) return {};
    std::string word;
    if (text.front() != '"') {
        while (!text.empty() && !is_space(text.front())) {
            word += text.front();
            text.remove_prefix(1);
        }
        return word;
    }
    for (std::size_t i = 1; i < text.size(); i++) {
        char c = text[i];
        if (c == '"') {
            text.remove_prefix(i + 1);
            return word;
        }
        if (c == '\\' && i + 1 < text.size()) {
            c = text[++i];
            if (c == 'n') c = '\n';
            if (c == 'r') c = '\r';
        }
        word += c;
    }
    return {};
}

class HmpParser {
public:
    HmpParser(std::span<const HmpArg> specs, std::string_view name, std::string_view text,
              const HmpRegisters& registers)
        : specs_(specs), name_(name), text_(text), registers_(registers) {}

    Result<HmpArguments> parse() {
        for (const HmpArg& spec : specs_) {
            skip_space(text_);
            if (spec.kind == HmpArg::Kind::flag) {
                TRY(flags());
            } else if (spec.kind == HmpArg::Kind::option) {
                TRY(option(spec));
            } else if (spec.kind == HmpArg::Kind::format) {
                if (!text_.empty() && text_.front() == '/') TRY(format());
            } else if (spec.optional && text_.empty()) {
                break;
            } else {
                TRY(value(spec));
            }
        }
        skip_space(text_);
        if (!text_.empty()) return fail("{}: extraneous characters at the end of line", name_);
        return std::move(arguments_);
    }

private:
    /// "-n -v" or "-nv", in any order, wherever the first of the flags may stand.
    Result<void> flags() {
        while (text_.size() >= 2 && text_[0] == '-' && !is_space(text_[1]) && !is_digit(text_[1])) {
            text_.remove_prefix(1);
            while (!text_.empty() && !is_space(text_.front())) {
                const std::string_view letter = text_.substr(0, 1);
                bool known = false;
                for (const HmpArg& spec : specs_)
                    known |= spec.kind == HmpArg::Kind::flag && spec.name == letter;
                if (!known) return fail("{}: unsupported option -{}", name_, letter);
                arguments_.values_.insert_or_assign(std::string(letter), std::int64_t{1});
                text_.remove_prefix(1);
            }
            skip_space(text_);
        }
        return {};
    }

    Result<void> option(const HmpArg& spec) {
        if (!text_.starts_with('-') || text_.substr(1, spec.name.size()) != spec.name) return {};
        text_.remove_prefix(1 + spec.name.size());
        skip_space(text_);
        return value(arg::word(spec.name));
    }

    Result<void> format() {
        HmpFormat& f = arguments_.format_;
        text_.remove_prefix(1);
        if (!text_.empty() && is_digit(text_.front())) {
            const auto [end, error] =
                std::from_chars(text_.data(), text_.data() + text_.size(), f.count);
            if (error != std::errc()) return fail("{}: bad count", name_);
            text_.remove_prefix(static_cast<std::size_t>(end - text_.data()));
        }
        for (; !text_.empty() && !is_space(text_.front()); text_.remove_prefix(1)) {
            switch (const char c = text_.front()) {
                case 'o':
                case 'd':
                case 'u':
                case 'x':
                case 'i':
                case 'c': f.letter = c; break;
                case 'b': f.size = 1; break;
                case 'h': f.size = 2; break;
                case 'w': f.size = 4; break;
                case 'g':
                case 'L': f.size = 8; break;
                default: return fail("invalid char in format: '{}'", c);
            }
        }
        return {};
    }

    Result<void> value(const HmpArg& spec) {
        auto& slot = arguments_.values_[std::string(spec.name)];
        switch (spec.kind) {
            case HmpArg::Kind::word: {
                auto word = take_hmp_word(text_);
                if (!word)
                    return spec.complete == Complete::file ? fail("{}: filename expected", name_)
                                                           : fail("{}: string expected", name_);
                slot = *std::move(word);
                return {};
            }
            case HmpArg::Kind::rest: {
                if (text_.empty()) return fail("{}: string expected", name_);
                std::string_view rest = std::exchange(text_, {});
                while (is_space(rest.back()))
                    rest.remove_suffix(1);
                slot = std::string(rest);
                return {};
            }
            case HmpArg::Kind::number:
                slot = TRY(parse_hmp_expression(text_, registers_));
                return {};
            case HmpArg::Kind::bytes: {
                const auto word = take_hmp_word(text_);
                const auto size = word ? parse_size(*word, 1 << 20) : std::nullopt;
                if (!size || *size > INT64_MAX) return fail("invalid size");
                slot = static_cast<std::int64_t>(*size);
                return {};
            }
            case HmpArg::Kind::on_off: {
                const auto word = take_hmp_word(text_);
                if (word != "on" && word != "off") return fail("Expected 'on' or 'off'");
                slot = std::int64_t{word == "on"};
                return {};
            }
            case HmpArg::Kind::flag:
            case HmpArg::Kind::option:
            case HmpArg::Kind::format: break;
        }
        return {};
    }

    std::span<const HmpArg> specs_;
    std::string_view name_, text_;
    const HmpRegisters& registers_;
    HmpArguments arguments_;
};

Result<HmpArguments> parse_hmp_arguments(std::span<const HmpArg> specs, std::string_view name,
                                         std::string_view text, const HmpRegisters& registers) {
    return HmpParser(specs, name, text, registers).parse();
}

}  // namespace monitor
