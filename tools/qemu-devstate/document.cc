// SPDX-License-Identifier: GPL-2.0-or-later
//
// The frame around the sections. Where a section ends is known from its layout; a footer, or the
// header of the next one, proves it.
#include "document.h"

#include <glib.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <map>

#include "migration/format.h"
#include "migration/state-file.h"
#include "ram.h"

namespace devstate {

namespace format = migration::format;

namespace {

class Parser {
public:
    Parser(Document& d, const Library& library, const Description* description)
        : d_(d), b_(d.bytes), library_(library), description_(description), decode_(b_, library) {}

    Result<void> run() {
        TRY(need(0, 8, "header"));
        if (u(0, 4) != format::magic)
            return fail("bad magic 0x{:08x}, want 0x{:08x} (QEVM)", u(0, 4), format::magic);
        if (u(4, 4) != format::version)
            return fail("unsupported version {}, want {}", u(4, 4), format::version);
        find_own_description();
        std::size_t pos = 8;
        for (;;) {
            TRY(need(pos, 1, "section type"));
            const std::uint8_t mark = b_[pos];
            if (mark == format::end_of_file) {
                d_.eof_offset = pos++;
                break;
            }
            if (mark == format::configuration) {
                d_.kind = "migration";
                TRY(configuration(pos));
            } else if (mark == format::command) {
                TRY(command(pos));
            } else if (mark >= format::section_start && mark <= format::section_full) {
                TRY(section(mark, pos));
            } else {
                return fail("unknown section type 0x{:02x} at offset 0x{:x}", mark, pos);
            }
        }
        bool with = false, without = false;
        for (const Section& s : d_.sections)
            if (!s.is_command()) (s.footer ? with : without) = true;
        d_.mixed_footers = with && without;
        if (with != without) d_.footers = with;
        if (pos < b_.size() && b_[pos] == format::description) {
            TRY(need(pos + 1, 4, "description"));
            const std::size_t n = u(pos + 1, 4);
            TRY(need(pos + 5, n, "description"));
            d_.kind = "migration";
            d_.description = {pos, n};
            pos += 5 + n;
        }
        d_.trailing_bytes = b_.size() - pos;
        return {};
    }

private:
    std::uint64_t u(std::size_t pos, unsigned n) const { return decode_.number(pos, n); }
    Result<void> need(std::size_t pos, std::size_t n, std::string_view what) const {
        return decode_.need(pos, n, what);
    }
    Result<std::string> text(std::size_t pos, std::size_t n) const { return decode_.text(pos, n); }

    void find_own_description() {
        // It sits at the end, and says where sections end: found before anything else.
        const std::string_view all(reinterpret_cast<const char*>(b_.data()), b_.size());
        std::size_t p = all.npos;
        for (std::string_view key : {R"({"page_size")", R"({"configuration")"})
            if (p = all.rfind(key); p != all.npos && p >= 6) break;
        if (p == all.npos || p < 6 || b_[p - 5] != format::description ||
            b_[p - 6] != format::end_of_file)
            return;
        const std::size_t n = u(p - 4, 4);
        if (!decode_.has(p, n)) return;
        auto json = qapi::Json::parse(std::string(all.substr(p, n)).c_str());
        auto parsed = json ? Description::from_json(*json) : Result<Description>(json.error());
        if (!parsed) {
            d_.notes.push_back("description present but not JSON");
            return;
        }
        own_ = *std::move(parsed);
        if (!description_) description_ = &*own_;
    }

    Result<void> configuration(std::size_t& pos) {
        Configuration c{.offset = pos};
        TRY(need(pos, 5, "configuration"));
        const std::size_t n = u(pos + 1, 4);
        c.name = TRY(text(pos + 5, n));
        pos += 5 + n;
        for (;;) {
            const auto s = decode_.subsection_at(pos, b_.size());
            if (!s || !s->name.starts_with("configuration/")) break;
            qapi::JsonObject o;
            o.append("name", s->name);
            o.append("version", s->version);
            o.append("offset", pos);
            std::size_t p = s->data;
            if (s->name == "configuration/target-page-bits") {
                TRY(need(p, 4, "page bits"));
                o.append("target_page_bits", u(p, 4));
                p += 4;
            } else if (s->name == "configuration/capabilities") {
                TRY(need(p, 4, "capabilities"));
                const auto count = u(p, 4);
                p += 4;
                qapi::JsonArray names;
                for (std::uint64_t i = 0; i < count; i++) {
                    TRY(need(p, 1, "capability"));
                    names.push_back(TRY(text(p + 1, b_[p])));
                    p += 1 + b_[p];
                }
                o.append("capabilities", std::move(names));
            } else if (s->name == "configuration/uuid") {
                TRY(need(p, 16, "uuid"));
                o.append("uuid", vmstate::decode_value("buffer", b_span().subspan(p, 16)));
                p += 16;
            } else {
                return fail("unknown configuration subsection '{}'", s->name);
            }
            c.subsections.emplace_back(std::move(o));
            pos = p;
        }
        c.size = pos - c.offset;
        d_.configuration = std::move(c);
        return {};
    }

