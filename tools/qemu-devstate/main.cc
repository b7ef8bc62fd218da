// SPDX-License-Identifier: GPL-2.0-or-later
//
// qemu-devstate: looks into device-state files and migration streams, compares and edits them,
// without a VM. docs/man/qemu-devstate.1 is its manual.
#include <cstdio>
#include <string_view>

#include "tool.h"

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
