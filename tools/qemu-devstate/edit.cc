// SPDX-License-Identifier: GPL-2.0-or-later
//
// Writing files: converted, taken apart, put together.
#include <algorithm>

#include "machines.h"
#include "migration/format.h"
#include "migration/vmstate/stream.h"
#include "tool.h"

namespace devstate {

namespace format = migration::format;

namespace {

Result<const Section*> one_section(const Document& d, const std::string& want) {
    const Section* found = nullptr;
    for (const Section& s : d.sections) {
        if (s.is_command() || (want != s.key() && want != s.idstr)) continue;
        if (found) return fail("'{}' is more than one section: say {}/INSTANCE", want, want);
        found = &s;
    }
    if (!found) return fail("no section '{}'", want);
    return found;
}

void footer(vmstate::Writer& out, std::uint32_t section_id) {
    out.u8(format::footer);
    out.be32(section_id);
}

}  // namespace

Result<int> Tool::convert() {
    const Document d = TRY(open(o_.files[0]));
    const auto drop = TRY(expressions(o_.drop));
    auto parts = parts_of(d);
    if (!o_.machine.empty()) {
        Rewritten r = TRY(rewrite_for(d, o_.machine));
        for (const auto& what : r.lost)
            fmt::print(stderr, "qemu-devstate: {} has no place for {}\n", o_.machine, what);
        parts = std::move(r.parts);
        for (Part& p : parts)
            p.footer = r.footers;
    }
    vmstate::Writer out(d.bytes.size());
    out.be32(format::magic);
    out.be32(format::version);
    if (!o_.configuration.empty()) {
        out.u8(format::configuration);
        out.be32(static_cast<std::uint32_t>(o_.configuration.size()));
        out.bytes(o_.configuration.data(), o_.configuration.size());
    }
    for (const Part& p : parts) {
        if (std::any_of(drop.begin(), drop.end(),
                        [&](const auto& r) { return std::regex_search(p.idstr, r); }))
            continue;
        out.u8(format::section_full);
        out.be32(p.section_id);
        out.counted_string(p.idstr);
        out.be32(p.instance_id);
        out.be32(p.version_id);
        out.bytes(p.data);
        if (o_.footers.value_or(p.footer)) footer(out, p.section_id);
    }
    out.u8(format::end_of_file);
    return write(out.data());
}

Result<int> Tool::extract() {
    const Document d = TRY(open(o_.files[0]));
    const Section* s = TRY(one_section(d, o_.files[1]));
    return write({d.bytes.data() + s->data_offset, s->data_size});
}

Result<int> Tool::replace() {
    const Document d = TRY(open(o_.files[0]));
    const Section* s = TRY(one_section(d, o_.files[1]));
    const auto data = TRY(read_input(o_.files[2]));
    vmstate::Writer out(d.bytes.size() + data.size());
    out.bytes(d.bytes.data(), s->data_offset);
    out.bytes(data);
    if (s->footer) footer(out, s->section_id);
    out.bytes(d.bytes.data() + s->end(), d.bytes.size() - s->end());
    return write(out.data());
}

}  // namespace devstate
