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
//     static_assert(vmstate::covers<State>(fields), "a member of State is not migrated");
//     constexpr vmstate::Table table{.name = "chip", .version = 3, .minimum_version = 2, .fields =
//     fields};
//
// Wire order, widths, names, types and versions are QEMU 7.2's, because its streams must load here
// and ours there. Integers are big endian whatever the host.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "util/result.h"

namespace vmstate {

struct Table;

enum class Kind : std::uint8_t {
    Bool,      // one byte; anything but 0 reads as true
    Unsigned,  // wire_size bytes
    Signed,    // wire_size bytes, two's complement
    Timer,     // int64 deadline in ns, -1 = not running
    Buffer,    // wire_size raw bytes
    Unused,    // wire_size bytes, written as 0, ignored when read
    Struct,    // the nested table, in place
    Bitmap,    // be64 words; count() is the number of bits
    Custom,    // a form of its own: `custom` says how (virtio, PCI configuration space ...)
};

/// A check on load that the field's QEMU type name shows ("uint8 equal", "int32 le").
enum class Constraint : std::uint8_t {
    None,
    Equal,      // the stream must hold what this VM has
    LessEqual,  // the stream may hold no more than this VM has
};

class Writer;
class Reader;

/// A field whose wire form no Kind describes. `owner` is the struct that holds it.
struct Custom {
    void (*save)(const void* owner, Writer&);
    Result<void> (*load)(void* owner, Reader&);
    /// Bytes on the wire, for the description and for decoding without a VM.
    std::size_t (*size)(const void* owner);
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
    const Table* table = nullptr;    // Struct
    const Custom* custom = nullptr;  // Custom
    /// The nested table's version on the wire (a "vstruct"), 0 = the table's own.
    std::uint16_t struct_version = 0;
    /// First stream version that carries the field.
    std::uint16_t since = 0;
    /// Whether the field is on the wire at all; null = always. Members that are wired before it are
    /// loaded when asked.
    bool (*exists)(const void* owner, int version) = nullptr;
    /// Members of the owning struct this row accounts for (see covers()).
    std::uint16_t members = 1;

    constexpr Field from_version(int v) const {
        Field f = *this;
        f.since = static_cast<std::uint16_t>(v);
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
    /// Set on a device that says it cannot be migrated; save and load refuse it by this reason.
    std::string_view unmigratable{};
};

}  // namespace vmstate
