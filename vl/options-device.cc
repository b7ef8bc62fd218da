// SPDX-License-Identifier: GPL-2.0-or-later
//
// Options that make back ends and devices.
#include <algorithm>
#include <array>

#include "net/options.h"
#include "vl/option-groups.h"

namespace vl {

namespace {

using Key = OptionKey;
using Type = OptionKey::Type;

/// Appends one described thing; the option's own name comes back in error messages.
template <auto List>
Result<void> describe(Settings& s, std::string_view option, std::string_view text,
                      std::string_view implied_key, Form form = Form::Options) {
    Described made{TRY(argument(text, implied_key, form)), fmt::format("-{} {}", option, text)};
    if (auto* id = made.object().find("id"))
        for (Described& other : s.*List)
            if (auto* taken = other.object().find("id"); taken && word(*taken) == word(*id))
                return fail("Duplicate ID '{}' for {}", word(*id), option);
    (s.*List).push_back(std::move(made));
    return {};
}

Result<void> line(Settings& s, CharacterLine::Use use, std::string_view option,
                  std::string_view text) {
    s.lines.push_back({use, std::string(text), fmt::format("-{} {}", option, text)});
    return {};
}

/// -hda FILE and its like are -drive with the place filled in.
struct DriveShorthand {
    std::string_view option, interface;
    int index;
    std::string_view media;
};
constexpr std::array shorthands{
    DriveShorthand{"hda", "ide", 0, "disk"},    DriveShorthand{"hdb", "ide", 1, "disk"},
    DriveShorthand{"hdc", "ide", 2, "disk"},    DriveShorthand{"hdd", "ide", 3, "disk"},
    DriveShorthand{"cdrom", "ide", 2, "cdrom"}, DriveShorthand{"fda", "floppy", 0, "disk"},
    DriveShorthand{"fdb", "floppy", 1, "disk"}};

template <std::size_t N>
Result<void> drive_shorthand(Settings& s, std::string_view file) {
    constexpr const DriveShorthand& place = shorthands[N];
    Described described{{qapi::Argument::Form::options, qapi::JsonObject{}},
                        fmt::format("-{} {}", place.option, file)};
    auto& d = described.object();
    d.set("file", std::string(file));
    d.set("if", std::string(place.interface));
    d.set("index", std::to_string(place.index));
    d.set("media", std::string(place.media));
    s.drives.push_back(std::move(described));
    return {};
}

struct DisplayAdapter {
    std::string_view name, description;
};
constexpr std::array display_adapters{DisplayAdapter{"none", "no display adapter"},
                                      DisplayAdapter{"std", "standard VGA (default)"},
                                      DisplayAdapter{"cirrus", "Cirrus VGA"}};

Result<void> vga(Settings& s, std::string_view name) {
    if (name == "help") {
        for (const DisplayAdapter& a : display_adapters)
            s.answer += fmt::format("{:<20} {}\n", a.name, a.description);
        return {};
    }
    if (std::ranges::find(display_adapters, name, &DisplayAdapter::name) == display_adapters.end())
        return fail("unknown or unsupported vga type '{}'", name)
            .with_hint("-vga help lists the types there are");
    return assign(s.vga, name);
}

Result<void> display(Settings& s, std::string_view text) {
    if (text == "help") {
        s.answer = "Available display backend types:\nnone\n";
        return {};
    }
    if (text != "none")
        return fail("only 'none' is supported")
            .with_hint("'screendump' and 'info screen' show what the guest displays");
    s.display = "none";
    return {};
}

using Use = CharacterLine::Use;

constexpr std::array chardev_keys{Key{"backend"},
                                  Key{"path"},
                                  Key{"input-path"},
                                  Key{"append", Type::Boolean},
                                  Key{"abstract", Type::Boolean},
                                  Key{"tight", Type::Boolean},
                                  Key{"host"},
                                  Key{"port"},
                                  Key{"to", Type::Number},
                                  Key{"ipv4", Type::Boolean},
                                  Key{"ipv6", Type::Boolean},
                                  Key{"fd"},
                                  Key{"server", Type::Boolean},
                                  Key{"wait", Type::Boolean},
                                  Key{"delay", Type::Boolean},
                                  Key{"nodelay", Type::Boolean},
                                  Key{"telnet", Type::Boolean},
                                  Key{"reconnect", Type::Number},
                                  Key{"signal", Type::Boolean},
                                  Key{"size", Type::Size},
                                  Key{"chardev"},
                                  Key{"width", Type::Number},
                                  Key{"height", Type::Number},
                                  Key{"cols", Type::Number},
                                  Key{"rows", Type::Number},
                                  Key{"mux", Type::Boolean},
                                  Key{"logfile"},
                                  Key{"logappend", Type::Boolean}};
constexpr std::array drive_keys{Key{"file"},
                                Key{"driver"},
                                Key{"format"},
                                Key{"node-name"},
                                Key{"if"},
                                Key{"bus", Type::Number},
                                Key{"unit", Type::Number},
                                Key{"index", Type::Number},
                                Key{"media"},
                                Key{"snapshot", Type::Boolean},
                                Key{"read-only", Type::Boolean},
                                Key{"auto-read-only", Type::Boolean},
                                Key{"force-share", Type::Boolean},
                                Key{"cache.direct", Type::Boolean},
                                Key{"cache.no-flush", Type::Boolean},
                                Key{"cache.writeback", Type::Boolean},
                                Key{"discard"},
                                Key{"detect-zeroes"},
                                Key{"aio"},
                                Key{"rerror"},
                                Key{"werror"}};
constexpr std::array fw_cfg_keys{Key{"name"}, Key{"file"}, Key{"string"}};
constexpr std::array mon_keys{Key{"chardev"}, Key{"mode"}, Key{"pretty", Type::Boolean}};

constexpr std::array options{
    Option{"device", "DRIVER[,PROP=VALUE...]",
           "add a device ('help' lists the drivers, 'DRIVER,help' its properties)",
           [](Settings& s, std::string_view a) {
               return describe<&Settings::devices>(s, "device", a, "driver");
           },
           "device"},
    Option{"object", "TYPE,id=ID[,PROP=VALUE...]",
           "make a back-end object ('help' lists the types)",
           [](Settings& s, std::string_view a) {
               return describe<&Settings::objects>(s, "object", a, "qom-type");
           },
           "object"},
    Option{"drive", "file=FILE[,if=ide|floppy|none][,media=disk|cdrom][,format=raw]...",
           "add a disk, CD-ROM or floppy",
           [](Settings& s, std::string_view a) {
               return describe<&Settings::drives>(s, "drive", a, "");
           },
           "drive", drive_keys},
    Option{"blockdev", "DRIVER,node-name=NAME[,OPTION=VALUE...]", "make a block node",
           [](Settings& s, std::string_view a) {
               return describe<&Settings::blockdevs>(s, "blockdev", a, "driver", Form::Keyval);
           }},
    Option{"hda", "FILE", "first IDE disk", drive_shorthand<0>},
    Option{"hdb", "FILE", "second IDE disk", drive_shorthand<1>},
    Option{"hdc", "FILE", "third IDE disk", drive_shorthand<2>},
    Option{"hdd", "FILE", "fourth IDE disk", drive_shorthand<3>},
    Option{"cdrom", "FILE", "CD-ROM image", drive_shorthand<4>},
    Option{"fda", "FILE", "floppy disk A", drive_shorthand<5>},
    Option{"fdb", "FILE", "floppy disk B", drive_shorthand<6>},
    Option{"snapshot", "", "write to temporary files instead of the images",
           [](Settings& s, std::string_view) { return assign(s.snapshot, true); }},
    Option{"chardev", "BACKEND,id=ID[,OPTION=VALUE...]",
           "make a character device ('help' lists the back ends)",
           [](Settings& s, std::string_view a) {
               return describe<&Settings::chardevs>(s, "chardev", a, "backend");
           },
           "chardev", chardev_keys},
    Option{"serial", "DEV", "connect a serial port to a character device",
           [](Settings& s, std::string_view a) { return line(s, Use::Serial, "serial", a); }},
    Option{"parallel", "DEV", "connect a parallel port to a character device",
           [](Settings& s, std::string_view a) { return line(s, Use::Parallel, "parallel", a); }},
    Option{"debugcon", "DEV", "connect the debug console (port 0xe9) to a character device",
           [](Settings& s, std::string_view a) { return line(s, Use::Debugcon, "debugcon", a); }},
    Option{"monitor", "DEV", "human monitor on a character device",
           [](Settings& s, std::string_view a) { return line(s, Use::Monitor, "monitor", a); }},
    Option{"qmp", "DEV", "machine monitor on a character device",
           [](Settings& s, std::string_view a) { return line(s, Use::Qmp, "qmp", a); }},
    Option{
        "qmp-pretty", "DEV", "as -qmp, with indented output",
        [](Settings& s, std::string_view a) { return line(s, Use::QmpPretty, "qmp-pretty", a); }},
    Option{"mon", "[chardev=]ID[,mode=readline|control][,pretty=on|off]", "monitor on a chardev",
           [](Settings& s, std::string_view a) {
               return describe<&Settings::monitors>(s, "mon", a, "chardev");
           },
           "mon", mon_keys},
    Option{"netdev", "TYPE,id=ID[,OPTION=VALUE...]", "make a network back end ('help' lists them)",
           [](Settings& s, std::string_view a) -> Result<void> {
               Described d{TRY(net::parse_netdev(a)), fmt::format("-netdev {}", a)};
               // "-netdev help"
               if (d.argument.help) d.object().set("type", "help");
               s.netdevs.push_back(std::move(d));
               return {};
           },
           "netdev"},
    Option{"nic", "[TYPE][,model=MODEL][,OPTION=VALUE...]", "a network card and its back end",
           [](Settings& s, std::string_view a) {
               return describe<&Settings::nics>(s, "nic", a, "type");
           },
           "nic"},
    Option{"net", "nic|TYPE|none[,OPTION=VALUE...]",
           "a network card, or a back end, on hub 0 (the old form)",
           [](Settings& s, std::string_view a) {
               return describe<&Settings::nets>(s, "net", a, "type");
           },
           "net"},
    Option{"audiodev", "DRIVER,id=ID[,OPTION=VALUE...]",
           "make a back end for sound ('help' lists them)",
           [](Settings& s, std::string_view a) {
               return describe<&Settings::audiodevs>(s, "audiodev", a, "driver", Form::Keyval);
           }},
    Option{"vga", "TYPE", "the default display adapter ('help' lists the types)", vga},
    Option{"display", "none", "no window (there is none in this program)", display},
    Option{"nographic", "", "no window; serial port and monitor share the terminal",
           [](Settings& s, std::string_view) { return assign(s.graphic, false); }},
    Option{"smbios", "type=N[,FIELD=VALUE...]", "set SMBIOS fields",
           [](Settings& s, std::string_view a) {
               return describe<&Settings::smbios>(s, "smbios", a, "");
           },
           "smbios"},
    Option{"fw_cfg", "[name=]NAME,file=FILE|string=TEXT", "give firmware a file",
           [](Settings& s, std::string_view a) {
               return describe<&Settings::fw_cfg>(s, "fw_cfg", a, "name");
           },
           "fw_cfg", fw_cfg_keys},
};

}  // namespace

std::span<const Option> device_options() {
    return options;
}

}  // namespace vl
