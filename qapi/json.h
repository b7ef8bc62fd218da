// SPDX-License-Identifier: GPL-2.0-or-later
//
// Json: a value as QMP knows it. Integers keep all 64 bits, signed or unsigned; members of an
// object keep their order. Accessors give null for a value of another kind, so that a reader asks
// and looks in one step: `if (auto s = json.string()) use(*s);`
#pragma once

#include "util/result.h"

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace qapi {

class Json;
struct JsonMember;
using JsonArray = std::vector<Json>;

class JsonObject {
public:
    JsonObject();
    JsonObject(std::initializer_list<JsonMember> members);
    JsonObject(const JsonObject&);
    JsonObject(JsonObject&&) noexcept;
    JsonObject& operator=(const JsonObject&);
    JsonObject& operator=(JsonObject&&) noexcept;
    ~JsonObject();

    bool empty() const;
    std::size_t size() const;
    const Json* find(std::string_view key) const;
    Json* find(std::string_view key);
    /// Adds the member, or gives the one of that name a new value.
    Json& set(std::string_view key, Json value);
    /// Adds a member whose name the caller knows to be new.
    Json& append(std::string key, Json value);
    bool erase(std::string_view key);
    const JsonMember* begin() const;
    const JsonMember* end() const;
    JsonMember* begin();
    JsonMember* end();

private:
    std::vector<JsonMember> members_;
};

class Json {
public:
    enum class Kind { null, boolean, integer, unsigned_integer, number, string, array, object };

    Json();
    Json(std::nullptr_t) : Json() {}
    template <std::same_as<bool> B>
    Json(B value) : v_(value) {}
    template <std::signed_integral I>
    Json(I value) : v_(std::int64_t{value}) {}
    template <std::unsigned_integral U>
    requires(!std::same_as<U, bool>) Json(U value) : Json(from_unsigned(value)) {}
    Json(double value) : v_(value) {}
    Json(std::string value) : v_(std::move(value)) {}
    Json(std::string_view value) : v_(std::string(value)) {}
    Json(const char* value) : v_(std::string(value)) {}
    Json(JsonArray value);
    Json(JsonObject value);
    Json(const Json&);
    Json(Json&&) noexcept;
    Json& operator=(const Json&);
    Json& operator=(Json&&) noexcept;
    ~Json();

    /// `Json::object({{"id", 1}, {"error", text}})`
    static Json object(std::initializer_list<JsonMember> members);
    static Json array(std::initializer_list<Json> elements);
    /// One value, with QMP's extensions (json-stream.h) and its error messages.
    static Result<Json> parse(std::string_view text);

    Kind kind() const { return Kind(v_.index()); }
    bool is_null() const { return kind() == Kind::null; }
    const bool* boolean() const { return std::get_if<bool>(&v_); }
    const std::string* string() const { return std::get_if<std::string>(&v_); }
    std::string* string() { return std::get_if<std::string>(&v_); }
    const JsonArray* array() const;
    JsonArray* array();
    const JsonObject* object() const;
    JsonObject* object();
    /// An integer that fits; a number with a fraction part is none.
    std::optional<std::int64_t> integer() const;
    std::optional<std::uint64_t> unsigned_integer() const;
    /// Any number.
    std::optional<double> number() const;

    /// The member of an object; null when there is none or this is no object.
    const Json* find(std::string_view key) const;
    /// For reading deep into an answer: a JSON null stands for whatever is missing.
    const Json& operator[](std::string_view key) const;
    const Json& operator[](std::size_t index) const;
    /// Members or elements; 0 for everything else.
    std::size_t size() const;

    /// As QEMU writes it: `{"a": 1, "b": [2, 3]}`, all ASCII.
    std::string text() const;
    /// The same over several lines, indented by 4.
    std::string pretty_text() const;

    /// Objects compare regardless of the order of their members, numbers by their value.
    friend bool operator==(const Json& a, const Json& b);

private:
    static Json from_unsigned(std::uint64_t value);

    std::variant<std::monostate, bool, std::int64_t, std::uint64_t, double, std::string,
                 std::vector<Json>, JsonObject>
        v_;
};

struct JsonMember {
    std::string key;
    Json value;
};

}  // namespace qapi
