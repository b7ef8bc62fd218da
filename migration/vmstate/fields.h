// SPDX-License-Identifier: GPL-2.0-or-later
//
// Builders of table rows. The member's type is deduced from its pointer, so a row cannot disagree
// with its struct; only what the wire wants otherwise is written down.
#pragma once

#include <array>
#include <concepts>
#include <new>
#include <type_traits>
#include <utility>
#include <vector>

#include "migration/vmstate/table.h"

namespace vmstate {

namespace detail {

template <class>
struct member;
template <class S, class T>
struct member<T S::*> {
    using owner = S;
    using type = T;
};
template <auto M>
using owner_of = typename member<std::remove_cv_t<decltype(M)>>::owner;
template <auto M>
using type_of = typename member<std::remove_cv_t<decltype(M)>>::type;

template <auto M, auto...>
inline constexpr auto first = M;
/// One address per member, whatever number of rows reach into it.
template <auto M>
inline constexpr char identity = 0;

/// The address of `owner.*M`, or of `owner.*M.*Rest...` for a member of a member.
template <auto M, auto... Rest>
constexpr auto& walk(owner_of<M>& owner) {
    if constexpr (sizeof...(Rest) == 0)
        return owner.*M;
    else
        return walk<Rest...>(owner.*M);
}
template <auto... Path>
using walked =
    std::remove_reference_t<decltype(walk<Path...>(std::declval<owner_of<first<Path...>>&>()))>;

template <class T>
struct element {
    using type = T;
    static constexpr std::uint32_t length = 0;
};
template <class T, std::size_t N>
struct element<std::array<T, N>> {
    using type = T;
    static constexpr std::uint32_t length = N;
};
template <class T>
struct element<std::vector<T>> {
    using type = T;
    static constexpr std::uint32_t length = 0;
};
template <class T>
using element_t = typename element<T>::type;

template <class T>
inline constexpr bool is_vector = false;
template <class T>
inline constexpr bool is_vector<std::vector<T>> = true;

template <class T>
concept Scalar = std::is_integral_v<T> || std::is_enum_v<T>;

template <class W>
constexpr std::string_view wire_name(Constraint c) {
    constexpr bool s = std::is_signed_v<W>;
    if constexpr (std::same_as<W, bool>) return "bool";
    switch (sizeof(W)) {
        case 1:
            return c == Constraint::Equal ? (s ? "int8 equal" : "uint8 equal")
                   : s                    ? "int8"
                                          : "uint8";
        case 2:
            return c == Constraint::Equal ? (s ? "int16 equal" : "uint16 equal")
                                          : (s ? "int16" : "uint16");
        case 4:
            return c == Constraint::Equal       ? (s ? "int32 equal" : "uint32 equal")
                   : c == Constraint::LessEqual ? "int32 le"
                                                : (s ? "int32" : "uint32");
        default:
            return c == Constraint::Equal ? (s ? "int64 equal" : "uint64 equal")
                                          : (s ? "int64" : "uint64");
    }
}

template <class T>
struct plain {
    using type = T;
};
template <class T>
requires std::is_enum_v<T>
struct plain<T> {
    using type = std::underlying_type_t<T>;
};

template <auto... Path>
void* address(void* owner) {
    using Owner = owner_of<first<Path...>>;
    auto& m = walk<Path...>(*static_cast<Owner*>(owner));
    if constexpr (is_vector<std::remove_reference_t<decltype(m)>> ||
                  element<std::remove_cvref_t<decltype(m)>>::length)
        return m.data();
    else
        return &m;
}
template <std::uint32_t First, auto... Path>
void* part_address(void* owner) {
    return &walk<Path...>(*static_cast<owner_of<first<Path...>>*>(owner))[First];
}
template <auto... Path>
std::uint32_t vector_size(const void* owner) {
    using Owner = owner_of<first<Path...>>;
    return static_cast<std::uint32_t>(
        walk<Path...>(*const_cast<Owner*>(static_cast<const Owner*>(owner))).size());
}
template <auto... Path>
void vector_resize(void* owner, std::size_t n) {
    using Owner = owner_of<first<Path...>>;
    walk<Path...>(*static_cast<Owner*>(owner)).resize(n);
}

/// Fills in where the member is and, for a vector, how long.
template <auto... Path>
constexpr void locate(Field& f) {
    f.address = address<Path...>;
    f.member = &identity<first<Path...>>;
    if constexpr (is_vector<walked<Path...>>) {
        f.count = vector_size<Path...>;
        f.resize = vector_resize<Path...>;
    }
}

template <class W, auto... Path>
constexpr Field scalar(std::string_view name, Constraint constraint) {
    using M = walked<Path...>;
    using E = typename plain<element_t<M>>::type;
    static_assert(Scalar<E>, "this member needs buffer(), structs() or a Custom form");
    Field f{};
    f.name = name;
    f.type = wire_name<W>(constraint);
    f.kind = std::same_as<W, bool> ? Kind::Bool
             : std::is_signed_v<W> ? Kind::Signed
                                   : Kind::Unsigned;
    f.constraint = constraint;
    f.wire_size = sizeof(W);
    f.memory_size = sizeof(E);
    f.memory_signed = std::is_signed_v<E>;
    f.array_length = element<M>::length;
    locate<Path...>(f);
    return f;
}

template <auto... Path>
constexpr Field bytes(std::string_view name) {
    using M = walked<Path...>;
    static_assert(sizeof(element_t<M>) == 1);
    Field f{};
    f.name = name;
    f.type = "buffer";
    f.kind = Kind::Buffer;
    f.wire_size = f.memory_size = element<M>::length;
    locate<Path...>(f);
    return f;
}

template <class Owner, class Tmp, auto Enter, auto Leave>
inline constexpr Temporary temporary_form{
    .size = sizeof(Tmp),
    .enter = [](const void* owner,
                void* t) { ::new (t) Tmp(Enter(*static_cast<const Owner*>(owner))); },
    .leave = [](const void* t, void* owner) -> Result<void> {
        return Leave(*static_cast<Owner*>(owner), *static_cast<const Tmp*>(t));
    },
    .destroy = [](void* t) { static_cast<Tmp*>(t)->~Tmp(); },
};

}  // namespace detail

/// A number, bool, enum, or an array (std::array, std::vector) of such, at the member's own width.
/// `field<&S::vga, &Vga::sr>("vga.sr")` reaches into a member.
template <auto... Path>
consteval Field field(std::string_view name) {
    using E = typename detail::plain<detail::element_t<detail::walked<Path...>>>::type;
    return detail::scalar<E, Path...>(name, Constraint::None);
}
/// As field(), with another width on the wire: `field_as<std::uint32_t, &S::mode>("mode")`. A value
/// from the stream that does not fit the member is refused.
template <class Wire, auto... Path>
consteval Field field_as(std::string_view name) {
    return detail::scalar<Wire, Path...>(name, Constraint::None);
}
/// The stream must hold what this VM already has.
template <class Wire, auto... Path>
consteval Field field_equal(std::string_view name) {
    return detail::scalar<Wire, Path...>(name, Constraint::Equal);
}
template <class Wire, auto... Path>
consteval Field field_less_equal(std::string_view name) {
    return detail::scalar<Wire, Path...>(name, Constraint::LessEqual);
}

/// A deadline on the virtual clock, held in the State as an int64 (-1 = not running).
template <auto... Path>
consteval Field timer(std::string_view name) {
    Field f = detail::scalar<std::int64_t, Path...>(name, Constraint::None);
    f.kind = Kind::Timer;
    f.type = "timer";
    return f;
}

/// Raw bytes: a std::array or std::vector of one-byte elements.
template <auto... Path>
consteval Field buffer(std::string_view name) {
    return detail::bytes<Path...>(name);
}
/// `Length` bytes of such, from byte `First` on.
template <std::uint32_t First, std::uint32_t Length, auto... Path>
consteval Field buffer_part(std::string_view name) {
    static_assert(First + Length <= detail::element<detail::walked<Path...>>::length);
    Field f = detail::bytes<Path...>(name);
    f.wire_size = f.memory_size = Length;
    f.address = detail::part_address<First, Path...>;
    return f;
}
/// One element of an array of numbers.
template <std::uint32_t Index, auto... Path>
consteval Field element(std::string_view name) {
    using M = detail::walked<Path...>;
    static_assert(Index < detail::element<M>::length);
    Field f = detail::scalar<detail::element_t<M>, Path...>(name, Constraint::None);
    f.array_length = 0;
    f.address = detail::part_address<Index, Path...>;
    return f;
}

/// Bytes that older versions used, or padding; on the wire only.
consteval Field unused(std::uint32_t bytes, std::string_view name = "unused") {
    Field f{};
    f.name = name;
    f.type = "unused_buffer";
    f.kind = Kind::Unused;
    f.wire_size = bytes;
    f.members = 0;
    return f;
}

/// A member with a table of its own, or an array of such.
template <auto... Path>
consteval Field structs(std::string_view name, const Table& table) {
    using M = detail::walked<Path...>;
    Field f{};
    f.name = name;
    f.type = "struct";
    f.kind = Kind::Struct;
    f.memory_size = sizeof(detail::element_t<M>);
    f.array_length = detail::element<M>::length;
    detail::locate<Path...>(f);
    f.table = &table;
    return f;
}

/// The owner itself through another table ("state" of a chip inside its ISA wrapper). The table's
/// rows count for covers() as if they stood here, or as `members` when that is given.
template <class Owner>
consteval Field self(std::string_view name, const Table& table, std::uint16_t members = 0) {
    Field f{};
    f.name = name;
    f.type = "struct";
    f.kind = Kind::Struct;
    f.memory_size = sizeof(Owner);
    f.address = [](void* owner) { return owner; };
    f.table = &table;
    f.members = members;
    return f;
}

template <auto... Path>
consteval Field custom(std::string_view name, std::string_view type, const Custom& how) {
    Field f{};
    f.name = name;
    f.type = type;
    f.kind = Kind::Custom;
    f.member = &detail::identity<detail::first<Path...>>;
    f.custom = &how;
    return f;
}

/// Typed form of Custom: `constexpr auto how = custom_form<State, save_it, load_it>;` with
/// `void save_it(const State&, Writer&)` and `Result<void> load_it(State&, Reader&)`.
template <class Owner, auto Save, auto Load>
inline constexpr Custom custom_form{
    .save = [](const void* owner, Writer& out) { Save(*static_cast<const Owner*>(owner), out); },
    .load = [](void* owner, Reader& in) -> Result<void> {
        return Load(*static_cast<Owner*>(owner), in);
    },
};

/// A bit map in 64-bit words (std::array or std::vector of std::uint64_t) of which the owner says
/// how many bits count: `bitmap<State, &State::map, [](const State& s) { return s.groups; }>("m")`.
template <class Owner, auto Member, auto Bits>
consteval Field bitmap(std::string_view name) {
    using M = detail::walked<Member>;
    static_assert(std::same_as<detail::element_t<M>, std::uint64_t>);
    Field f{};
    f.name = name;
    f.type = "bitmap";
    f.kind = Kind::Bitmap;
    detail::locate<Member>(f);
    f.array_length = detail::element<M>::length * 64;
    f.count = [](const void* owner) {
        return static_cast<std::uint32_t>(Bits(*static_cast<const Owner*>(owner)));
    };
    return f;
}

/// A helper struct that is on the wire in place of members that are kept in another form:
/// `temporary<Fpreg, Mantissa, split, join, &Fpreg::value>("tmp", mantissa_table)` with
/// `Mantissa split(const Fpreg&)` and `Result<void> join(Fpreg&, const Mantissa&)`. The members
/// named last are the ones that it accounts for.
template <class Owner, class Tmp, auto Enter, auto Leave, auto... Members>
consteval Field temporary(std::string_view name, const Table& table) {
    Field f{};
    f.name = name;
    f.type = "tmp";
    f.kind = Kind::Temporary;
    f.table = &table;
    f.temporary = &detail::temporary_form<Owner, Tmp, Enter, Leave>;
    f.members = sizeof...(Members);
    if constexpr (sizeof...(Members) == 1) f.member = &detail::identity<Members...>;
    return f;
}

/// `exists` from a typed, captureless predicate: `only_if<State, [](const State& s, int) { return
/// s.set; }>(row)`.
template <class Owner, auto Predicate>
consteval Field only_if(Field f) {
    f.exists = [](const void* owner, int version) {
        return Predicate(*static_cast<const Owner*>(owner), version);
    };
    return f;
}
/// Takes the number of elements from the owner instead of the member's size.
template <class Owner, auto Count>
consteval Field counted(Field f) {
    f.count = [](const void* owner) {
        return static_cast<std::uint32_t>(Count(*static_cast<const Owner*>(owner)));
    };
    return f;
}

/// Typed forms of Table::needed and Table::check.
template <class Owner, auto Predicate>
inline constexpr bool (*needed)(const void*) =
    [](const void* owner) -> bool { return Predicate(*static_cast<const Owner*>(owner)); };
template <class Owner, auto Function>
inline constexpr void (*absent)(void*) =
    [](void* staged) { Function(*static_cast<Owner*>(staged)); };
template <class Owner, auto Function>
inline constexpr Check check = [](void* staged, int version) -> Result<void> {
    return Function(*static_cast<Owner*>(staged), version);
};

template <class... F>
consteval auto fields(F... f) {
    return std::array<Field, sizeof...(F)>{f...};
}
template <class... T>
consteval auto subsections(const T&... t) {
    return std::array<const Table*, sizeof...(T)>{&t...};
}

// ---- completeness -----------------------------------------------------------------------------

namespace detail {

struct AnyMember {
    template <class T>
    constexpr operator T() const noexcept;
};
template <class S, std::size_t... I>
consteval bool takes(std::index_sequence<I...>) {
    return requires {
        S{(void(I), AnyMember{})...};
    };
}
template <class S, std::size_t N>
consteval std::size_t arity() {
    // Counted downwards from an upper bound: an array member brace-elided would accept more
    // initialisers than there are members only when counted upwards through gaps.
    if constexpr (takes<S>(std::make_index_sequence<N + 1>{}))
        return arity<S, N + 1>();
    else
        return N;
}

}  // namespace detail

/// Members that are not saved. Each call site says why: wiring, or derived in post_load.
template <auto... Members>
consteval auto not_saved() {
    std::array<Field, sizeof...(Members)> rows{};
    const void* members[] = {&detail::identity<Members>...};
    for (std::size_t i = 0; i < sizeof...(Members); i++)
        rows[i].member = members[i];
    return rows;
}
/// The same by number, for members that cannot be named.
consteval std::size_t not_saved(std::size_t members) {
    return members;
}

namespace detail {

/// Members seen so far. Rows of the same member count once.
template <std::size_t N>
struct Seen {
    std::array<const void*, N> members{};
    std::size_t distinct = 0, anonymous = 0;

