// SPDX-License-Identifier: GPL-2.0-or-later
#include "machines.h"

#include <algorithm>
#include <charconv>

namespace devstate {

namespace {

constexpr unsigned v(unsigned major, unsigned minor) {
    return major * 100 + minor;
}
constexpr unsigned oldest = v(2, 0), newest = v(7, 2);
/// The first version that ends sections with footers.
constexpr unsigned footers_since = v(2, 4);

enum class Kind { Section, Subsection, Fields };

/// Something that a PC saves since a version. The facts are those of the files that QEMU 7.2 writes
/// for its own versions of the machine.
struct Piece {
    unsigned since;
    Kind kind;
    std::string_view layout;   // of the section
    std::string_view name;     // of the subsection; of the field or of the struct around the fields
    std::string_view after;    // the field in front of the fields
    std::string_view initial;  // hexadecimal: after a reset
    std::size_t size;          // of that; zeros behind it
};

constexpr Piece pieces[] = {
    {v(7, 0), Kind::Fields, "piix4_pm", "acpi_pci_hotplug.acpi_index",
     "acpi_pci_hotplug.acpi_pcihp_pci_status", "", 4},
    {v(6, 1), Kind::Subsection, "pckbd", "pckbd/extended_state", "", "", 0},
    {v(5, 1), Kind::Section, "PCIHost", "", "", "", 4},
    {v(5, 0), Kind::Subsection, "fw_cfg", "fw_cfg/acpi_mr", "", "", 0},
    {v(4, 0), Kind::Fields, "piix4_pm", "smb", "apm",
     "000000000000000000000000000000000000000000000000000000000000000000000000000000000000020000010"
     "000",
     48},
    {v(2, 12), Kind::Subsection, "hpet", "hpet/offset", "", "", 0},
    {v(2, 8), Kind::Section, "pcspk", "", "", "", 2},
    {v(2, 5), Kind::Subsection, "fw_cfg", "fw_cfg/dma", "", "", 0},
    {v(2, 4), Kind::Section, "globalstate", "", "", "0000000872756e6e696e67", 104},
    {v(2, 1), Kind::Subsection, "piix4_pm", "piix4_pm/memhp", "", "", 0},
};

Result<unsigned> version_of(const std::string& machine) {
    if (machine == "pc" || machine == "pc-i440fx") return newest;
    constexpr std::string_view prefix = "pc-i440fx-";
    if (machine.starts_with(prefix)) {
        unsigned major = 0, minor = 0;
        const char* p = machine.data() + prefix.size();
        const char* end = machine.data() + machine.size();
        const auto first = std::from_chars(p, end, major);
        if (first.ec == std::errc() && first.ptr != end && *first.ptr == '.') {
            const auto second = std::from_chars(first.ptr + 1, end, minor);
            const unsigned version = v(major, minor);
            if (second.ec == std::errc() && second.ptr == end && major < 100 && minor < 100 &&
                version >= oldest && version <= newest)
                return version;
        }
    }
    return fail("--machine {}: the versions known are pc-i440fx-2.0 to 7.2", machine);
}

std::vector<std::uint8_t> initial_bytes(const Piece& p) {
    std::vector<std::uint8_t> bytes(p.size);
    for (std::size_t i = 0; 2 * i < p.initial.size(); i++)
        std::from_chars(p.initial.data() + 2 * i, p.initial.data() + 2 * i + 2, bytes[i], 16);
    return bytes;
}

/// The run of fields with that name, or of such a struct or array: where it begins and ends.
std::optional<std::pair<std::size_t, std::size_t>> run(const Section& s, std::string_view name) {
    std::optional<std::pair<std::size_t, std::size_t>> found;
    for (const Node& f : s.fields) {
        const std::string_view n = f.name;
        if (n != name && !(n.starts_with(name) && (n[name.size()] == '.' || n[name.size()] == '[')))
            continue;
        if (!found) found = {f.offset, f.offset};
        found->second = f.offset + f.size;
    }
    return found;
}

/// The subsections of that name, in whatever struct.
void collect(const std::vector<Node>& structs, std::string_view name,
             std::vector<const Node*>& found) {
    for (const Node& n : structs) {
        if (n.type == "subsection" && n.name == name) found.push_back(&n);
        collect(n.fields, name, found);
        collect(n.subsections, name, found);
    }
}

/// A place in the file's bytes, and what comes there instead.
struct Edit {
    std::size_t begin, end;
    std::vector<std::uint8_t> instead;
};

class Rewriter {
public:
    Rewriter(const Document& d, unsigned target) : d_(d), target_(target) {}

