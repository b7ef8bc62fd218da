// SPDX-License-Identifier: GPL-2.0-or-later
//
// Properties: the named settings of an object, which the command line, QMP and HMP read and write.
// A type's properties are one constexpr table over its Config struct, whose member initialisers are
// the defaults:
//
//     struct Config { std::uint16_t ioport = 0x505; std::uint8_t events = 3; };
//     constexpr auto properties = qom::properties(
//         qom::property<&Config::ioport>("ioport", "I/O port of the device"),
//         qom::property<&Config::events>("events", "bits the guest may report"));
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>

#include "util/result.h"

namespace qapi {
class Json;
}

namespace qom {

enum class OnOffAuto : std::uint8_t { Auto, On, Off };

/// The words an enum property takes; the value is the index.
struct EnumTable {
    std::string_view name;  // as `-device X,help` shows it
    std::span<const std::string_view> words;
};

enum class PropertyKind : std::uint8_t {
    Bool,
    Unsigned,
    Signed,
    Size,  // bytes; takes 64M, 1.5G
    String,
    OnOffAuto,
    Enum,
    Custom,
};

struct Property;

/// A property whose value is no plain member: a MAC address, a PCI slot, the id of a back end.
struct CustomProperty {
    /// A value from text comes as a JSON string. An Error with no words of its own becomes
    /// "Property 'TYPE.NAME' doesn't take value 'VALUE'".
    Result<void> (*set)(void* member, const qapi::Json& value);
    qapi::Json (*get)(const void* member);
    /// For `info qtree`, where it differs from the value ("01.3" for a slot kept as a number).
    std::string (*print)(const void* member) = nullptr;
};

struct Property {
    std::string_view name;
    std::string_view type;  // the word QMP shows: "uint32", "bool", "str", "OnOffAuto" ...
    std::string_view help;
    PropertyKind kind;
    std::uint8_t size = 0;                     // bytes of a number or enum
    void* (*address)(void* config) = nullptr;  // the member inside the Config
    const EnumTable* words = nullptr;
    const CustomProperty* custom = nullptr;
    /// Inclusive bounds beyond the type's own; both 0 = none.
    std::int64_t minimum = 0;
    std::uint64_t maximum = 0;
    /// May change after realize.
    bool run_time = false;
    /// Whether device-list-properties shows the default value (of numbers, enums and bools).
    bool shows_default = true;
    /// Whether `info qtree` shows it.
    bool listed = true;

    constexpr Property between(std::int64_t low, std::uint64_t high) const {
        Property p = *this;
        p.minimum = low;
        p.maximum = high;
        return p;
    }
    constexpr Property as(std::string_view type_name, PropertyKind k) const {
        Property p = *this;
        p.type = type_name;
        p.kind = k;
        return p;
    }
    constexpr Property without_default() const {
        Property p = *this;
        p.shows_default = false;
        return p;
    }
    /// QEMU 7.2 has it as a property of the object only: no default value, not in `info qtree`.
    constexpr Property of_object() const {
        Property p = *this;
        p.shows_default = p.listed = false;
        return p;
    }
    constexpr Property changeable() const {
        Property p = *this;
        p.run_time = true;
        return p;
    }
};

namespace detail {
template <class>
struct config_member;
template <class C, class T>
struct config_member<T C::*> {
    using config = C;
    using type = T;
};
}  // namespace detail

template <auto M>
consteval Property property(std::string_view name, std::string_view help = {}) {
    using P = detail::config_member<std::remove_cv_t<decltype(M)>>;
    using T = typename P::type;
    Property p{};
    p.name = name;
    p.help = help;
    p.address = [](void* config) -> void* {
        return &(static_cast<typename P::config*>(config)->*M);
    };
    if constexpr (std::is_same_v<T, bool>) {
        p.kind = PropertyKind::Bool;
        p.type = "bool";
    } else if constexpr (std::is_same_v<T, std::string>) {
        p.kind = PropertyKind::String;
        p.type = "str";
    } else if constexpr (std::is_same_v<T, OnOffAuto>) {
        p.kind = PropertyKind::OnOffAuto;
        p.type = "OnOffAuto";
    } else {
        static_assert(std::is_integral_v<T>,
                      "this member needs custom_property() or enum_property()");
        p.kind = std::is_signed_v<T> ? PropertyKind::Signed : PropertyKind::Unsigned;
        p.size = sizeof(T);
        constexpr std::string_view unsigned_names[] = {"uint8", "uint16", "uint32", "uint64"};
        constexpr std::string_view signed_names[] = {"int8", "int16", "int32", "int64"};
        constexpr int i = sizeof(T) == 1 ? 0 : sizeof(T) == 2 ? 1 : sizeof(T) == 4 ? 2 : 3;
        p.type = std::is_signed_v<T> ? signed_names[i] : unsigned_names[i];
    }
    return p;
}

/// An enum class member whose enumerators count from 0 in the order of the words.
template <auto M>
consteval Property enum_property(std::string_view name, const EnumTable& words,
                                 std::string_view help = {}) {
    using P = detail::config_member<std::remove_cv_t<decltype(M)>>;
    static_assert(std::is_enum_v<typename P::type>);
    Property p{};
    p.name = name;
    p.help = help;
    p.kind = PropertyKind::Enum;
    p.type = words.name;
    p.words = &words;
    p.size = sizeof(typename P::type);
    p.address = [](void* config) -> void* {
        return &(static_cast<typename P::config*>(config)->*M);
    };
    return p;
}

template <auto M>
consteval Property custom_property(std::string_view name, std::string_view type,
                                   const CustomProperty& how, std::string_view help = {}) {
    using P = detail::config_member<std::remove_cv_t<decltype(M)>>;
    Property p{};
    p.name = name;
    p.help = help;
    p.kind = PropertyKind::Custom;
    p.type = type;
    p.custom = &how;
    p.address = [](void* config) -> void* {
        return &(static_cast<typename P::config*>(config)->*M);
    };
    return p;
}

template <class... P>
consteval auto properties(P... p) {
    return std::array<Property, sizeof...(P)>{p...};
}

/// The rows of several tables, one after the other.
template <std::size_t... N>
consteval auto joined(const std::array<Property, N>&... tables) {
    std::array<Property, (N + ...)> all{};
    std::size_t at = 0;
    const auto append = [&](const auto& table) {
        for (const Property& p : table)
            all[at++] = p;
    };
    (append(tables), ...);
    return all;
}

/// Errors use QEMU's words: "Property 'TYPE.NAME' doesn't take value X ...".
Result<void> set(const Property&, void* config, std::string_view type_name,
                 const qapi::Json& value);
/// From text, as the command line gives it.
Result<void> set_text(const Property&, void* config, std::string_view type_name,
                      std::string_view value);
qapi::Json get(const Property&, const void* config);

}  // namespace qom
