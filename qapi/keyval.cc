// SPDX-License-Identifier: GPL-2.0-or-later
#include "qapi/keyval.h"

#include "util/cutils.h"

#include <algorithm>

namespace qapi {

namespace {

constexpr std::size_t longest_fragment = 127;

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool is_index(std::string_view fragment) {
    return std::ranges::all_of(fragment, is_digit);
}

/// A name of the schema language: letters, digits, '-' and '_', perhaps behind __vendor.tld_.
bool is_name(std::string_view name) {
    if (name.starts_with("__")) {
        const auto end = name.find('_', 2);
        if (end == name.npos) return false;
        name.remove_prefix(end + 1);
    }
    return !name.empty() && is_letter(name[0]) && std::ranges::all_of(name, [](char c) {
        return is_letter(c) || is_digit(c) || c == '-' || c == '_';
    });
}

/// Takes a value off the front: up to a single comma, which goes, too. Double commas become one.
std::string take_value(std::string_view& text) {
    std::string value;
    while (!text.empty()) {
        if (text[0] == ',') {
            text.remove_prefix(1);
            if (!text.starts_with(',')) return value;
        }
        value += text[0];
        text.remove_prefix(1);
    }
    return value;
}

bool asks_for_help(std::string_view word) {
    return word == "help" || word == "?";
}

/// The keys of one keyval string, put into place. Arrays are objects with indices for keys until
/// all is there.
class Keyval {
public:
    Result<void> put(std::string_view key, std::string value) {
        JsonObject* where = &root_;
        std::string_view rest = key;
        for (;;) {
            const std::string_view fragment = TRY(next_fragment(key, rest));
            Json* there = where->find(fragment);
            if (rest.empty()) {
                if (there && there->object()) return inconsistent(key);
                where->set(fragment, std::move(value));
                return {};
            }
            rest.remove_prefix(1);  // the dot
            if (!there) there = &where->append(std::string(fragment), JsonObject());
            if (!there->object()) {
                return inconsistent(key.substr(0, std::size_t(rest.data() - key.data()) - 1));
            }
            where = there->object();
        }
    }

    /// The objects whose keys are indices become arrays.
    Result<JsonObject> finish() {
        for (JsonMember& member : root_)
            TRY(make_arrays(member.value, member.key));
        return std::move(root_);
    }

private:
    static Error inconsistent(std::string_view prefix) {
        return fail("Parameters '{}.*' used inconsistently", prefix);
    }

    static Result<std::string_view> next_fragment(std::string_view key, std::string_view& rest) {
        // A vendor's prefix holds dots of its own; it ends with an underscore.
        std::size_t from = 0;
        if (rest.starts_with("__")) from = std::min(rest.find('_', 2), rest.size());
        const std::string_view fragment = rest.substr(0, rest.find('.', from));
        const bool first = rest.data() == key.data();
        if (fragment.empty() || !(is_name(fragment) || (!first && is_index(fragment)))) {
            return fail("Invalid parameter '{}'", key);
        }
        if (fragment.size() > longest_fragment) {
            return fail("Parameter{} '{}' is too long",
                        fragment.size() < rest.size() ? " fragment" : "", fragment);
        }
        rest.remove_prefix(fragment.size());
        if (rest == ".") return fail("Invalid parameter '{}'", key);
        return fragment;
    }

    static Result<void> make_arrays(Json& value, const std::string& prefix) {
        JsonObject* members = value.object();
        if (!members) return {};
        const auto indices = std::ranges::count_if(
            *members, [](const JsonMember& member) { return is_index(member.key); });
        if (indices != 0 && std::size_t(indices) < members->size()) return inconsistent(prefix);
        for (JsonMember& member : *members)
            TRY(make_arrays(member.value, prefix + "." + member.key));
        if (indices == 0) return {};
        JsonArray elements(members->size());
        std::vector<bool> filled(members->size());
        for (JsonMember& member : *members) {
            const auto index = parse_index(member.key);
            if (index >= elements.size()) continue;  // then another one is missing
            elements[index] = std::move(member.value);
            filled[index] = true;
        }
        const auto missing = std::ranges::find(filled, false) - filled.begin();
        if (missing < std::ptrdiff_t(filled.size())) {
            return fail("Parameter '{}.{}' missing", prefix, missing);
        }
        value = std::move(elements);
        return {};
    }