    Result<Rewritten> run() {
        for (const Section& s : d_.sections) {
            if (s.type != "full") continue;
            if (s.layout == "none" || s.layout == "mismatch")
                return fail("section {}: its layout is not known", s.key());
            pc_ |= s.vmsd == "I440FX";
            TRY(section(s));
        }
        if (!pc_) return fail("this is no state of a pc: only its versions are known");
        for (const Piece& p : pieces)
            if (p.kind == Kind::Section && target_ >= p.since) add(p);
        out_.footers = target_ >= footers_since;
        return std::move(out_);
    }

private:
    Result<void> section(const Section& s) {
        std::vector<Edit> edits;
        for (const Piece& p : pieces) {
            if (s.vmsd != p.layout) continue;
            const bool wanted = target_ >= p.since;
            if (p.kind == Kind::Section && !wanted) {
                lose(s, p, s.data_offset, s.data_offset + s.data_size);
                return {};
            }
            if (p.kind == Kind::Subsection && !wanted) {
                std::vector<const Node*> found;
                collect(s.fields, p.name, found);
                collect(s.subsections, p.name, found);
                for (const Node* n : found) {
                    out_.lost.push_back(fmt::format("{}.<{}>", s.key(), p.name));
                    edits.push_back({n->offset, n->offset + n->size, {}});
                }
            }
            if (p.kind != Kind::Fields) continue;
            const auto there = devstate::run(s, p.name);
            if (there && !wanted) {
                lose(s, p, there->first, there->second);
                edits.push_back({there->first, there->second, {}});
            }
            if (!there && wanted) {
                const auto before = devstate::run(s, p.after);
                if (!before) return fail("section {}: no field '{}'", s.key(), p.after);
                edits.push_back({before->second, before->second, initial_bytes(p)});
            }
        }
        std::sort(edits.begin(), edits.end(),
                  [](const Edit& a, const Edit& b) { return a.begin < b.begin; });
        Part part{s.section_id, s.idstr, s.instance_id, s.version_id, {}, true};
        std::size_t at = s.data_offset;
        auto copy_to = [&](std::size_t end) {
            part.data.insert(part.data.end(), d_.bytes.begin() + std::ptrdiff_t(at),
                             d_.bytes.begin() + std::ptrdiff_t(end));
        };
        for (const Edit& e : edits) {
            copy_to(e.begin);
            part.data.insert(part.data.end(), e.instead.begin(), e.instead.end());
            at = e.end;
        }
        copy_to(s.data_offset + s.data_size);
        out_.parts.push_back(std::move(part));
        return {};
    }

    void lose(const Section& s, const Piece& p, std::size_t begin, std::size_t end) {
        const auto initial = initial_bytes(p);
        if (std::equal(d_.bytes.begin() + std::ptrdiff_t(begin),
                       d_.bytes.begin() + std::ptrdiff_t(end), initial.begin(), initial.end()))
            return;
        out_.lost.push_back(p.name.empty() ? s.key() : fmt::format("{}.{}", s.key(), p.name));
    }

    /// A section that the other version did not have, before the run state's, which is last.
    void add(const Piece& p) {
        auto& parts = out_.parts;
        std::uint32_t id = 0;
        for (const Part& part : parts) {
            if (part.idstr == p.layout) return;
            id = std::max(id, part.section_id + 1);
        }
        auto at = parts.end();
        if (at != parts.begin() && std::prev(at)->idstr == "globalstate") --at;
        parts.insert(at, {id, std::string(p.layout), 0, 1, initial_bytes(p), true});
    }

    const Document& d_;
    const unsigned target_;
    bool pc_ = false;
    Rewritten out_;
};

}  // namespace

Result<Rewritten> rewrite_for(const Document& d, const std::string& machine) {
    return Rewriter(d, TRY(version_of(machine))).run();
}

std::vector<Part> parts_of(const Document& d) {
    std::vector<Part> parts;
    for (const Section& s : d.sections) {
        if (s.type != "full") continue;
        const auto data = d.bytes.begin() + std::ptrdiff_t(s.data_offset);
        parts.push_back({s.section_id,
                         s.idstr,
                         s.instance_id,
                         s.version_id,
                         {data, data + std::ptrdiff_t(s.data_size)},
                         s.footer});
    }
    return parts;
}

}  // namespace devstate
