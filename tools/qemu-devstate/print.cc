// SPDX-License-Identifier: GPL-2.0-or-later
//
// A document as JSON (the form of tests/interop/vmstream), as a flat list, and values as text.
#include "print.h"

#include <algorithm>

namespace devstate {

using qapi::Json;
using qapi::JsonArray;
using qapi::JsonObject;

namespace {

Json section_json(const Section& s) {
    JsonObject o;
    o.append("index", s.index);
    o.append("type", s.type);
    o.append("offset", s.offset);
    if (s.is_command()) {
        o.append("command", s.command);
        o.append("size", s.size);
        o.append("data", s.command_data);
        return o;
    }
    o.append("section_id", s.section_id);
    o.append("idstr", s.idstr);
    o.append("instance_id", s.instance_id);
    o.append("version_id", s.version_id);
    o.append("data_offset", s.data_offset);
    if (s.ram) {
        JsonObject r;
        if (s.type == "start") {
            JsonArray blocks;
            for (const auto& [name, size] : s.ram->blocks)
                blocks.push_back(Json::object({{"name", name}, {"size", size}}));
            r.append("total", s.ram->total);
            r.append("blocks", std::move(blocks));
        } else {
            r.append("zero_pages", s.ram->zero_pages);
            r.append("pages", s.ram->pages);
        }
        o.append("ram", std::move(r));
    } else {
        auto list = [](const std::vector<Node>& nodes) {
            JsonArray a;
            for (const Node& n : nodes)
                a.push_back(n.json());
            return a;
        };
        o.append("layout", s.layout);
        if (s.vmsd) o.append("vmsd", *s.vmsd);
        if (s.layout_version) o.append("layout_version", *s.layout_version);
        if (!s.layout_error.empty()) o.append("layout_error", s.layout_error);
        o.append("fields", list(s.fields));
        if (!s.subsections.empty()) o.append("subsections", list(s.subsections));
    }
    o.append("data_size", s.data_size);
    o.append("footer", s.footer);
    o.append("sha256", s.sha256);
    return o;
}

std::string squeezed_hex(const std::string& hex) {
    // Runs of one byte in a long string: "00*200".
    std::string out, run;
    auto flush = [&] {
        if (run.empty()) return;
        out += (out.empty() ? "" : " ") + run;
        run.clear();
    };
    for (std::size_t i = 0; i < hex.size();) {
        const auto byte = std::string_view(hex).substr(i, 2);
        std::size_t j = i;
        while (j < hex.size() && std::string_view(hex).substr(j, 2) == byte)
            j += 2;
        if ((j - i) / 2 >= 8) {
            flush();
            out += fmt::format("{}{}*{}", out.empty() ? "" : " ", byte, (j - i) / 2);
        } else {
            run += hex.substr(i, j - i);
        }
        i = j;
    }
    flush();
    return out;
}

}  // namespace

std::vector<vmstate::FlatField> Section::flat() const {
    std::vector<vmstate::FlatField> out;
    if (is_command()) return out;
    const std::string path = key();
    if (ram) {
        for (const auto& [name, bytes] : ram->blocks)
            out.push_back({fmt::format("{}.block{{{}}}", path, name), bytes, offset, 0, "ram"});
        return out;
    }
    out.push_back({path + ".@version_id", version_id, offset, 0, "version"});
    out.push_back({path + ".@section_id", section_id, offset, 0, "section_id"});
    Node whole;
    whole.is_struct = true;
    whole.fields = fields;
    whole.subsections = subsections;
    flatten(whole, path, out);
    return out;
}

std::vector<vmstate::FlatField> Document::flat() const {
    std::vector<vmstate::FlatField> out;
    if (configuration) {
        const Configuration& c = *configuration;
        out.push_back({"configuration.name", c.name, c.offset, c.size, "string"});
        for (const Json& s : c.subsections)
            for (const auto& [key, value] : *s.object())
                if (key != "name" && key != "offset")
                    out.push_back({fmt::format("configuration.<{}>.{}", *s["name"].string(), key),
                                   value, std::size_t(s["offset"].integer().value_or(0)), 0,
                                   "config"});
    }
    for (const Section& s : sections)
        for (auto& f : s.flat())
            out.push_back(std::move(f));
    return out;
}

Json Document::footers_json() const {
    if (mixed_footers) return "mixed";
    return footers ? Json(*footers) : Json();
}

Json Document::json() const {
    JsonObject o;
    o.append("size", bytes.size());
    o.append("magic", "QEVM");
    o.append("version", 3);
    o.append("kind", kind);
    if (configuration) {
        JsonObject c;
        c.append("offset", configuration->offset);
        c.append("name", configuration->name);
        c.append("subsections", JsonArray(configuration->subsections));
        c.append("size", configuration->size);
        o.append("configuration", std::move(c));
    } else {
        o.append("configuration", Json());
    }
    JsonArray all;
    for (const Section& s : sections)
        all.push_back(section_json(s));
    o.append("sections", std::move(all));
    o.append("eof_offset", eof_offset ? Json(*eof_offset) : Json());
    o.append("vmdesc", description ? Json::object({{"offset", description->first},
                                                   {"size", description->second}})
                                   : Json());
    o.append("trailing_bytes", trailing_bytes);
    o.append("footers", footers_json());
    if (!notes.empty()) {
        JsonArray n;
        for (const auto& note : notes)
            n.push_back(note);
        o.append("notes", std::move(n));
    }
    return o;
}

std::string value_text(const Json& v) {
    if (v.is_null()) return "(null)";
    if (const bool* b = v.boolean()) return *b ? "true" : "false";
    if (auto i = v.integer()) {
        if (*i > -1024 && *i < 1024) return std::to_string(*i);
        return *i < 0 ? fmt::format("-0x{:x}", -std::uint64_t(*i)) : fmt::format("0x{:x}", *i);
    }
    if (auto u = v.unsigned_integer()) return fmt::format("0x{:x}", *u);
    if (const std::string* s = v.string()) {
        if (s->empty()) return "(empty)";
        const bool hex = s->find_first_not_of("0123456789abcdef") == s->npos;
        return hex && s->size() > 64 ? squeezed_hex(*s) : *s;
    }
    if (const JsonArray* a = v.array()) {
        std::string out;
        for (const Json& e : *a)
            out += (out.empty() ? "" : " ") + value_text(e);
        return out;
    }
    return v.text();
}

}  // namespace devstate
