// SPDX-License-Identifier: GPL-2.0-or-later
//
// The commands of qemu-devstate and what they share: inspect.cc looks into files, compare.cc
// compares two, edit.cc writes new ones.
#pragma once

#include <cstdio>
#include <regex>

#include "document.h"
#include "options.h"

namespace devstate {

class Tool {
public:
    explicit Tool(Options);
    /// The exit status.
    Result<int> run();

private:
    // inspect.cc
    Result<int> info();
    Result<int> show();
    Result<int> check();
    Result<int> grep();
    // compare.cc
    Result<int> diff();
    // edit.cc
    Result<int> convert();
    Result<int> extract();
    Result<int> replace();

    Result<qapi::Json> json_file(const std::string& name);
    Result<Document> open(const std::string& name);
    static Result<std::vector<std::regex>> expressions(const std::vector<std::string>&);

    Result<int> write(std::span<const std::uint8_t>);
    int emit(const qapi::Json&);
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

}  // namespace devstate
