// SPDX-License-Identifier: GPL-2.0-or-later
#include "vl/report.h"

#include <fmt/chrono.h>

#include <chrono>
#include <cstdio>

#include "vl/option-groups.h"

namespace vl {

namespace {

constexpr std::string_view program = "qemu-system-x86_64";

/// "2026-11-25T02:32:00.976160Z ".
std::string now() {
    using namespace std::chrono;
    const auto time = system_clock::now().time_since_epoch();
    const auto whole = duration_cast<seconds>(time);
    return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:06}Z ", fmt::gmtime(whole.count()),
                       duration_cast<microseconds>(time - whole).count());
}

}  // namespace

Reporter::Reporter(const Settings& s) {
    auto on = [&](const char* key) {
        auto* v = s.msg.find(key);
        return v && word(*v) == "on";
    };
    timestamp_ = on("timestamp");
    if (on("guest-name") && !s.name.empty()) guest_ = s.name + ' ';
}

void Reporter::line(std::string_view kind, std::string_view text) const {
    const auto whole = fmt::format("{}{}{}: {}{}\n", timestamp_ ? now() : std::string(), guest_,
                                   program, kind, text);
    std::fwrite(whole.data(), 1, whole.size(), stderr);
}

void Reporter::error(const Error& e) const {
    line("", e.description());
    if (!e.hint().empty()) {
        std::string hint = e.hint();
        if (hint.back() != '\n') hint += '\n';
        std::fwrite(hint.data(), 1, hint.size(), stderr);
    }
}

void Reporter::warning(std::string_view text) const {
    line("warning: ", text);
}

void Reporter::info(std::string_view text) const {
    line("", text);
}

void Reporter::caution(std::string_view text) const {
    const auto whole = fmt::format("WARNING: {}\n", text);
    std::fwrite(whole.data(), 1, whole.size(), stderr);
}

}  // namespace vl
