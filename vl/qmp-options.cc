// SPDX-License-Identifier: GPL-2.0-or-later
//
// query-command-line-options, from the option tables.
#include <algorithm>

#include "qapi/context.h"
#include "qapi/qapi-commands-misc.h"
#include "vl/options.h"

namespace qapi {

namespace {

/// The keys that are no text.
CommandLineParameterType type_of(std::string_view group, std::string_view key) {
    if (group == "chardev" && key == "fd") return CommandLineParameterType::string;  // or a name
    constexpr std::string_view booleans[] = {"usb",
                                             "mem-merge",
                                             "dump-guest-core",
                                             "suppress-vmdesc",
                                             "enable",
                                             "timestamp",
                                             "mem-lock",
                                             "cpu-pm",
                                             "debug-threads",
                                             "menu",
                                             "strict",
                                             "pretty",
                                             "server",
                                             "wait",
                                             "delay",
                                             "nodelay",
                                             "telnet",
                                             "ipv4",
                                             "ipv6",
                                             "mux",
                                             "signal",
                                             "append",
                                             "abstract",
                                             "tight",
                                             "logappend"};
    constexpr std::string_view numbers[] = {
        "slots",   "cpus",     "sockets", "dies", "cores",       "threads",
        "maxcpus", "clusters", "fd",      "set",  "splash-time", "reboot-timeout",
        "width",   "height",   "cols",    "rows", "to",          "reconnect"};
    if (std::ranges::find(booleans, key) != std::end(booleans))
        return CommandLineParameterType::boolean;
    if (std::ranges::find(numbers, key) != std::end(numbers))
        return CommandLineParameterType::number;
    return CommandLineParameterType::string;
}

}  // namespace

Result<std::vector<CommandLineOptionInfo>> qmp_query_command_line_options(
    Context&, const QueryCommandLineOptionsArgs& args) {
    std::vector<CommandLineOptionInfo> list;
    for (const vl::OptionGroup& group : vl::option_groups()) {
        for (const vl::Option& option : group.options) {
            if (option.group.empty() || (args.option && *args.option != option.group)) continue;
            const auto same = std::ranges::find(list, option.group, &CommandLineOptionInfo::option);
            if (same != list.end()) continue;  // -m and -memory are one
            CommandLineOptionInfo info{.option = std::string(option.group), .parameters = {}};
            for (const std::string_view key : option.keys) {
                CommandLineParameterInfo& parameter = info.parameters.emplace_back();
                parameter.name = key;
                parameter.type = type_of(option.group, key);
            }
            list.push_back(std::move(info));
        }
    }
    if (args.option && list.empty()) return fail("invalid option name: {}", *args.option);
    return list;
}

}  // namespace qapi
