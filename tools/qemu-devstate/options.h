// SPDX-License-Identifier: GPL-2.0-or-later
//
// The command line of qemu-devstate.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "util/result.h"

namespace devstate {

extern const char usage[];

struct Options {
    std::string command, output = "-", vmdesc, library, color = "auto", configuration, machine;
    std::optional<bool> footers;
    std::vector<std::string> files, ignore, drop;
    bool json = false;
};

Result<Options> parse_options(int argc, char** argv);

}  // namespace devstate
