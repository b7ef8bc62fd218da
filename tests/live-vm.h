// SPDX-License-Identifier: GPL-2.0-or-later
//
// A whole emulator in this process, as the front door makes it, for tests, fuzzers and benchmarks.
// There may be several at once. What goes wrong is a std::runtime_error; a program that does not
// catch it ends with its text.
#pragma once

#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "migration/migration.h"
#include "qapi/qapi-commands.h"
#include "vl/emulator.h"
#include "vl/options.h"

namespace tests {

class LiveVm {
public:
    /// As on the command line: {"-M", "pc", "-nodefaults"}.
    explicit LiveVm(const std::vector<const char*>& arguments)
        : settings_(must(vl::parse(arguments))), commands_(qapi::all_commands()) {
        vl::add_all_types(types_);
        emulator_ = must(vl::Emulator::create(settings_, types_, commands_, nullptr));
    }

    vl::Emulator& emulator() { return *emulator_; }
    migration::Migration& migration() { return emulator_->migration(); }
    vm::Foundation& foundation() { return emulator_->foundation(); }

    std::vector<std::uint8_t> saved() {
        auto bytes = must(migration().save());
        return {bytes.begin(), bytes.end()};
    }
    Result<void> load(std::span<const std::uint8_t> bytes) { return migration().load(bytes); }

    [[noreturn]] static void wrong(const std::string& what) { throw std::runtime_error(what); }
    template <class T>
    static T must(Result<T> r) {
        if (!r) wrong(r.error().description());
        return *std::move(r);
    }

private:
    vl::Settings settings_;
    qom::TypeTable types_;
    qapi::CommandTable commands_;
    std::unique_ptr<vl::Emulator> emulator_;
};

}  // namespace tests
