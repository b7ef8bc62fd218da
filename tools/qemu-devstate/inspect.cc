// SPDX-License-Identifier: GPL-2.0-or-later
//
// Looking into files.
#include <algorithm>

#include "print.h"
#include "tool.h"

namespace devstate {

namespace {

/// "idstr", "idstr/instance", with or without "/field" behind.
bool selects(const Section& s, const std::string& want, std::string& field) {
    if (s.is_command()) return false;
    if (want.empty()) return true;
    for (const std::string& name : {s.key(), s.idstr}) {
        if (want == name) return true;
        if (want.starts_with(name + "/") || want.starts_with(name + ".")) {
            field = want.substr(name.size() + 1);
            return true;
        }
    }
    return false;
}
bool below(std::string_view path, std::string_view field) {
    return path == field ||
           (path.starts_with(field) && (path[field.size()] == '.' || path[field.size()] == '['));
}

}  // namespace

Result<int> Tool::info() {
    const Document d = TRY(open(o_.files[0]));
    if (o_.json) {
        qapi::Json j = d.json();
        for (auto& [key, value] : *j.object())
            if (key == "sections")
                for (qapi::Json& s : *value.array()) {
                    s.object()->erase("fields");
                    s.object()->erase("subsections");
                }
        return emit(j);
    }
    put("{}: {}, {} bytes, format version 3, {}\n", o_.files[0],
        d.kind == "migration" ? "migration stream" : "device-state file", d.bytes.size(),
        d.mixed_footers ? "some sections with footers"
        : d.footers     ? (*d.footers ? "with footers" : "without footers")
                        : "no sections");
    if (d.configuration) put("machine {}\n", d.configuration->name);
    std::size_t widest = 7;
    for (const Section& s : d.sections)
        widest = std::max(widest, s.idstr.size());
    put("{}{:>5} {:>5}  {:<{}} {:>4} {:>4} {:>8} {:>8}  layout{}\n", bold(), "#", "id", "section",
        widest, "inst", "ver", "offset", "bytes", plain());
    for (const Section& s : d.sections) {
        if (s.is_command()) {
            put("{:>5} {:>5}  command {}\n", s.index, "", s.command);
            continue;
        }
        const bool bad = s.layout == "none" || s.layout == "mismatch";
        put("{:>5} {:>5}  {:<{}} {:>4} {:>4} {:>8x} {:>8}  {}{}{}\n", s.index, s.section_id,
            s.idstr, widest, s.instance_id, s.version_id, s.offset, s.data_size, bad ? red() : "",
            s.ram ? s.type : s.vmsd.value_or(s.layout), bad ? plain() : "");
    }
    if (d.trailing_bytes) put("{} bytes after the end\n", d.trailing_bytes);
    return 0;
}

Result<int> Tool::show() {
    const Document d = TRY(open(o_.files[0]));
    const std::string want = o_.files.size() > 1 ? o_.files[1] : std::string();
    if (want.empty() && o_.json) return emit(d.json());
    qapi::JsonArray found;
    bool any = want.empty();
    for (const Section& s : d.sections) {
        std::string field;
        if (!selects(s, want, field)) continue;
        bool titled = !field.empty();
        for (const auto& f : s.flat()) {
            const auto path = std::string_view(f.path).substr(s.key().size() + 1);
            if (!field.empty() && !below(path, field)) continue;
            any = true;
            if (o_.json) {
                found.push_back(qapi::Json::object({{"path", f.path},
                                                    {"type", f.type},
                                                    {"offset", f.offset},
                                                    {"size", f.size},
                                                    {"value", f.value}}));
                continue;
            }
            if (!titled)
                put("{}{}{} version {}, {} bytes at 0x{:x}{}\n", bold(), s.key(), plain(),
                    s.version_id, s.data_size, s.data_offset,
                    s.layout_error.empty() ? "" : ": " + s.layout_error);
            titled = true;
            if (path.starts_with('@')) continue;
            put("  {}{:>6x}{} {:<44} {:<14} {}\n", dim(), f.offset, plain(), path, f.type,
                value_text(f.value));
        }
    }
    if (!any) return fail("{}: nothing called '{}' in it", o_.files[0], want);
    return o_.json ? emit(std::move(found)) : 0;
}

Result<int> Tool::check() {
    const Document d = TRY(open(o_.files[0]));
    std::vector<std::string> problems;
    for (const Section& s : d.sections)
        if (s.layout == "none" || s.layout == "mismatch")
            problems.push_back(fmt::format(
                "section {}: {}", s.key(),
                s.layout == "none" ? "no layout" : "layout does not fit: " + s.layout_error));
    if (d.mixed_footers) problems.emplace_back("some sections have footers and some have not");
    if (d.trailing_bytes)
        problems.push_back(fmt::format("{} bytes after the end", d.trailing_bytes));
    if (o_.json) {
        qapi::JsonArray list(problems.begin(), problems.end());
        emit(qapi::Json::object({{"file", o_.files[0]},
                                 {"kind", d.kind},
                                 {"sections", d.sections.size()},
                                 {"problems", std::move(list)}}));
        return problems.empty() ? 0 : 1;
    }
    put("{}: {}, {} sections, {}{}{}\n", o_.files[0], d.kind, d.sections.size(),
        problems.empty() ? green() : red(),
        problems.empty() ? std::string("ok") : fmt::format("{} problem(s)", problems.size()),
        plain());
    for (const auto& p : problems)
        put("  {}\n", p);
    return problems.empty() ? 0 : 1;
}

Result<int> Tool::grep() {
    const auto patterns = TRY(expressions({o_.files[0]}));
    qapi::JsonArray found;
    bool any = false;
    for (std::size_t i = 1; i < o_.files.size(); i++) {
        const Document d = TRY(open(o_.files[i]));
        for (const auto& f : d.flat()) {
            const std::string value = value_text(f.value);
            if (!std::regex_search(f.path, patterns[0]) && !std::regex_search(value, patterns[0]))
                continue;
            any = true;
            if (o_.json)
                found.push_back(qapi::Json::object({{"file", o_.files[i]},
                                                    {"path", f.path},
                                                    {"offset", f.offset},
                                                    {"value", f.value}}));
            else
                put("{}{} = {}\n", o_.files.size() > 2 ? o_.files[i] + ": " : "", f.path, value);
        }
    }
    if (o_.json) emit(std::move(found));
    return any ? 0 : 1;
}

}  // namespace devstate
