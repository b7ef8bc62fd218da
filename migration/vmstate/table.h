// SPDX-License-Identifier: GPL-2.0-or-later
//
// The typed state table: one constexpr row per saved member, in wire order. Everything that is ever
// done with saved state is an interpreter over such a table, written once: save, staged load,
// description, decoding without a VM, comparison, the fuzzer's dictionary.
//
//     struct State { std::uint8_t command = 0; std::int64_t deadline = -1; std::array<Channel, 3>
//     channels; }; constexpr auto fields = vmstate::fields(
//         vmstate::field<&State::command>("cmd"),
//         vmstate::timer<&State::deadline>("timer"),
//         vmstate::structs<&State::channels>("channels", channel_table));
//     static_assert(vmstate::covers<State>(fields), "a member of State is not saved");
//     constexpr vmstate::Table table{.name = "chip", .version = 3, .minimum_version = 2, .fields =
//     fields};
//
// Wire order, widths, names, types and versions are QEMU 7.2's, because its streams must load here
// and ours there. Integers are big endian whatever the host.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string_view>

#include "util/result.h"

namespace vmstate {

struct Table;

enum class Kind : std::uint8_t {
    Bool,       // one byte; anything but 0 reads as true
    Unsigned,   // wire_size bytes
    Signed,     // wire_size bytes, two's complement
    Timer,      // int64 deadline in ns, -1 = not running
    Buffer,     // wire_size raw bytes
    Unused,     // wire_size bytes, written as 0, ignored when read
    Struct,     // the nested table, in place
    Bitmap,     // be64 words, lowest first; count() is the number of bits
    Temporary,  // a helper struct computed from the owner for the occasion ("tmp")
    Custom,     // a form of its own: `custom` says how (virtio, PCI configuration space ...)
};

/// A check on load that the field's QEMU type name shows ("uint8 equal", "int32 le").
enum class Constraint : std::uint8_t {
    None,
    Equal,      // the stream must hold what this VM has
    LessEqual,  // the stream may hold no more than this VM has
};

class Writer;
class Reader;

/// A field whose wire form no Kind describes. `owner` is the struct that holds it; `address` of the
/// field is not used. load() sees the staged copy, which holds the running VM's values until it
/// changes them, so "must equal what this VM has" is a comparison with `owner`. It must read in
/// steps that Reader bounds, and it says what it does not like with Reader::refuse(). The same
/// load() serves decoding without a VM, on a default-constructed owner: a check that needs more
/// than the wire must ask `in.lenient()` first. stream.h has both classes.
struct Custom {
    void (*save)(const void* owner, Writer&);
    Result<void> (*load)(void* owner, Reader&);
};

/// How a Temporary comes and goes: `enter` builds it from the owner (in memory of `size` bytes),
/// `leave` puts its values back into the owner, or refuses them.
struct Temporary {
    std::size_t size;
    void (*enter)(const void* owner, void* temporary);
    Result<void> (*leave)(const void* temporary, void* owner);
    void (*destroy)(void* temporary);
};

struct Field {
    std::string_view name;  // as in QEMU's description: "channels[0].irq_disabled" is one
    std::string_view type;  // likewise: "uint32", "int32 le", "buffer", "pci irq state"
    Kind kind;
    Constraint constraint = Constraint::None;
    std::uint32_t wire_size = 0;  // of one element
    std::uint32_t memory_size =
        0;  // of one element; may exceed wire_size (an int on the wire in one byte)
    bool memory_signed = false;
    std::uint32_t array_length = 0;  // 0 = not an array
    /// The address of the (first) element in its owner; null for Unused.
    void* (*address)(void* owner) = nullptr;
    /// Length of an array whose length another member holds; overrides array_length (then the
    /// bound).
    std::uint32_t (*count)(const void* owner) = nullptr;
    /// For elements in a std::vector: makes room before loading `count` elements.
    void (*resize)(void* owner, std::size_t count) = nullptr;
    const Table* table = nullptr;          // Struct, Temporary
    const Custom* custom = nullptr;        // Custom
    const Temporary* temporary = nullptr;  // Temporary
    /// What may be in the stream, when it is less than the member could hold (see within()).
    std::int64_t minimum = std::numeric_limits<std::int64_t>::min(),
                 maximum = std::numeric_limits<std::int64_t>::max();
    /// The nested table's version on the wire (a "vstruct"), 0 = the table's own.
    std::uint16_t struct_version = 0;
    /// First stream version that carries the field.
    std::uint16_t since = 0;
    /// Whether the field is on the wire at all; null = always. Members that are wired before it are
    /// loaded when asked.
    bool (*exists)(const void* owner, int version) = nullptr;
    /// Members of the owning struct this row accounts for (see covers()); `member` tells rows of
    /// the same member apart from rows of two.
    std::uint16_t members = 1;
    const void* member = nullptr;

    constexpr Field from_version(int v) const {
        Field f = *this;
        f.since = static_cast<std::uint16_t>(v);
        return f;
    }
    /// Anything else in the stream is refused. Where the chip's own answer to an odd value is
    /// known (it masks, it wraps), do that in post_load instead.
    constexpr Field within(std::int64_t low, std::int64_t high) const {
        Field f = *this;
        f.minimum = low;
        f.maximum = high;
        return f;
    }
    /// A nested table of another version than its own (QEMU's "vstruct").
    constexpr Field at_version(int v) const {
        Field f = *this;
        f.struct_version = static_cast<std::uint16_t>(v);
        f.type = "vstruct";
        return f;
    }
};

/// Reasons to refuse what was parsed, and fixes of what an older stream lacks. It sees the staged
/// copy only, before anything in the VM has changed. `owner` is the struct the table describes.
using Check = Result<void> (*)(void* staged, int version);

struct Table {
    std::string_view name;
    int version = 1;
    int minimum_version = 1;
    std::span<const Field> fields{};
    std::span<const Table* const> subsections{};
    /// Set on a subsection: whether it is sent.
    bool (*needed)(const void* owner) = nullptr;
    Check check = nullptr;
    /// Set on a subsection: what its absence says. Without it the members keep what the loading
    /// machine has, or take their defaults where it would send them itself.
    void (*absent)(void* staged) = nullptr;
    /// A section that predates tables: one Custom field, described as plain data.
    bool opaque = false;
    /// Set on a device that says it cannot be migrated; save and load refuse it by this reason.
    std::string_view unmigratable{};
};

}  // namespace vmstate
