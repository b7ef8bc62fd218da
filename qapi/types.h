// SPDX-License-Identifier: GPL-2.0-or-later
//
// What the generated qapi-types-*.h stand on.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace qapi {

/// JSON's null, as a type of its own for alternates.
struct Null {};

/// How an enumeration looks on the wire. names[i] is the name of the enumerator of value i.
struct EnumTable {
    std::string_view type;
    std::span<const std::string_view> names;
};

/// `name(RunState::running)`; enum_table() is generated for every enumeration.
template <class E>
std::string_view name(E value) {
    return enum_table(value).names[std::size_t(value)];
}

template <class E>
std::optional<E> parse_enum(std::string_view text) {
    const EnumTable& table = enum_table(E{});
    for (std::size_t i = 0; i < table.names.size(); i++) {
        if (table.names[i] == text) return E(i);
    }
    return {};
}

/// The kinds of values that QMP knows, for the few who pass one on.
enum class QType { none, qnull, qnum, qstring, qdict, qlist, qbool };
const EnumTable& enum_table(QType);

/// A value on the heap, for types that contain themselves. Copies deep; reads as a default value
/// until one is put in.
template <class T>
class Box {
public:
    Box() = default;
    Box(T value) : value_(std::make_unique<T>(std::move(value))) {}
    Box(const Box& other) : value_(other.value_ ? std::make_unique<T>(*other) : nullptr) {}
    Box(Box&&) = default;
    Box& operator=(Box other) {
        value_ = std::move(other.value_);
        return *this;
    }
    T& operator*() {
        if (!value_) value_ = std::make_unique<T>();
        return *value_;
    }
    const T& operator*() const {
        static const T untouched{};
        return value_ ? *value_ : untouched;
    }
    T* operator->() { return &**this; }
    const T* operator->() const { return &**this; }

private:
    // Not before it is touched: a union whose first branch leads back to it would never be made.
    std::unique_ptr<T> value_;
};

}  // namespace qapi
