// SPDX-License-Identifier: GPL-2.0-or-later
//
// qemu-devstate: looks into device-state files and migration streams, compares and edits them,
// without a VM. docs/man/qemu-devstate.1 is its manual.
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <map>
#include <regex>
#include <set>

#include "document.h"
#include "migration/format.h"
#include "migration/state-file.h"
#include "migration/vmstate/stream.h"
#include "print.h"

namespace devstate {
namespace {

constexpr char usage[] =
    R"(usage: qemu-devstate COMMAND [OPTION]... FILE...

  info FILE                     what kind of stream, and its sections
  show FILE [SECTION[/FIELD]]   every field, decoded
  check FILE                    whether every byte is accounted for and every section is understood
  diff A B                      field by field; exit status 1 when they differ
  grep REGEX FILE...            fields whose path or value matches
  convert FILE                  write as a device-state file: RAM and description left out
  extract FILE SECTION          one section's data
  replace FILE SECTION DATA     the file with other data in that section

SECTION is an idstr, or IDSTR/INSTANCE: i8259/1, 0000:00:01.1/ide. A FILE may be compressed by gzip;
- is standard input.

  --json            machine readable output (info, show, check, diff, grep)
  -o FILE           write there (convert, extract, replace; default: standard output)
  --vmdesc FILE     the description of the stream's fields, when it carries none
  --library FILE    layouts to use in place of the built-in ones
  --ignore REGEX    leave out fields whose path matches (diff); may be given again
  --ignore-file F   the same, a line each
  --footers on|off  end sections with footers or not (convert)
  --drop REGEX      leave out sections whose idstr matches (convert); may be given again
  --configuration M begin with a configuration section for machine M (convert)
  --color WHEN      always, never, auto (default: on a terminal)
  -h, --help, -V, --version

exit status: 0 fine, 1 different or damaged, 2 wrong use or unreadable input
)";

struct Options {
    std::string command, output = "-", vmdesc, library, color = "auto", configuration;
    std::optional<bool> footers;
    std::vector<std::string> files, ignore, drop;
    bool json = false;
};

class Tool {
public:
    explicit Tool(Options o) : o_(std::move(o)) {
        colour_ = o_.color == "always" || (o_.color == "auto" && ::isatty(STDOUT_FILENO));
    }

    Result<int> run() {
        library_ = o_.library.empty() ? TRY(Library::built_in()) : TRY(library_file());
        if (!o_.vmdesc.empty()) {
            const qapi::Json json = TRY(json_file(o_.vmdesc));
            description_ = TRY(Description::from_json(json));
        }
        struct Command {
            std::string_view name;
            std::size_t least, most;
            Result<int> (Tool::*run)();
        };
        static constexpr Command commands[] = {
            {"info", 1, 1, &Tool::info},       {"show", 1, 2, &Tool::show},
            {"check", 1, 1, &Tool::check},     {"diff", 2, 2, &Tool::diff},
            {"grep", 2, 1000, &Tool::grep},    {"convert", 1, 1, &Tool::convert},
            {"extract", 2, 2, &Tool::extract}, {"replace", 3, 3, &Tool::replace},
        };
        for (const Command& c : commands) {
            if (c.name != o_.command) continue;
            if (o_.files.size() < c.least || o_.files.size() > c.most)
                return fail("{}: {} argument{} given; see qemu-devstate --help", c.name,
                            o_.files.size(), o_.files.size() == 1 ? "" : "s");
            return (this->*c.run)();
        }
        return fail("unknown command '{}'; see qemu-devstate --help", o_.command);
    }

private:
    // ---- commands

    Result<int> info() {
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
        put("{}{:>5} {:>5}  {:<{}} {:>4} {:>4} {:>8} {:>8}  layout{}\n", bold(), "#", "id",
            "section", widest, "inst", "ver", "offset", "bytes", plain());
        for (const Section& s : d.sections) {
            if (s.is_command()) {
                put("{:>5} {:>5}  command {}\n", s.index, "", s.command);
                continue;
            }
            const bool bad = s.layout == "none" || s.layout == "mismatch";
            put("{:>5} {:>5}  {:<{}} {:>4} {:>4} {:>8x} {:>8}  {}{}{}\n", s.index, s.section_id,
                s.idstr, widest, s.instance_id, s.version_id, s.offset, s.data_size,
                bad ? red() : "", s.ram ? s.type : s.vmsd.value_or(s.layout), bad ? plain() : "");
        }
        if (d.trailing_bytes) put("{} bytes after the end\n", d.trailing_bytes);
        return 0;
    }

