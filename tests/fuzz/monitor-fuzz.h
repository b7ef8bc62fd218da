// SPDX-License-Identifier: GPL-2.0-or-later
//
// What the monitors' fuzz targets talk to: the real tables of commands that need no machine.
#pragma once

#include <cstdlib>
#include <string>

#include "chardev/chardevs.h"
#include "io/fdset.h"
#include "monitor/qmp-session.h"
#include "qapi/qapi-commands-char.h"

namespace fuzz {

[[noreturn]] inline void wrong(const char* what, std::string_view detail) {
    std::fprintf(stderr, "%s: %.*s\n", what, static_cast<int>(detail.size()), detail.data());
    std::abort();
}

inline Result<qapi::Json> capabilities(qapi::Context& cx, const qapi::Json& arguments) {
    TRY(cx.get<monitor::QmpSession>().negotiate(arguments["enable"].size() > 0));
    return qapi::Json(qapi::JsonObject());
}
inline Result<qapi::Json> echo(qapi::Context&, const qapi::Json& arguments) {
    return arguments;
}
inline constexpr qapi::Command commands[] = {
    {"qmp_capabilities", capabilities, 0},
    {"echo", echo, qapi::Command::allow_oob},
    {"silent", echo, qapi::Command::no_success_response},
};

struct Machine {
    io::FdSets descriptors;
    chardev::Chardevs chardevs{chardev::Environment{nullptr, descriptors, {}, {}}};
    qapi::CommandTable table;
    qapi::Context services;
    Machine() {
        table.add(commands);
        // Not those that open files and sockets of whatever name the input says.
        for (const qapi::Command& c : qapi::commands_char())
            if (c.name != "chardev-add" && c.name != "chardev-change") table.add({&c, 1});
        services.provide(chardevs);
        services.provide(table);
        for (const char* line : {"ringbuf", "null"})
            (void)chardevs.add_line(line, line);
    }
};

}  // namespace fuzz
