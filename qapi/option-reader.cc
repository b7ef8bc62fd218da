// SPDX-License-Identifier: GPL-2.0-or-later
//
// Readers for what keyval.h makes: every scalar is a string and means what the type makes of it.
#include "qapi/json-reader.h"
#include "util/cutils.h"

#include <deque>

namespace qapi {

namespace {

/// How each form of option says what it wanted.
struct Words {
    const char* integer;
    const char* integer_element;
    const char* unsigned_integer;
    const char* unsigned_element;
    const char* size;
};

constexpr Words keyval_words{"integer", "integer", "integer", "integer", "size"};
constexpr Words option_words{"an int64 value", "an int64 value or range", "a uint64 value",
                             "a uint64 value or range", "a size value"};

std::optional<std::uint64_t> parse_plain_size(std::string_view text) {
    return parse_size(text);
}

std::optional<std::uint64_t> parse_natural(std::string_view text) {
    return text.find('-') == text.npos ? parse_uint64(text) : std::nullopt;
}

class StringReader : public JsonReader {
public:
    StringReader(const Json& root, const Words& words) : JsonReader(root), words_(words) {}

    void integer(const char* name, std::int64_t& value) override {
        convert(name, value, name ? words_.integer : words_.integer_element, parse_int64);
    }
    void unsigned_integer(const char* name, std::uint64_t& value) override {
        convert(name, value, name ? words_.unsigned_integer : words_.unsigned_element,
                &words_ == &option_words ? parse_natural : parse_uint64);
    }
    void size(const char* name, std::uint64_t& value) override {
        convert(name, value, words_.size, parse_plain_size);
    }
    void number(const char* name, double& value) override {
        convert(name, value, "number", parse_double);
    }
    void boolean(const char* name, bool& value) override {
        convert(name, value, "'on' or 'off'", parse_bool);
    }
    void null(const char* name) override {
        const Json* json = scalar(name);
        if (json && (!json->string() || !json->string()->empty())) wrong_type(name, "null");
    }

private:
    template <class T>
    void convert(const char* name, T& value, const char* expected,
                 std::optional<T> (*parse)(std::string_view)) {
        const Json* json = scalar(name);
        if (!json) return;
        if (!json->string()) return wrong_type(name, "string");
        if (auto parsed = parse(*json->string())) {
            value = *parsed;
        } else {
            wrong_value(name, expected);
        }
    }

    const Words& words_;
};

class OptionsReader final : public StringReader {
public:
    explicit OptionsReader(const Json& root) : StringReader(root, option_words) {}

    std::size_t begin_array(const char* name, std::size_t) override {
        const Json* value = next(name);
        if (!value) return 0;
        JsonArray elements;
        if (const JsonArray* repeated = value->array()) {
            for (const Json& one : *repeated)
                add(one, elements);
        } else {
            add(*value, elements);
        }
        arrays_.push_back(std::move(elements));
        enter(arrays_.back(), name);
        return arrays_.back().size();
    }

protected:
    /// Of an option given several times the last one counts.
    const Json* scalar(const char* name) override {
        const Json* value = next(name);
        return value && value->array() && value->size() ? &value->array()->back() : value;
    }

    /// Elements were given one by one, by the same name.
    std::string path(const char* name) const override {
        const std::string whole = StringReader::path(name);
        return whole.substr(0, whole.find('['));
    }

    Error unexpected(const std::string& member) const override {
        return ::fail("Invalid parameter '{}'", member);
    }

private:
    /// 2-5 stands for four elements of a list of integers.
    static void add(const Json& value, JsonArray& elements) {
        if (!value.string()) return elements.push_back(value);
        constexpr std::uint64_t most = 65536;
        const std::string_view text = *value.string();
        const auto dash = text.find('-', 1);
        const auto first = parse_natural(text.substr(0, dash));
        const auto last = dash == text.npos ? first : parse_natural(text.substr(dash + 1));
        if (dash == text.npos || !first || !last || *first > *last || *last - *first >= most) {
            elements.push_back(value);
            return;
        }
        for (std::uint64_t i = *first; i <= *last; i++)
            elements.emplace_back(std::to_string(i));
    }

    std::deque<Json> arrays_;  // stay where they are while they are read
};

}  // namespace

std::unique_ptr<Visitor> make_keyval_reader(const Json& json) {
    return std::make_unique<StringReader>(json, keyval_words);
}

std::unique_ptr<Visitor> make_options_reader(const Json& json) {
    return std::make_unique<OptionsReader>(json);
}

}  // namespace qapi