    Result<int> show() {
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

    Result<int> check() {
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

    Result<int> diff() {
        const Document a = TRY(open(o_.files[0])), b = TRY(open(o_.files[1]));
        std::vector<std::regex> ignored = TRY(expressions(o_.ignore));
        auto skipped = [&](const std::string& path) {
            return std::any_of(ignored.begin(), ignored.end(),
                               [&](const auto& r) { return std::regex_search(path, r); });
        };
        const auto fa = keyed(a), fb = keyed(b);
        std::map<std::string_view, const qapi::Json*> in_a, in_b;
        for (const auto& [k, v] : fa)
            in_a[k] = &v;
        for (const auto& [k, v] : fb)
            in_b[k] = &v;
        qapi::JsonArray found;
        auto report = [&](const std::string& path, const qapi::Json* va, const qapi::Json* vb) {
            qapi::JsonObject o;
            o.append("path", path);
            if (va) o.append("a", *va);
            if (vb) o.append("b", *vb);
            found.emplace_back(std::move(o));
        };
        for (const auto& [k, v] : fa) {
            const auto other = in_b.find(k);
            if (skipped(k)) continue;
            if (other == in_b.end())
                report(k, &v, nullptr);
            else if (!(v == *other->second))
                report(k, &v, other->second);
        }
        for (const auto& [k, v] : fb)
            if (!in_a.contains(k) && !skipped(k)) report(k, nullptr, &v);
        auto order = [](const Document& d) {
            std::vector<std::string> keys;
            for (const Section& s : d.sections)
                if (s.type == "full") keys.push_back(s.key());
            return keys;
        };
        auto oa = order(a), ob = order(b);
        if (oa != ob && !skipped("@order")) {
            const qapi::Json ja(qapi::JsonArray(oa.begin(), oa.end())),
                jb(qapi::JsonArray(ob.begin(), ob.end()));
            std::sort(oa.begin(), oa.end());
            std::sort(ob.begin(), ob.end());
            if (oa == ob) report("@order", &ja, &jb);
        }
        auto whole = [&](const std::string& key, const qapi::Json& va, const qapi::Json& vb) {
            if (!(va == vb) && !skipped(key)) report(key, &va, &vb);
        };
        whole("@kind", a.kind, b.kind);
        whole("@footers", a.footers_json(), b.footers_json());
        whole("@trailing_bytes", a.trailing_bytes, b.trailing_bytes);
        if (o_.json) {
            const bool same = found.empty();
            emit(std::move(found));
            return same ? 0 : 1;
        }
        for (const qapi::Json& d : found) {
            const auto& path = *d["path"].string();
            if (!d.find("b"))
                put("{}- {} = {}{}\n", red(), path, value_text(d["a"]), plain());
            else if (!d.find("a"))
                put("{}+ {} = {}{}\n", green(), path, value_text(d["b"]), plain());
            else
                put("! {}: {}{}{} -> {}{}{}\n", path, red(), value_text(d["a"]), plain(), green(),
                    value_text(d["b"]), plain());
        }
        return found.empty() ? 0 : 1;
    }

    Result<int> grep() {
        const auto patterns = TRY(expressions({o_.files[0]}));
        qapi::JsonArray found;
        bool any = false;
        for (std::size_t i = 1; i < o_.files.size(); i++) {
            const Document d = TRY(open(o_.files[i]));
            for (const auto& f : d.flat()) {
                const std::string value = value_text(f.value);
                if (!std::regex_search(f.path, patterns[0]) &&
                    !std::regex_search(value, patterns[0]))
                    continue;
                any = true;
                if (o_.json)
                    found.push_back(qapi::Json::object({{"file", o_.files[i]},
                                                        {"path", f.path},
                                                        {"offset", f.offset},
                                                        {"value", f.value}}));
                else
                    put("{}{} = {}\n", o_.files.size() > 2 ? o_.files[i] + ": " : "", f.path,
                        value);
            }
        }
        if (o_.json) emit(std::move(found));
        return any ? 0 : 1;
    }

    Result<int> convert() {
        const Document d = TRY(open(o_.files[0]));
        const auto drop = TRY(expressions(o_.drop));
        vmstate::Writer out(d.bytes.size());
        out.bytes(d.bytes.data(), 8);
        if (!o_.configuration.empty()) {
            out.u8(migration::format::configuration);
            out.be32(static_cast<std::uint32_t>(o_.configuration.size()));
            out.bytes(o_.configuration.data(), o_.configuration.size());
        }
        for (const Section& s : d.sections) {
            if (s.type != "full") continue;
            if (std::any_of(drop.begin(), drop.end(),
                            [&](const auto& r) { return std::regex_search(s.idstr, r); }))
                continue;
            section_bytes(out, d, s, {d.bytes.data() + s.data_offset, s.data_size},
                          o_.footers.value_or(s.footer));
        }
        out.u8(migration::format::end_of_file);
        return write(out.data());
    }

    Result<int> extract() {
        const Document d = TRY(open(o_.files[0]));
        const Section* s = TRY(one_section(d, o_.files[1]));
        return write({d.bytes.data() + s->data_offset, s->data_size});
    }

    Result<int> replace() {
        const Document d = TRY(open(o_.files[0]));
        const Section* s = TRY(one_section(d, o_.files[1]));
        const auto data = TRY(read_input(o_.files[2]));
        vmstate::Writer out(d.bytes.size() + data.size());
        out.bytes(d.bytes.data(), s->offset);
        section_bytes(out, d, *s, data, s->footer);
        out.bytes(d.bytes.data() + s->end(), d.bytes.size() - s->end());
        return write(out.data());
    }

    // ---- what they share

    Result<qapi::Json> json_file(const std::string& name) {
        const auto bytes = TRY(read_input(name));
        std::string text(bytes.begin(), bytes.end());
        text.erase(text.find_last_not_of('\0') + 1);
        auto j = qapi::Json::parse(text);
        if (!j) return std::move(j).error().prepend(name + ": ");
        return j;
    }
    Result<Library> library_file() {
        const qapi::Json json = TRY(json_file(o_.library));
        return Library::from_json(json);
    }
    Result<Document> open(const std::string& name) {
        return parse_file(name, library_, description_ ? &*description_ : nullptr);
    }

    static Result<std::vector<std::regex>> expressions(const std::vector<std::string>& texts) {
        std::vector<std::regex> out;
        for (const auto& t : texts) {
            // The one library call here that reports by an exception.
            try {
                out.emplace_back(t, std::regex::ECMAScript | std::regex::optimize);
            } catch (const std::regex_error& e) {
                return fail("bad regular expression '{}': {}", t, e.what());
            }
        }
        return out;
    }

    /// "idstr", "idstr/instance", with or without "/field" behind.
    static bool selects(const Section& s, const std::string& want, std::string& field) {
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
    static bool below(std::string_view path, std::string_view field) {
        return path == field || (path.starts_with(field) &&
                                 (path[field.size()] == '.' || path[field.size()] == '['));
    }
    static Result<const Section*> one_section(const Document& d, const std::string& want) {
        const Section* found = nullptr;
        for (const Section& s : d.sections) {
            if (s.is_command() || (want != s.key() && want != s.idstr)) continue;
            if (found) return fail("'{}' is more than one section: say {}/INSTANCE", want, want);
            found = &s;
        }
        if (!found) return fail("no section '{}'", want);
        return found;
    }
    static void section_bytes(vmstate::Writer& out, const Document& d, const Section& s,
                              std::span<const std::uint8_t> data, bool footer) {
        out.bytes(d.bytes.data() + s.offset, s.data_offset - s.offset);
        out.bytes(data);
        if (!footer) return;
        out.u8(migration::format::footer);
        out.be32(s.section_id);
    }
    static std::vector<std::pair<std::string, qapi::Json>> keyed(const Document& d) {
        std::vector<std::pair<std::string, qapi::Json>> out;
        std::map<std::string, int> seen;
        for (auto& f : d.flat()) {
            const int n = ++seen[f.path];
            out.emplace_back(n == 1 ? f.path : fmt::format("{}##{}", f.path, n),
                             std::move(f.value));
        }
        return out;
    }

    Result<int> write(std::span<const std::uint8_t> bytes) {
        migration::FileCalls calls;
        TRY(write_state_file(calls, nullptr, o_.output == "-" ? "/dev/stdout" : o_.output, bytes));
        return 0;
    }
    int emit(const qapi::Json& j) {
        put("{}\n", j.pretty_text());
        return 0;
    }
    template <class... A>
    void put(fmt::format_string<A...> format, A&&... args) {
        fmt::print(stdout, format, std::forward<A>(args)...);
    }
    const char* bold() const { return colour_ ? "\033[1m" : ""; }
    const char* dim() const { return colour_ ? "\033[2m" : ""; }
    const char* red() const { return colour_ ? "\033[31m" : ""; }
    const char* green() const { return colour_ ? "\033[32m" : ""; }
    const char* plain() const { return colour_ ? "\033[0m" : ""; }

    Options o_;
    Library library_;
    std::optional<Description> description_;
    bool colour_ = false;
};

Result<Options> parse_options(int argc, char** argv) {
    Options o;
    bool only_files = false;
    for (int i = 1; i < argc; i++) {
        std::string a = argv[i];
        std::optional<std::string> attached;
        if (only_files || a == "-" || !a.starts_with('-')) {
            if (o.command.empty())
                o.command = a;
            else
                o.files.push_back(a);
            continue;
        }
        if (a == "--") {
            only_files = true;
            continue;
        }
        if (a == "--json") {
            o.json = true;
            continue;
        }
        if (const auto equals = a.find('='); a.starts_with("--") && equals != a.npos) {
            attached = a.substr(equals + 1);
            a.resize(equals);
        }
        auto value = [&]() -> Result<std::string> {
            if (attached) return *attached;
            if (i + 1 >= argc) return fail("{} needs a value", a);
            return std::string(argv[++i]);
        };
        if (a == "-o" || a == "--output") {
            o.output = TRY(value());
        } else if (a == "--vmdesc") {
            o.vmdesc = TRY(value());
        } else if (a == "--library") {
            o.library = TRY(value());
        } else if (a == "--configuration") {
            o.configuration = TRY(value());
        } else if (a == "--ignore") {
            o.ignore.push_back(TRY(value()));
        } else if (a == "--drop") {
            o.drop.push_back(TRY(value()));
        } else if (a == "--ignore-file") {
            const std::string name = TRY(value());
            const auto bytes = TRY(read_input(name));
            std::string line;
            for (const std::uint8_t c : bytes) {
                if (c != '\n') {
                    line += static_cast<char>(c);
                    continue;
                }
                if (!line.empty() && line[0] != '#') o.ignore.push_back(line);
                line.clear();
            }
            if (!line.empty() && line[0] != '#') o.ignore.push_back(line);
        } else if (a == "--footers") {
            const std::string v = TRY(value());
            if (v != "on" && v != "off")
                return fail("--footers: expected on or off, found '{}'", v);
            o.footers = v == "on";
        } else if (a == "--color" || a == "--colour") {
            o.color = TRY(value());
            if (o.color != "always" && o.color != "never" && o.color != "auto")
                return fail("--color: expected always, never or auto, found '{}'", o.color);
        } else {
            return fail("unknown option '{}'; see qemu-devstate --help", a);
        }
    }
    if (o.command.empty()) return fail("no command; see qemu-devstate --help");
    return o;
}

}  // namespace
}  // namespace devstate

int main(int argc, char** argv) {
    for (int i = 1; i < argc; i++) {
        const std::string_view a = argv[i];
        if (a == "-h" || a == "--help") {
            std::fputs(devstate::usage, stdout);
            return 0;
        }
        if (a == "-V" || a == "--version") {
            std::puts("qemu-devstate 7.2.0");
            return 0;
        }
    }
    auto options = devstate::parse_options(argc, argv);
    Result<int> status =
        options ? devstate::Tool(*std::move(options)).run() : Result<int>(options.error());
    if (!status) {
        fmt::print(stderr, "qemu-devstate: {}\n", status.error().description());
        return 2;
    }
    return *status;
}
