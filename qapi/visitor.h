// SPDX-License-Identifier: GPL-2.0-or-later
//
// The walk over a generated type, for reading it from JSON or writing it as JSON. One generated
// function per type serves both. The first error sticks: after it every step does nothing, so the
// functions need not look after each step.
#pragma once

#include "qapi/json.h"
#include "qapi/types.h"

#include <initializer_list>
#include <type_traits>

namespace qapi {

class Visitor {
public:
    virtual ~Visitor() = default;

    bool reading() const { return reading_; }
    bool ok() const { return !error_; }
    void fail(Error error) {
        if (ok()) error_ = std::move(error);
    }
    std::optional<Error> take_error() { return std::move(error_); }

    // `name` is the member's name; null for an element of an array and for the root.

    virtual void begin_object(const char* name) = 0;
    virtual void end_object() = 0;
    /// Reading: how many elements there are. Writing: takes their number.
    virtual std::size_t begin_array(const char* name, std::size_t size) = 0;
    virtual void end_array() = 0;
    /// Is the optional member there? Writing: takes the answer.
    virtual bool optional(const char* name, bool present) = 0;
    /// Which branch? Writing: takes it. None when the value is of none of the kinds (see Json).
    virtual std::optional<std::size_t> alternate(const char* name, std::string_view type,
                                                 std::initializer_list<Json::Kind> kinds,
                                                 std::size_t branch) = 0;