    constexpr void add(const void* member) {
        for (std::size_t i = 0; i < distinct; i++)
            if (members[i] == member) return;
        members[distinct++] = member;
    }
    constexpr void add_row(const Field& f) {
        if (f.kind == Kind::Struct && !f.member) {  // self()
            anonymous += f.members;
            if (!f.members) {
                for (const Field& inner : f.table->fields)
                    add_row(inner);
                for (const Table* sub : f.table->subsections)
                    for (const Field& inner : sub->fields)
                        add_row(inner);
            }
        } else if (f.members && f.member) {
            add(f.member);
        } else {
            anonymous += f.members;
        }
    }
};

}  // namespace detail

/// Whether the rows account for every member of the aggregate: those of the table, of its
/// subsections, and not_saved<&State::cache>().
template <class S, class... Rows>
consteval bool covers(const Rows&... rows) {
    constexpr std::size_t members = detail::arity<S, 0>();
    detail::Seen<1024> seen;
    auto add = [&](const auto& r) {
        if constexpr (std::integral<std::remove_cvref_t<decltype(r)>>)
            seen.anonymous += r;
        else
            for (const Field& f : r)
                seen.add_row(f);
    };
    (add(rows), ...);
    return seen.distinct + seen.anonymous == members;
}

}  // namespace vmstate
