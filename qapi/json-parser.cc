// SPDX-License-Identifier: GPL-2.0-or-later
//
// Recursive descent over tokens; the stream's nesting limit bounds the recursion.
#include "qapi/json-parser.h"

#include "qapi/utf8.h"

#include <charconv>
#include <unordered_set>

namespace qapi {

namespace {

template <class... Args>
Error wrong(fmt::format_string<Args...> format, Args&&... args) {
    return fail("JSON parse error, {}", fmt::format(format, std::forward<Args>(args)...));
}

class Parser {
public:
    Parser(std::string_view text, const std::vector<Token>& tokens)
        : text_(text), tokens_(tokens) {}

    Result<Json> value() {
        if (at_ == tokens_.size()) return wrong("premature EOI");
        const Token& token = tokens_[at_++];
        const std::string_view text = spelling(token);
        switch (token.kind) {
            case Token::Kind::punctuation:
                if (text == "{") return object();
                if (text == "[") return array();
                break;
            case Token::Kind::string: return string(text);
            case Token::Kind::integer:
            case Token::Kind::number: return number(token.kind, text);
            case Token::Kind::keyword:
                if (text == "true") return Json(true);
                if (text == "false") return Json(false);
                if (text == "null") return Json(nullptr);
                return wrong("invalid keyword '{}'", text);
        }
        return wrong("expecting value");
    }

private:
    std::string_view spelling(const Token& token) const {
        return text_.substr(token.start, token.length);
    }

    bool next_is(char punctuation) {
        if (at_ == tokens_.size() || tokens_[at_].kind != Token::Kind::punctuation) return false;
        if (text_[tokens_[at_].start] != punctuation) return false;
        at_++;
        return true;
    }

    Result<Json> object() {
        JsonObject members;
        std::unordered_set<std::string> keys;  // only when there are many: a search is quicker
        if (next_is('}')) return Json(std::move(members));
        do {
            Json key = TRY(value());
            if (!key.string()) return wrong("key is not a string in object");
            if (at_ == tokens_.size()) return wrong("premature EOI");
            if (!next_is(':')) return wrong("missing : in object pair");
            Json member = TRY(value());
            constexpr std::size_t few = 16;
            if (members.size() == few) {
                for (const JsonMember& one : members)
                    keys.insert(one.key);
            }
            const bool is_new = members.size() < few ? !members.find(*key.string())
                                                     : keys.insert(*key.string()).second;
            if (!is_new) return wrong("duplicate key");
            members.append(std::move(*key.string()), std::move(member));
            if (next_is('}')) return Json(std::move(members));
            if (at_ == tokens_.size()) return wrong("premature EOI");
        } while (next_is(','));
        return wrong("expected separator in dict");
    }

    Result<Json> array() {
        JsonArray elements;
        if (next_is(']')) return Json(std::move(elements));
        do {
            elements.push_back(TRY(value()));
            if (next_is(']')) return Json(std::move(elements));
            if (at_ == tokens_.size()) return wrong("premature EOI");
        } while (next_is(','));
        return wrong("expected separator in list");
    }

    static Result<Json> number(Token::Kind kind, std::string_view text) {
        const char* end = text.data() + text.size();
        if (kind == Token::Kind::integer) {
            std::int64_t i = 0;
            if (std::from_chars(text.data(), end, i).ec == std::errc()) return Json(i);
            std::uint64_t u = 0;
            if (text[0] != '-' && std::from_chars(text.data(), end, u).ec == std::errc()) {
                return Json(u);
            }
        }
        double d = 0;
        if (std::from_chars(text.data(), end, d).ec == std::errc::result_out_of_range) {
            const bool tiny = text.find("e-") != text.npos || text.find("E-") != text.npos;
            // Infinity could not be written back, as the id of a reply must be.
            if (!tiny) return wrong("number out of range");
            d = text[0] == '-' ? -0.0 : 0.0;
        }
        return Json(d);
    }

    static Result<Json> string(std::string_view token) {
        std::string out;
        std::string_view rest = token.substr(1);
        while (rest.size() > 1) {  // the closing quote
            if (rest[0] == '\\') {
                TRY(escape(rest, out));
                continue;
            }
            const std::string_view before = rest;
            if (!next_code_point(rest)) return wrong("invalid UTF-8 sequence in string");
            out += before.substr(0, before.size() - rest.size());
        }
        return Json(std::move(out));
    }

    static Result<void> escape(std::string_view& rest, std::string& out) {
        constexpr std::string_view letters = "\"'\\/bfnrt";
        constexpr std::string_view meaning = "\"'\\/\b\f\n\r\t";
        if (rest[1] == 'u') return unicode(rest, out);
        const auto at = letters.find(rest[1]);
        if (at == letters.npos) return wrong("invalid escape sequence in string");
        out += meaning[at];
        rest.remove_prefix(2);
        return {};
    }

    static std::optional<std::uint32_t> unit(std::string_view text) {
        if (!text.starts_with("\\u")) return {};
        std::uint32_t value = 0;
        const std::string_view digits = text.substr(2, 4);
        const auto [end, error] =
            std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
        if (error != std::errc() || digits.size() < 4 || end != digits.data() + 4) return {};
        return value;
    }

    static Result<void> unicode(std::string_view& rest, std::string& out) {
        const std::string_view all = rest;
        std::optional<std::uint32_t> code = unit(rest);
        std::size_t length = 6;
        if (code && *code >= 0xd800 && *code < 0xdc00) {
            const auto low = unit(rest.substr(6));
            if (low && *low >= 0xdc00 && *low < 0xe000) {
                code = 0x10000 + ((*code & 0x3ff) << 10) + (*low & 0x3ff);
                length = 12;
            }
        }
        if (!code || !append_code_point(out, *code)) {
            return wrong("{} is not a valid Unicode character", all.substr(0, length));
        }
        rest.remove_prefix(length);
        return {};
    }

    std::string_view text_;
    const std::vector<Token>& tokens_;
    std::size_t at_ = 0;
};

}  // namespace

Result<Json> parse_json(std::string_view text, const std::vector<Token>& tokens) {
    return Parser(text, tokens).value();
}

}  // namespace qapi