    virtual void integer(const char* name, std::int64_t& value) = 0;
    virtual void unsigned_integer(const char* name, std::uint64_t& value) = 0;
    virtual void size(const char* name, std::uint64_t& value) = 0;
    virtual void boolean(const char* name, bool& value) = 0;
    virtual void number(const char* name, double& value) = 0;
    virtual void string(const char* name, std::string& value) = 0;
    virtual void enumeration(const char* name, std::size_t& value, const EnumTable& table) = 0;
    virtual void any(const char* name, Json& value) = 0;
    virtual void null(const char* name) = 0;
    /// "Parameter 'NAME' expects WANTED", for a value that was read and does not fit.
    virtual void refuse(const char* name, std::string_view wanted) = 0;

protected:
    explicit Visitor(bool reading) : reading_(reading) {}

private:
    const bool reading_;
    std::optional<Error> error_;
};

// The built-in types of the schema language.
void visit_str(Visitor& v, const char* name, std::string& value);
void visit_number(Visitor& v, const char* name, double& value);
void visit_int(Visitor& v, const char* name, std::int64_t& value);
void visit_int8(Visitor& v, const char* name, std::int8_t& value);
void visit_int16(Visitor& v, const char* name, std::int16_t& value);
void visit_int32(Visitor& v, const char* name, std::int32_t& value);
void visit_int64(Visitor& v, const char* name, std::int64_t& value);
void visit_uint8(Visitor& v, const char* name, std::uint8_t& value);
void visit_uint16(Visitor& v, const char* name, std::uint16_t& value);
void visit_uint32(Visitor& v, const char* name, std::uint32_t& value);
void visit_uint64(Visitor& v, const char* name, std::uint64_t& value);
void visit_size(Visitor& v, const char* name, std::uint64_t& value);
void visit_bool(Visitor& v, const char* name, bool& value);
void visit_any(Visitor& v, const char* name, Json& value);
void visit_null(Visitor& v, const char* name, Null& value);
void visit(Visitor& v, const char* name, QType& value);

template <class T>
using VisitFunction = void (*)(Visitor& v, const char* name, T& value);

template <class T>
void visit_optional(Visitor& v, const char* name, std::optional<T>& value,
                    VisitFunction<std::type_identity_t<T>> each) {
    if (!v.optional(name, value.has_value())) return;
    if (!value) value.emplace();
    each(v, name, *value);
}

template <class T>
void visit_array(Visitor& v, const char* name, std::vector<T>& values,
                 VisitFunction<std::type_identity_t<T>> each) {
    const std::size_t size = v.begin_array(name, values.size());
    if (v.reading()) values.resize(size);
    for (std::size_t i = 0; i < size && v.ok(); i++) {
        if constexpr (std::is_same_v<T, bool>) {
            bool bit = values[i];
            each(v, nullptr, bit);
            values[i] = bit;
        } else {
            each(v, nullptr, values[i]);
        }
    }
    v.end_array();
}

template <class E>
void visit_enum(Visitor& v, const char* name, E& value) {
    std::size_t number = std::size_t(value);
    v.enumeration(name, number, enum_table(value));
    value = E(number);
}

/// The alternative of a union's or alternate's variant that the discriminator names.
template <class T, class... Ts>
T& chosen(Visitor& v, std::variant<Ts...>& u) {
    if (v.reading() && !std::holds_alternative<T>(u)) u.template emplace<T>();
    return std::get<T>(u);
}

/// Where the variant has T.
template <class T, class... Ts>
constexpr std::size_t find_alternative(std::type_identity<std::variant<Ts...>>) {
    std::size_t at = 0;
    (void)((std::is_same_v<T, Ts> || (++at, false)) || ...);
    return at;
}
template <class T, class Variant>
constexpr std::size_t alternative = find_alternative<T>(std::type_identity<Variant>());

/// A reading visitor over JSON as a QMP client sends it. Unknown members are refused.
std::unique_ptr<Visitor> make_json_reader(const Json& json);
/// Over what keyval.h made: every scalar is a string, and is converted as the type wants it.
std::unique_ptr<Visitor> make_keyval_reader(const Json& json);
/// The same for parse_options(), where only the root is an object.
std::unique_ptr<Visitor> make_options_reader(const Json& json);
/// Writes into `json`.
std::unique_ptr<Visitor> make_json_writer(Json& json);

template <class T>
Result<T> read(Visitor& reader, VisitFunction<std::type_identity_t<T>> each) {
    T value{};
    each(reader, nullptr, value);
    if (auto error = reader.take_error()) return *std::move(error);
    return value;
}

template <class T>
Json write(const T& value, VisitFunction<std::type_identity_t<T>> each) {
    Json json;
    // A writing visitor changes nothing in what it walks over.
    each(*make_json_writer(json), nullptr, const_cast<T&>(value));
    return json;
}

// Arrays of the built-in types.
void visit_strList(Visitor& v, const char* name, std::vector<std::string>& values);
void visit_numberList(Visitor& v, const char* name, std::vector<double>& values);
void visit_intList(Visitor& v, const char* name, std::vector<std::int64_t>& values);
void visit_int8List(Visitor& v, const char* name, std::vector<std::int8_t>& values);
void visit_int16List(Visitor& v, const char* name, std::vector<std::int16_t>& values);
void visit_int32List(Visitor& v, const char* name, std::vector<std::int32_t>& values);
void visit_int64List(Visitor& v, const char* name, std::vector<std::int64_t>& values);
void visit_uint8List(Visitor& v, const char* name, std::vector<std::uint8_t>& values);
void visit_uint16List(Visitor& v, const char* name, std::vector<std::uint16_t>& values);
void visit_uint32List(Visitor& v, const char* name, std::vector<std::uint32_t>& values);
void visit_uint64List(Visitor& v, const char* name, std::vector<std::uint64_t>& values);
void visit_sizeList(Visitor& v, const char* name, std::vector<std::uint64_t>& values);
void visit_boolList(Visitor& v, const char* name, std::vector<bool>& values);
void visit_anyList(Visitor& v, const char* name, std::vector<Json>& values);
void visit_nullList(Visitor& v, const char* name, std::vector<Null>& values);

/// For the generated types; include their qapi-visit-*.h.
template <class T>
void visit_generated(Visitor& v, const char* name, T& value) {
    visit(v, name, value);
}
template <class T>
Result<T> from_json(const Json& json) {
    return read<T>(*make_json_reader(json), visit_generated<T>);
}
template <class T>
Result<T> from_keyval(const Json& json) {
    return read<T>(*make_keyval_reader(json), visit_generated<T>);
}
template <class T>
Json to_json(const T& value) {
    return write<T>(value, visit_generated<T>);
}

}  // namespace qapi
