// SPDX-License-Identifier: GPL-2.0-or-later
#include "decoder.h"

#include <algorithm>

#include "migration/format.h"

namespace devstate {

namespace format = migration::format;

std::uint64_t Decoder::number(std::size_t pos, unsigned size) const {
    std::uint64_t v = 0;
    for (unsigned i = 0; i < size; i++)
        v = v << 8 | b_[pos + i];
    return v;
}

Result<void> Decoder::need(std::size_t pos, std::size_t n, std::string_view what) const {
    if (has(pos, n)) return {};
    return fail("truncated: {} needs {} byte(s) at offset 0x{:x}, file has 0x{:x}", what, n, pos,
                b_.size());
}

Result<std::string> Decoder::text(std::size_t pos, std::size_t n) const {
    TRY(need(pos, n, "name"));
    const auto raw = b_.subspan(pos, n);
    return std::string(raw.begin(), raw.end());
}

std::optional<Decoder::Subsection> Decoder::subsection_at(std::size_t pos,
                                                          std::size_t limit) const {
    if (pos + 2 > limit || b_[pos] != format::subsection) return {};
    const std::size_t n = b_[pos + 1];
    if (n == 0 || pos + 6 + n > limit) return {};
    const auto name = b_.subspan(pos + 2, n);
    if (std::any_of(name.begin(), name.end(), [](auto c) { return c < 0x20 || c > 0x7E; }))
        return {};
    return Subsection{.name = {name.begin(), name.end()},
                      .version = static_cast<std::uint32_t>(number(pos + 2 + n, 4)),
                      .data = pos + 6 + n};
}

Result<Node> Decoder::leaf(std::string name, std::string type, std::size_t& pos, std::size_t size) {
    if (!has(pos, size)) return fail("field {}: {} bytes at 0x{:x}, past the end", name, size, pos);
    Node n;
    n.value = vmstate::decode_value(type, b_.subspan(pos, size));
    n.name = std::move(name);
    n.type = std::move(type);
    n.offset = pos;
    n.size = size;
    pos += size;
    return n;
}

Result<std::vector<Node>> Decoder::fields(const Layout& layout, std::size_t& pos) {
    std::vector<Node> nodes;
    // An IDE drive's identify data are there exactly when identify_set is not 0, whatever the
    // drive did when the layout was recorded.
    const bool drive = layout.name == "ide_drive" && layout.fields.size() > 2 &&
                       layout.fields[1].name == "identify_set";
    const bool identified = drive && has(pos + 4, 4) && number(pos + 4, 4) != 0;
    for (std::size_t i = 0; i < layout.fields.size(); i++) {
        if (drive && i == 2 && identified)
            nodes.push_back(TRY(leaf("identify_data", "buffer", pos, 512)));
        const LayoutField& f = layout.fields[i];
        if (drive && f.name == "identify_data") continue;
        if (f.index)
            nodes.push_back(TRY(field(f, pos, fmt::format("{}[{}]", f.name, *f.index))));
        else if (f.array_len)
            nodes.push_back(TRY(array(f, pos)));
        else
            nodes.push_back(TRY(field(f, pos, f.name)));
    }
    return nodes;
}

Result<Node> Decoder::array(const LayoutField& f, std::size_t& pos) {
    Node n;
    n.name = f.name;
    n.type = f.type;
    n.offset = pos;
    n.array_len = *f.array_len;
    // Also where a description says that an element has no bytes.
    if (!has(pos, *f.array_len) || !has(pos, f.size)) return fail("array {} past the end", f.name);
    if (!f.inner.empty()) {
        n.is_array = true;
        for (std::uint32_t i = 0; i < *f.array_len; i++)
            n.fields.push_back(TRY(field(f, pos, fmt::format("[{}]", i))));
    } else {
        if (!has(pos, std::size_t{*f.array_len} * f.size))
            return fail("array {} past the end", f.name);
        qapi::JsonArray values;
        for (std::uint32_t i = 0; i < *f.array_len; i++, pos += f.size)
            values.push_back(vmstate::decode_value(f.type, b_.subspan(pos, f.size)));
        n.value = std::move(values);
        n.element_size = static_cast<std::uint32_t>(f.size);
    }
    n.size = pos - n.offset;
    return n;
}

Result<Node> Decoder::field(const LayoutField& f, std::size_t& pos, std::string name) {
    if (f.type == "virtio" && f.inner.empty()) return virtio(f, pos, std::move(name));
    if (f.inner.empty()) return leaf(std::move(name), f.type, pos, f.size);
    Node n = TRY(structure(f.inner.front(), pos, std::move(name)));
    n.type = f.is_struct ? "struct" : f.type;
    return n;
}

Result<Node> Decoder::structure(const Layout& layout, std::size_t& pos, std::string name) {
    Node n;
    n.name = std::move(name);
    n.type = "struct";
    n.is_struct = true;
    n.offset = pos;
    if (!layout.name.empty()) n.vmsd = layout.name;
    n.version = layout.version;
    n.fields = TRY(fields(layout, pos));
    n.subsections = TRY(subsections(layout, pos));
    n.size = pos - n.offset;
    return n;
}

/// Whether what follows `pos` proves that something ended there.
bool Decoder::ends_well(std::size_t pos) const {
    if (has(pos, 5) && b_[pos] == format::footer && number(pos + 1, 4) == section_id_) return true;
    return subsection_at(pos, b_.size()).has_value();
}

Result<std::vector<Node>> Decoder::subsections(const Layout& layout, std::size_t& pos) {
    std::vector<Node> found;
    for (;;) {
        const auto s = subsection_at(pos, b_.size());
        // It belongs to the innermost struct whose name it extends.
        if (!s || !s->name.starts_with(layout.name) || s->name.size() <= layout.name.size()) break;
        std::vector<const Layout*> candidates;
        for (const Layout& l : layout.subsections)
            if (l.name == s->name) candidates.push_back(&l);
        if (const auto* known = library_.find(s->name))
            for (const Layout& l : *known)
                candidates.push_back(&l);
        if (candidates.empty()) return fail("unknown subsection '{}' at 0x{:x}", s->name, pos);
        std::optional<Node> best;
        std::optional<Error> error;
        int rank = -1;
        std::size_t best_end = pos;
        for (const Layout* l : candidates) {
            std::size_t end = s->data;
            auto n = structure(*l, end, s->name);
            if (!n) {
                error = n.error();
                continue;
            }
            const int r = ends_well(end) ? 2
                          : end < b_.size() &&
                                  (b_[end] == format::footer || b_[end] == format::section_full ||
                                   b_[end] == format::end_of_file)
                              ? 1
                              : 0;
            if (r > rank) {
                best = *std::move(n);
                best_end = end;
                rank = r;
            }
            if (r == 2) break;
        }
        if (!best) return *std::move(error);
        best->type = "subsection";
        best->version = s->version;
        best->offset = pos;
        best->size = best_end - pos;
        found.push_back(*std::move(best));
        pos = best_end;
    }
    return found;
}

}  // namespace devstate
