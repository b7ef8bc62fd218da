// SPDX-License-Identifier: GPL-2.0-or-later
#include "options.h"

#include <algorithm>
#include <iterator>

#include "document.h"

namespace devstate {

const char usage[] =
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
  --machine M       rewrite for that version of the machine, as pc-i440fx-6.2 (convert)
  --configuration M begin with a configuration section for machine M (convert)
  --color WHEN      always, never, auto (default: on a terminal)
  -h, --help, -V, --version

exit status: 0 fine, 1 different or damaged, 2 wrong use or unreadable input
)";

namespace {

/// The lines of a file that are neither empty nor comments.
Result<std::vector<std::string>> lines_of(const std::string& name) {
    const auto bytes = TRY(read_input(name));
    std::vector<std::string> lines(1);
    for (const std::uint8_t c : bytes) {
        if (c == '\n')
            lines.emplace_back();
        else
            lines.back() += static_cast<char>(c);
    }
    std::erase_if(lines, [](const auto& line) { return line.empty() || line[0] == '#'; });
    return lines;
}

struct Option {
    std::string_view name, other_name;
    Result<void> (*take)(Options&, std::string value);
};

template <auto Member>
Result<void> set(Options& o, std::string value) {
    o.*Member = std::move(value);
    return {};
}
template <auto Member>
Result<void> append(Options& o, std::string value) {
    (o.*Member).push_back(std::move(value));
    return {};
}

constexpr Option options[] = {
    {"-o", "--output", set<&Options::output>},
    {"--vmdesc", {}, set<&Options::vmdesc>},
    {"--library", {}, set<&Options::library>},
    {"--machine", {}, set<&Options::machine>},
    {"--configuration", {}, set<&Options::configuration>},
    {"--ignore", {}, append<&Options::ignore>},
    {"--drop", {}, append<&Options::drop>},
    {"--ignore-file",
     {},
     [](Options& o, std::string value) -> Result<void> {
         auto lines = TRY(lines_of(value));
         std::move(lines.begin(), lines.end(), std::back_inserter(o.ignore));
         return {};
     }},
    {"--footers",
     {},
     [](Options& o, std::string value) -> Result<void> {
         if (value != "on" && value != "off")
             return fail("--footers: expected on or off, found '{}'", value);
         o.footers = value == "on";
         return {};
     }},
    {"--color", "--colour",
     [](Options& o, std::string value) -> Result<void> {
         if (value != "always" && value != "never" && value != "auto")
             return fail("--color: expected always, never or auto, found '{}'", value);
         o.color = std::move(value);
         return {};
     }},
};

}  // namespace

Result<Options> parse_options(int argc, char** argv) {
    Options o;
    bool only_files = false;
    for (int i = 1; i < argc; i++) {
        std::string a = argv[i];
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
        std::optional<std::string> value;
        if (const auto equals = a.find('='); a.starts_with("--") && equals != a.npos) {
            value = a.substr(equals + 1);
            a.resize(equals);
        }
        const auto known =
            std::find_if(std::begin(options), std::end(options),
                         [&](const Option& k) { return a == k.name || a == k.other_name; });
        if (known == std::end(options))
            return fail("unknown option '{}'; see qemu-devstate --help", a);
        if (!value) {
            if (i + 1 >= argc) return fail("{} needs a value", a);
            value = argv[++i];
        }
        TRY(known->take(o, *std::move(value)));
    }
    if (o.command.empty()) return fail("no command; see qemu-devstate --help");
    return o;
}

}  // namespace devstate