    /// 007 is 7, and what is too large for any array only has to stay so.
    static std::size_t parse_index(std::string_view digits) {
        std::size_t index = 0;
        for (char c : digits)
            index = std::min<std::size_t>(index * 10 + std::size_t(c - '0'), 1u << 30);
        return index;
    }

    JsonObject root_;
};

Result<Argument> from_json_text(std::string_view text) {
    Argument argument{.form = Argument::Form::json, .value = TRY(Json::parse(text))};
    return argument;
}

}  // namespace

Result<Argument> parse_keyval(std::string_view text, std::string_view implied_key) {
    Argument argument{.form = Argument::Form::keyval};
    Keyval keyval;
    for (bool first = true; !text.empty(); first = false) {
        const std::string_view word = text.substr(0, text.find_first_of("=,"));
        const bool has_value = word.size() < text.size() && text[word.size()] == '=';
        if (has_value || word.empty()) {
            if (!has_value) return fail("Invalid parameter ''");
            text.remove_prefix(word.size() + 1);
            TRY(keyval.put(word, take_value(text)));
            continue;
        }
        text.remove_prefix(std::min(word.size() + 1, text.size()));
        if (asks_for_help(word)) {
            argument.help = true;
        } else if (first && !implied_key.empty()) {
            TRY(keyval.put(implied_key, std::string(word)));
        } else {
            return fail("Expected '=' after parameter '{}'", word);
        }
    }
    argument.value = TRY(keyval.finish());
    return argument;
}

Argument parse_options(std::string_view text, std::string_view implied_key) {
    Argument argument{.form = Argument::Form::options};
    JsonObject options;
    const auto put = [&](std::string_view name, std::string value) {
        Json* old = options.find(name);
        if (!old) {
            options.append(std::string(name), std::move(value));
        } else if (JsonArray* all = old->array()) {
            all->push_back(std::move(value));
        } else {
            *old = Json::array({*old, std::move(value)});
        }
    };
    for (bool first = true; !text.empty(); first = false) {
        const std::string_view word = text.substr(0, text.find_first_of("=,"));
        if (word.size() < text.size() && text[word.size()] == '=') {
            text.remove_prefix(word.size() + 1);
            put(word, take_value(text));
        } else if (first && !implied_key.empty()) {
            std::string value = take_value(text);
            if (asks_for_help(value)) {
                argument.help = true;
            } else {
                put(implied_key, std::move(value));
            }
        } else {
            text.remove_prefix(std::min(word.size() + 1, text.size()));
            if (asks_for_help(word)) {
                argument.help = true;
                continue;
            }
            argument.short_forms.emplace_back(word);
            const bool off = word.starts_with("no");
            put(off ? word.substr(2) : word, off ? "off" : "on");
        }
    }
    argument.value = std::move(options);
    return argument;
}

Result<Argument> parse_keyval_or_json(std::string_view text, std::string_view implied_key) {
    return text.starts_with('{') ? from_json_text(text) : parse_keyval(text, implied_key);
}

Result<Argument> parse_options_or_json(std::string_view text, std::string_view implied_key) {
    if (text.starts_with('{')) return from_json_text(text);
    return parse_options(text, implied_key);
}

bool is_identifier(std::string_view id) {
    return !id.empty() && is_letter(id[0]) && std::ranges::all_of(id, [](char c) {
        return is_letter(c) || is_digit(c) || c == '-' || c == '.' || c == '_';
    });
}

std::unique_ptr<Visitor> make_reader(const Argument& argument) {
    switch (argument.form) {
        case Argument::Form::json: break;
        case Argument::Form::keyval: return make_keyval_reader(argument.value);
        case Argument::Form::options: return make_options_reader(argument.value);
    }
    return make_json_reader(argument.value);
}

}  // namespace qapi
