// SPDX-License-Identifier: GPL-2.0-or-later
//
// JSON values, and how they are written. Reading is in json-stream.cc.
#include "qapi/json.h"

#include "qapi/json-stream.h"
#include "qapi/utf8.h"

#include <algorithm>
#include <limits>

namespace qapi {

JsonObject::JsonObject() = default;
JsonObject::JsonObject(std::initializer_list<JsonMember> members) : members_(members) {}
JsonObject::JsonObject(const JsonObject&) = default;
JsonObject::JsonObject(JsonObject&&) noexcept = default;
JsonObject& JsonObject::operator=(const JsonObject&) = default;
JsonObject& JsonObject::operator=(JsonObject&&) noexcept = default;
JsonObject::~JsonObject() = default;

bool JsonObject::empty() const {
    return members_.empty();
}
std::size_t JsonObject::size() const {
    return members_.size();
}
const JsonMember* JsonObject::begin() const {
    return members_.data();
}
const JsonMember* JsonObject::end() const {
    return members_.data() + members_.size();
}
JsonMember* JsonObject::begin() {
    return members_.data();
}
JsonMember* JsonObject::end() {
    return members_.data() + members_.size();
}

const Json* JsonObject::find(std::string_view key) const {
    for (const JsonMember& member : members_) {
        if (member.key == key) return &member.value;
    }
    return nullptr;
}

Json* JsonObject::find(std::string_view key) {
    return const_cast<Json*>(std::as_const(*this).find(key));
}

Json& JsonObject::set(std::string_view key, Json value) {
    if (Json* old = find(key)) return *old = std::move(value);
    return append(std::string(key), std::move(value));
}

Json& JsonObject::append(std::string key, Json value) {
    members_.push_back({std::move(key), std::move(value)});
    return members_.back().value;
}

bool JsonObject::erase(std::string_view key) {
    return std::erase_if(members_, [&](const JsonMember& member) { return member.key == key; }) > 0;
}

Json::Json() = default;
Json::Json(JsonArray value) : v_(std::move(value)) {}
Json::Json(JsonObject value) : v_(std::move(value)) {}
Json::Json(const Json&) = default;
Json::Json(Json&&) noexcept = default;
Json& Json::operator=(const Json&) = default;
Json& Json::operator=(Json&&) noexcept = default;
Json::~Json() = default;

Json Json::object(std::initializer_list<JsonMember> members) {
    return JsonObject(members);
}
Json Json::array(std::initializer_list<Json> elements) {
    return JsonArray(elements);
}

Json Json::from_unsigned(std::uint64_t value) {
    if (value <= std::uint64_t(std::numeric_limits<std::int64_t>::max())) {
        return Json(std::int64_t(value));
    }
    Json json;
    json.v_ = value;
    return json;
}

Result<Json> Json::parse(std::string_view text) {
    Result<Json> result = fail("JSON parse error, expecting value");
    bool first = true;
    JsonStream stream([&](Result<Json> value) {
        if (first) {
            result = std::move(value);
        } else if (result) {
            result = fail("Expecting at most one JSON value");
        }
        first = false;
    });
    stream.feed(text);
    stream.finish();
    return result;
}

const JsonArray* Json::array() const {
    return std::get_if<JsonArray>(&v_);
}
JsonArray* Json::array() {
    return std::get_if<JsonArray>(&v_);
}
const JsonObject* Json::object() const {
    return std::get_if<JsonObject>(&v_);
}
JsonObject* Json::object() {
    return std::get_if<JsonObject>(&v_);
}

std::optional<std::int64_t> Json::integer() const {
    if (auto i = std::get_if<std::int64_t>(&v_)) return *i;
    return {};
}

std::optional<std::uint64_t> Json::unsigned_integer() const {
    if (auto u = std::get_if<std::uint64_t>(&v_)) return *u;
    if (auto i = std::get_if<std::int64_t>(&v_); i && *i >= 0) return std::uint64_t(*i);
    return {};
}

std::optional<double> Json::number() const {
    if (auto d = std::get_if<double>(&v_)) return *d;
    if (auto u = std::get_if<std::uint64_t>(&v_)) return double(*u);
    if (auto i = std::get_if<std::int64_t>(&v_)) return double(*i);
    return {};
}

const Json* Json::find(std::string_view key) const {
    const JsonObject* members = object();
    return members ? members->find(key) : nullptr;
}

const Json& Json::operator[](std::string_view key) const {
    static const Json missing;
    const Json* found = find(key);
    return found ? *found : missing;
}

const Json& Json::operator[](std::size_t index) const {
    static const Json missing;
    const JsonArray* elements = array();
    return elements && index < elements->size() ? (*elements)[index] : missing;
}

std::size_t Json::size() const {
    if (auto elements = array()) return elements->size();
    if (auto members = object()) return members->size();
    return 0;
}

bool operator==(const Json& a, const Json& b) {
    if (a.number() && b.number()) {
        const bool whole = a.kind() != Json::Kind::number && b.kind() != Json::Kind::number;
        if (!whole) return a.number() == b.number();
        return a.integer() == b.integer() && a.unsigned_integer() == b.unsigned_integer();
    }
    if (a.kind() != b.kind()) return false;
    const JsonObject* members = a.object();
    if (!members) {
        if (const JsonArray* elements = a.array()) return *elements == *b.array();
        if (a.string()) return *a.string() == *b.string();
        return a.is_null() || *a.boolean() == *b.boolean();
    }
    return a.size() == b.size() &&
           std::all_of(members->begin(), members->end(), [&](const JsonMember& member) {
               const Json* other = b.find(member.key);
               return other && *other == member.value;
           });
}

namespace {

class Writer {
public:
    explicit Writer(bool pretty) : pretty_(pretty) {}