    Result<void> command(std::size_t& pos) {
        TRY(need(pos, 5, "command"));
        const std::size_t n = u(pos + 3, 2);
        TRY(need(pos + 5, n, "command"));
        Section s;
        s.index = d_.sections.size();
        s.type = "command";
        s.offset = pos;
        s.command = static_cast<std::uint16_t>(u(pos + 1, 2));
        s.size = 5 + n;
        s.command_data = *vmstate::decode_value("buffer", b_span().subspan(pos + 5, n)).string();
        d_.sections.push_back(std::move(s));
        pos += 5 + n;
        return {};
    }

    Result<void> section(std::uint8_t mark, std::size_t& pos) {
        static constexpr std::string_view names[] = {"", "start", "part", "end", "full"};
        Section s;
        s.index = d_.sections.size();
        s.type = names[mark];
        s.offset = pos;
        TRY(need(pos + 1, 4, "section id"));
        s.section_id = static_cast<std::uint32_t>(u(pos + 1, 4));
        pos += 5;
        if (mark == format::section_start || mark == format::section_full) {
            TRY(need(pos, 1, "idstr length"));
            const std::size_t n = b_[pos];
            s.idstr = TRY(text(pos + 1, n));
            if (std::any_of(s.idstr.begin(), s.idstr.end(), [](char c) { return c & 0x80; }))
                return fail("section at 0x{:x}: idstr is not text", s.offset);
            pos += 1 + n;
            TRY(need(pos, 8, "instance and version id"));
            s.instance_id = static_cast<std::uint32_t>(u(pos, 4));
            s.version_id = static_cast<std::uint32_t>(u(pos + 4, 4));
            pos += 8;
            started_[s.section_id] = {s.idstr, s.instance_id, s.version_id};
        } else {
            const auto k = started_.find(s.section_id);
            if (k == started_.end())
                return fail("section at 0x{:x}: id {} was never started", s.offset, s.section_id);
            std::tie(s.idstr, s.instance_id, s.version_id) = k->second;
        }
        s.data_offset = pos;
        std::size_t end = pos;
        if (s.idstr == "ram" && mark != format::section_full)
            s.ram = TRY(mark == format::section_start ? ram_start(decode_, end)
                                                      : ram_part(decode_, end));
        else
            TRY(device(s, end));
        const auto b = boundary(end, s.section_id);
        if (!b)
            return fail(
                "section {} (id {}) at 0x{:x}: neither a footer nor a section follows its "
                "data at 0x{:x}",
                s.idstr, s.section_id, s.offset, end);
        s.data_size = end - s.data_offset;
        s.footer = b->first;
        char* sum =
            g_compute_checksum_for_data(G_CHECKSUM_SHA256, b_.data() + s.data_offset, s.data_size);
        s.sha256 = sum;
        g_free(sum);
        pos = b->second;
        if (mark != format::section_full) d_.kind = "migration";
        d_.sections.push_back(std::move(s));
        return {};
    }

    Result<void> device(Section& s, std::size_t& end) {
        const std::size_t pos = s.data_offset;
        decode_.set_section(s.section_id);
        std::vector<std::pair<std::string_view, const Layout*>> candidates;
        if (description_) {
            auto same = description_->find(s.idstr, s.instance_id);
            if (same.size() > 1) {
                // Two of one name and instance: the nth goes with the nth.
                const std::size_t nth = seen_[s.key()]++;
                if (nth < same.size())
                    std::rotate(same.begin(), same.begin() + std::ptrdiff_t(nth),
                                same.begin() + std::ptrdiff_t(nth) + 1);
            }
            for (const Layout* l : same)
                candidates.emplace_back("vmdesc", l);
        }
        // The layout's name is the idstr or what follows one of its slashes.
        for (std::string_view name = s.idstr;;) {
            if (const auto* known = library_.find(name))
                for (const Layout& l : *known)
                    candidates.emplace_back("library", &l);
            const auto slash = name.find('/');
            if (slash == name.npos) break;
            name.remove_prefix(slash + 1);
        }
        std::optional<std::string> error;
        for (const auto& [source, l] : candidates) {
            decode_.set_virtio_end(0);
            if (!l->fields.empty() && l->fields.back().type == "virtio")
                if (auto e = scan_end(pos, s.section_id)) decode_.set_virtio_end(*e);
            end = pos;
            auto n = decode_.structure(*l, end, s.idstr);
            if (n && !boundary(end, s.section_id))
                n = fail("data ends at 0x{:x} but no section boundary is there", end);
            if (!n) {
                if (!error) error = n.error().description();
                continue;
            }
            s.layout = source;
            if (!l->name.empty() && !l->opaque) s.vmsd = l->name;
            if (l->version && *l->version != s.version_id) s.layout_version = l->version;
            s.fields = std::move(n->fields);
            s.subsections = std::move(n->subsections);
            return {};
        }
        const auto found = scan_end(pos, s.section_id);
        if (!found) return fail("section {} at 0x{:x}: no end found", s.section_id, pos);
        end = *found;
        s.layout = error ? "mismatch" : "none";
        if (error) s.layout_error = *error;
        Node raw;
        raw.name = "raw";
        raw.type = "buffer";
        raw.offset = pos;
        raw.size = end - pos;
        raw.value = vmstate::decode_value("buffer", b_span().subspan(pos, end - pos));
        s.fields.push_back(std::move(raw));
        return {};
    }

