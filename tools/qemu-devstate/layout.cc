// SPDX-License-Identifier: GPL-2.0-or-later
#include "layout.h"

#include <zlib.h>

namespace devstate {

// Made by the build from tests/data/devstate/layouts.json.gz.
extern const unsigned char layouts_gz[];
extern const unsigned layouts_gz_size;

using qapi::Json;

namespace {

const qapi::JsonArray& list(const Json& j) {
    static const qapi::JsonArray none;
    return j.array() ? *j.array() : none;
}
std::string text(const Json& j) {
    return j.string() ? *j.string() : std::string();
}

LayoutField field_from(const Json& j) {
    LayoutField f;
    f.name = text(j["name"]);
    f.type = text(j["type"]);
    f.size = static_cast<std::size_t>(j["size"].integer().value_or(0));
    if (auto n = j["array_len"].integer()) f.array_len = static_cast<std::uint32_t>(*n);
    if (auto n = j["index"].integer()) f.index = static_cast<std::uint32_t>(*n);
    if (const Json* inner = j.find("struct")) {
        f.is_struct = true;
        f.inner.push_back(Layout::from(*inner));
    } else if (j.find("fields")) {
        f.inner.push_back(Layout::from(j));
    }
    return f;
}

}  // namespace

Layout Layout::from(const Json& j) {
    Layout l;
    l.name = text(j["vmsd_name"]);
    l.version = j["version"].integer();
    l.opaque = j["opaque"].boolean() && *j["opaque"].boolean();
    for (const Json& f : list(j["fields"]))
        l.fields.push_back(field_from(f));
    for (const Json& s : list(j["subsections"]))
        l.subsections.push_back(from(s));
    return l;
}

void Library::add(Layout l) {
    layouts_[l.name].push_back(std::move(l));
}

const std::vector<Layout>* Library::find(std::string_view name) const {
    const auto found = layouts_.find(name);
    return found == layouts_.end() ? nullptr : &found->second;
}

Result<Library> Library::from_json(const Json& j) {
    const Json* all = j.find("vmsds");
    if (!all || !all->object()) return fail("not a library of layouts: no \"vmsds\"");
    Library library;
    for (const auto& [name, layouts] : *all->object())
        for (const Json& l : list(layouts))
            library.add(Layout::from(l));
    return library;
}

Result<Library> Library::built_in() {
    const std::string json =
        TRY(inflate({reinterpret_cast<const char*>(layouts_gz), std::size_t{layouts_gz_size}}));
    return from_json(TRY(Json::parse(json)));
}

Result<Description> Description::from_json(const Json& j) {
    if (!j.find("devices")) return fail("not a description: no \"devices\"");
    Description d;
    for (const Json& device : list(j["devices"])) {
        Entry e{.idstr = text(device["name"]),
                .instance = static_cast<std::uint32_t>(device["instance_id"].integer().value_or(0)),
                .layout = Layout::from(device)};
        d.entries_.push_back(std::move(e));
    }
    return d;
}

std::vector<const Layout*> Description::find(std::string_view idstr, std::uint32_t instance) const {
    std::vector<const Layout*> found;
    for (const Entry& e : entries_)
        if (e.instance == instance && e.idstr == idstr) found.push_back(&e.layout);
    return found;
}

Result<std::string> inflate(std::string_view bytes) {
    if (bytes.size() < 2 || bytes[0] != '\x1F' || bytes[1] != '\x8B') return std::string(bytes);
    z_stream z{};
    if (::inflateInit2(&z, 15 + 16) != Z_OK) return fail("cannot start zlib");
    z.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    z.avail_in = static_cast<uInt>(bytes.size());
    std::string out;
    int status = Z_OK;
    while (status == Z_OK) {
        const std::size_t have = out.size();
        out.resize(have + 262144);
        z.next_out = reinterpret_cast<Bytef*>(out.data() + have);
        z.avail_out = 262144;
        status = ::inflate(&z, Z_NO_FLUSH);
        out.resize(have + 262144 - z.avail_out);
    }
    ::inflateEnd(&z);
    if (status != Z_STREAM_END) return fail("damaged gzip data");
    return out;
}

}  // namespace devstate
