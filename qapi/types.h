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

/// A value on the heap, for types that contain themselves. Copies deep, is never empty.
template <class T>
class Box {
public:
    Box() : value_(std::make_unique<T>()) {}
    Box(T value) : value_(std::make_unique<T>(std::move(value))) {}
    Box(const Box& other) : Box(*other) {}
    Box& operator=(const Box& other) {
        *value_ = *other;
        return *this;
    }
    T& operator*() { return *value_; }
    const T& operator*() const { return *value_; }
    T* operator->() { return value_.get(); }
    const T* operator->() const { return value_.get(); }

private:
    std::unique_ptr<T> value_;
};

}  // namespace qapi