    void value(const Json& json) {
        switch (json.kind()) {
            case Json::Kind::null: out_ += "null"; break;
            case Json::Kind::boolean: out_ += *json.boolean() ? "true" : "false"; break;
            case Json::Kind::integer: out_ += std::to_string(*json.integer()); break;
            case Json::Kind::unsigned_integer:
                out_ += std::to_string(*json.unsigned_integer());
                break;
            case Json::Kind::number: out_ += fmt::format("{:.17g}", *json.number()); break;
            case Json::Kind::string: string(*json.string()); break;
            case Json::Kind::array:
                open('[');
                for (const Json& element : *json.array()) {
                    separate();
                    value(element);
                }
                close(']');
                break;
            case Json::Kind::object:
                open('{');
                for (const JsonMember& member : *json.object()) {
                    separate();
                    string(member.key);
                    out_ += ": ";
                    value(member.value);
                }
                close('}');
                break;
        }
    }

    std::string take() { return std::move(out_); }

private:
    void open(char bracket) {
        out_ += bracket;
        depth_++;
        first_ = true;
    }

    void separate() {
        if (!first_) out_ += pretty_ ? "," : ", ";
        first_ = false;
        new_line();
    }

    void close(char bracket) {
        depth_--;
        if (!first_ || pretty_) new_line();
        first_ = false;
        out_ += bracket;
    }

    void new_line() {
        if (!pretty_) return;
        out_ += '\n';
        out_.append(4 * depth_, ' ');
    }

    static bool goes_as_it_is(char c) { return c >= ' ' && c < 0x7f && c != '"' && c != '\\'; }

    void string(std::string_view text) {
        out_ += '"';
        for (;;) {
            // Nearly all of it goes as it is, and a schema has 200 KB of it.
            std::size_t plain_bytes = 0;
            while (plain_bytes < text.size() && goes_as_it_is(text[plain_bytes]))
                plain_bytes++;
            out_ += text.substr(0, plain_bytes);
            text.remove_prefix(plain_bytes);
            if (text.empty()) break;
            const std::uint32_t code = next_code_point(text).value_or(0xfffd);
            constexpr std::string_view plain = "\"\\\b\f\n\r\t";
            constexpr std::string_view letters = "\"\\bfnrt";
            const auto at = code < 0x80 ? plain.find(char(code)) : plain.npos;
            if (at != plain.npos) {
                out_ += '\\';
                out_ += letters[at];
            } else if (code >= 0x20 && code < 0x7f) {
                out_ += char(code);
            } else if (code > 0xffff) {
                escape(0xd800 + ((code - 0x10000) >> 10));
                escape(0xdc00 + (code & 0x3ff));
            } else {
                escape(code);
            }
        }
        out_ += '"';
    }

    void escape(std::uint32_t unit) { out_ += fmt::format("\\u{:04X}", unit); }

    const bool pretty_;
    bool first_ = true;
    int depth_ = 0;
    std::string out_;
};

}  // namespace

std::string Json::text() const {
    Writer writer(false);
    writer.value(*this);
    return writer.take();
}

std::string Json::pretty_text() const {
    Writer writer(true);
    writer.value(*this);
    return writer.take();
}

}  // namespace qapi
