// SPDX-License-Identifier: GPL-2.0-or-later
//
// Saved state as a document: what every byte of a section means, without a device behind it.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "migration/vmstate/table.h"
#include "qapi/json.h"

namespace vmstate {

/// One field with all that is in it. A leaf has a value; an array of numbers has the array as its
/// value; a struct has fields, an array of structs has elements.
struct Node {
    std::string name;  // "[2]" for an element
    std::string type;  // as in a description; "struct", "subsection"
    std::size_t offset = 0, size = 0;
    std::optional<std::string> vmsd;
    std::optional<std::int64_t> version;
    std::optional<std::uint32_t> array_len;
    std::optional<std::uint32_t> element_size;
    std::optional<qapi::Json> value;
    bool is_struct = false, is_array = false;
    bool bare = false;                  // a struct without a layout of its own
    std::optional<std::string> nested;  // a subsection's name that the raw bytes begin with
    std::vector<Node> fields;           // of a struct, or the elements of an array
    std::vector<Node> subsections;

    qapi::Json json() const;
};

/// A number, a flag, a list of words, or the bytes in hexadecimal: by the type's name.
qapi::Json decode_value(std::string_view type, std::span<const std::uint8_t> bytes);

/// A leaf for every path, in file order: "channels[1].mode", "<i8254/x>.y", "name#2" for the second
/// of that name.
struct FlatField {
    std::string path;
    qapi::Json value;
    std::size_t offset, size;
    std::string type;
};
void flatten(const Node&, const std::string& path, std::vector<FlatField>& out);

/// Decodes a section's data by the table. `owner` is scratch memory of the table's struct; `base`
/// is added to every offset.
Result<Node> decode(const Table&, void* owner, int version, std::span<const std::uint8_t> data,
                    std::size_t base = 0);

}  // namespace vmstate
