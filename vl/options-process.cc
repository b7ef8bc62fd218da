// SPDX-License-Identifier: GPL-2.0-or-later
//
// Options about the process: what it shows, where it logs, as whom it runs.
#include <array>
#include <cerrno>
#include <fstream>

#include "util/log.h"
#include "vl/option-groups.h"

namespace vl {

namespace {

using Key = OptionKey;
using Type = OptionKey::Type;

constexpr std::array sandbox_keys{Key{"enable", Type::Boolean}, Key{"obsolete"},
                                  Key{"elevateprivileges"}, Key{"spawn"}, Key{"resourcecontrol"}};
constexpr std::array trace_keys{Key{"enable"}, Key{"events"}, Key{"file"}};
constexpr std::array msg_keys{Key{"timestamp", Type::Boolean}, Key{"guest-name", Type::Boolean}};
constexpr std::array add_fd_keys{Key{"fd", Type::Number}, Key{"set", Type::Number}, Key{"opaque"}};

Result<void> log_items(Settings& s, std::string_view text) {
    if (text == "help" || text == "?")
        s.answer = "Log items (comma separated):\n" + Log::help();
    else
        s.log_items = text;
    return {};
}

Result<void> trace(Settings& s, std::string_view text) {
    if (text == "help" || text == "?") {
        for (TracePoint p : TraceSwitches::matching("*"))
            s.answer += fmt::format("{}\n", TraceSwitches::name(p));
        return {};
    }
    auto given = TRY(checked(text, "enable", trace_keys));
    if (auto* file = given.find("events")) {
        const std::string name = word(*file);
        std::ifstream in(name);
        if (!in)
            return fail_errno(errno, fmt::format("could not open trace events file '{}'", name));
        for (std::string line; std::getline(in, line);)
            if (!line.empty() && line.front() != '#') s.trace.push_back(line);
    }
    if (auto* pattern = given.find("enable")) s.trace.push_back(word(*pattern));
    if (auto* file = given.find("file")) s.log_file = word(*file);
    return {};
}

Result<void> set_option(Settings& s, std::string_view text) {
    // GROUP.ID.KEY=VALUE changes an option given before it.
    const auto dot = text.find('.'), equals = text.find('=');
    const auto second = dot == text.npos ? text.npos : text.find('.', dot + 1);
    if (second == text.npos || equals == text.npos || equals < second)
        return fail("can't parse: \"{}\"", text).with_hint("expected GROUP.ID.KEY=VALUE");
    const auto group = text.substr(0, dot), id = text.substr(dot + 1, second - dot - 1),
               key = text.substr(second + 1, equals - second - 1);
    for (auto [name, list] : {std::pair{"device", &s.devices}, std::pair{"object", &s.objects},
                              std::pair{"chardev", &s.chardevs}, std::pair{"drive", &s.drives},
                              std::pair{"netdev", &s.netdevs}, std::pair{"mon", &s.monitors}}) {
        if (group != name) continue;
        for (Described& d : *list)
            if (auto* v = d.object().find("id"); v && word(*v) == id) {
                d.object().set(std::string(key), std::string(text.substr(equals + 1)));
                return {};
            }
        return fail("there is no {} \"{}\" defined", group, id);
    }
    return fail("There is no option group '{}'", group);
}

constexpr std::array options{
    Option{"help", "", "print this text",
           [](Settings& s, std::string_view) { return assign(s.answer, help_text()); }},
    Option{"h", "", "as -help",
           [](Settings& s, std::string_view) { return assign(s.answer, help_text()); }},
    Option{"version", "", "print the version",
           [](Settings& s, std::string_view) { return assign(s.answer, version_text()); }},
    Option{"pidfile", "FILE", "write the process id to FILE",
           [](Settings& s, std::string_view a) { return assign(s.pidfile, a); }},
    Option{"daemonize", "", "go to the background once the monitors listen",
           [](Settings& s, std::string_view) { return assign(s.daemonize, true); }},
    Option{"runas", "USER", "change to this user before the guest runs (name or uid:gid)",
           [](Settings& s, std::string_view a) { return assign(s.runas, a); }},
    Option{"chroot", "DIR", "change the root directory before the guest runs",
           [](Settings& s, std::string_view a) { return assign(s.chroot, a); }},
    Option{"sandbox", "on|off[,obsolete=][,elevateprivileges=][,spawn=][,resourcecontrol=]",
           "confine the process with seccomp",
           [](Settings& s, std::string_view a) {
               return merge_checked(s.sandbox, a, "enable", sandbox_keys);
           },
           "sandbox", sandbox_keys},
    Option{"d", "ITEM[,...]", "log these items ('help' lists them)", log_items},
    Option{"D", "FILE", "write the log to FILE instead of stderr",
           [](Settings& s, std::string_view a) { return assign(s.log_file, a); }},
    Option{"trace", "[enable=]PATTERN[,events=FILE][,file=FILE]",
           "enable trace points ('help' lists them), and those that a file names", trace, "trace",
           trace_keys},
    Option{"msg", "[timestamp=on|off][,guest-name=on|off]", "form of messages",
           [](Settings& s, std::string_view a) { return merge_checked(s.msg, a, "", msg_keys); },
           "msg", msg_keys},
    Option{"set", "GROUP.ID.KEY=VALUE", "change one setting of an option given before", set_option},
    Option{"readconfig", "FILE", "read more options from an INI file",
           [](Settings& s, std::string_view a) -> Result<void> { return read_config(s, a); }},
    Option{"add-fd", "fd=FD,set=SET[,opaque=TEXT]", "put an inherited descriptor into an fd set",
           [](Settings& s, std::string_view a) -> Result<void> {
               s.add_fds.push_back(
                   {{.value = TRY(checked(a, "", add_fd_keys))}, fmt::format("-add-fd {}", a)});
               return {};
           },
           "add-fd", add_fd_keys},
    Option{"qtest", "DEV", "serve the qtest protocol on a character device",
           [](Settings& s, std::string_view a) -> Result<void> {
               s.lines.push_back(
                   {CharacterLine::Use::Qtest, std::string(a), fmt::format("-qtest {}", a)});
               return {};
           }},
    Option{"qtest-log", "FILE", "log the qtest protocol to FILE ('none': nowhere)",
           [](Settings& s, std::string_view a) { return assign(s.qtest_log, a); }},
};

}  // namespace

std::span<const Option> process_options() {
    return options;
}

}  // namespace vl