    // ---- where sections end

    /// (has a footer, offset of the next section), when the data of section `id` may end here.
    std::optional<std::pair<bool, std::size_t>> boundary(std::size_t pos, std::uint32_t id) const {
        if (decode_.has(pos, 5) && b_[pos] == format::footer && u(pos + 1, 4) == id)
            return std::pair{true, pos + 5};
        if (header_like(pos, {})) return std::pair{false, pos};
        return {};
    }
    bool header_like(std::size_t pos, std::optional<std::uint32_t> after) const {
        if (pos >= b_.size()) return false;
        const std::uint8_t mark = b_[pos];
        if (mark == format::end_of_file)
            return pos + 1 == b_.size() || b_[pos + 1] == format::description;
        if (mark == format::section_part || mark == format::section_end)
            return decode_.has(pos, 5) && u(pos + 1, 4) < 65536;
        if ((mark != format::section_start && mark != format::section_full) || !decode_.has(pos, 6))
            return false;
        if (after && u(pos + 1, 4) <= *after) return false;
        const std::size_t n = b_[pos + 5];
        if (n == 0 || !decode_.has(pos, 14 + n)) return false;
        return std::all_of(b_.begin() + std::ptrdiff_t(pos + 6),
                           b_.begin() + std::ptrdiff_t(pos + 6 + n),
                           [](auto c) { return c >= 0x20 && c <= 0x7E; });
    }
    std::optional<std::size_t> scan_end(std::size_t pos, std::uint32_t id) const {
        for (std::size_t p = pos; decode_.has(p, 5); p++)
            if (b_[p] == format::footer && u(p + 1, 4) == id && header_like(p + 5, {})) return p;
        for (std::size_t p = pos; p < b_.size(); p++)
            if ((b_[p] == format::section_full || b_[p] == format::section_start) &&
                header_like(p, id) && u(p + 1, 4) < id + 64)
                return p;
        if (!b_.empty() && b_.back() == format::end_of_file && pos < b_.size())
            return b_.size() - 1;
        return {};
    }

    std::span<const std::uint8_t> b_span() const { return b_; }

    Document& d_;
    std::span<const std::uint8_t> b_;
    const Library& library_;
    const Description* description_;
    std::optional<Description> own_;
    Decoder decode_;
    std::map<std::uint32_t, std::tuple<std::string, std::uint32_t, std::uint32_t>> started_;
    std::map<std::string, std::size_t> seen_;
};

}  // namespace

Result<Document> parse(std::vector<std::uint8_t> bytes, const Library& library,
                       const Description* description) {
    Document d;
    d.bytes = std::move(bytes);
    TRY(Parser(d, library, description).run());
    return d;
}

Result<std::vector<std::uint8_t>> read_input(const std::string& name) {
    migration::FileCalls calls;
    constexpr std::size_t limit = std::size_t{64} << 30;
    auto raw =
        name == "-" ? read_to_end(calls, 0, limit) : read_state_file(calls, nullptr, name, limit);
    if (!raw) return raw;
    if (raw->size() < 2 || (*raw)[0] != 0x1F || (*raw)[1] != 0x8B) return raw;
    const std::string plain =
        TRY(inflate({reinterpret_cast<const char*>(raw->data()), raw->size()}));
    return std::vector<std::uint8_t>(plain.begin(), plain.end());
}

Result<Document> parse_file(const std::string& name, const Library& library,
                            const Description* description) {
    auto bytes = TRY(read_input(name));
    auto d = parse(std::move(bytes), library, description);
    if (!d) return std::move(d).error().prepend(name + ": ");
    return d;
}

}  // namespace devstate
