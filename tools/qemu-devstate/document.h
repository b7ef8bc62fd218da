// SPDX-License-Identifier: GPL-2.0-or-later
//
// A device-state file or migration stream, taken apart: frame, sections, fields.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "decoder.h"

namespace devstate {

struct RamContents {
    // At the start of RAM's sections:
    std::uint64_t total = 0;
    std::vector<std::pair<std::string, std::uint64_t>> blocks;
    // In the later ones:
    std::uint64_t zero_pages = 0, pages = 0;
};

struct Section {
    std::size_t index = 0;
    std::string type;  // "full", "start", "part", "end", "command"
    std::size_t offset = 0;
    std::uint32_t section_id = 0;
    std::string idstr;
    std::uint32_t instance_id = 0, version_id = 0;
    std::size_t data_offset = 0, data_size = 0;
    bool footer = false;
    std::string layout;  // "vmdesc", "library", "none", "mismatch"; empty for RAM
    std::string layout_error;
    std::optional<std::string> vmsd;
    std::optional<std::int64_t> layout_version;
    std::optional<RamContents> ram;
    std::vector<Node> fields, subsections;
    std::string sha256;
    // Of a command:
    std::uint16_t command = 0;
    std::string command_data;
    std::size_t size = 0;

    /// Up to the next section's mark.
    std::size_t end() const { return data_offset + data_size + (footer ? 5 : 0); }
    bool is_command() const { return type == "command"; }
    std::string key() const { return fmt::format("{}/{}", idstr, instance_id); }
    std::vector<vmstate::FlatField> flat() const;
};

struct Configuration {
    std::size_t offset = 0, size = 0;
    std::string name;
    std::vector<qapi::Json> subsections;
};

struct Document {
    std::vector<std::uint8_t> bytes;
    std::string kind = "device-state";
    std::optional<Configuration> configuration;
    std::vector<Section> sections;
    std::optional<bool> footers;
    bool mixed_footers = false;
    std::optional<std::size_t> eof_offset;
    std::optional<std::pair<std::size_t, std::size_t>> description;  // offset, size
    std::size_t trailing_bytes = 0;
    std::vector<std::string> notes;

    qapi::Json json() const;
    qapi::Json footers_json() const;
    /// Every field with its path: "i8259/0.irr".
    std::vector<vmstate::FlatField> flat() const;
};

/// `description` may be null; the stream's own is found by itself. Errors name the offset.
Result<Document> parse(std::vector<std::uint8_t> bytes, const Library&, const Description*);
/// From a file, standard input ("-"), plain or .gz.
Result<std::vector<std::uint8_t>> read_input(const std::string& name);
Result<Document> parse_file(const std::string& name, const Library&, const Description*);

}  // namespace devstate
