// SPDX-License-Identifier: GPL-2.0-or-later
//
// Layouts of saved state as JSON descriptions give them, and a library of them by name, for files
// that carry none.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "qapi/json.h"
#include "util/result.h"

namespace devstate {

struct Layout;

struct LayoutField {
    std::string name, type;
    std::size_t size = 0;
    std::optional<std::uint32_t> array_len, index;
    bool is_struct = false;     // has a "struct"
    std::vector<Layout> inner;  // that struct's layout, or the fields of a "tmp"; 0 or 1
};

struct Layout {
    std::string name;  // of the vmsd; empty for old-style sections
    std::optional<std::int64_t> version;
    bool opaque = false;
    std::vector<LayoutField> fields;
    std::vector<Layout> subsections;

    static Layout from(const qapi::Json&);
};

class Library {
public:
    /// The one built into this program: every device of QEMU 7.2 that the project has seen.
    static Result<Library> built_in();
    static Result<Library> from_json(const qapi::Json&);

    void add(Layout);
    const std::vector<Layout>* find(std::string_view name) const;

private:
    std::map<std::string, std::vector<Layout>, std::less<>> layouts_;
};

/// A description's layouts of one stream, by idstr and instance.
class Description {
public:
    static Result<Description> from_json(const qapi::Json&);
    /// In the order of the stream: two sections may have the same key.
    std::vector<const Layout*> find(std::string_view idstr, std::uint32_t instance) const;

private:
    struct Entry {
        std::string idstr;
        std::uint32_t instance;
        Layout layout;
    };
    std::vector<Entry> entries_;
};

/// What a .gz holds; other bytes as they are.
Result<std::string> inflate(std::string_view bytes);

}  // namespace devstate
