// SPDX-License-Identifier: GPL-2.0-or-later
#include "vl/report.h"

#include <cstdio>
#include <string>

namespace vl {

namespace {

constexpr std::string_view program = "qemu-system-x86_64";

void line(std::string_view kind, std::string_view text) {
    const auto whole = fmt::format("{}: {}{}\n", program, kind, text);
    std::fwrite(whole.data(), 1, whole.size(), stderr);
}

}  // namespace

void report_error(const Error& e) {
    line("", e.description());
    if (!e.hint().empty()) {
        std::string hint = e.hint();
        if (hint.back() != '\n') hint += '\n';
        std::fwrite(hint.data(), 1, hint.size(), stderr);
    }
}
void report_warning(std::string_view text) {
    line("warning: ", text);
}
void report_info(std::string_view text) {
    line("", text);
}

}  // namespace vl
