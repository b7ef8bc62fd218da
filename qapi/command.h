// SPDX-License-Identifier: GPL-2.0-or-later
//
// The commands a VM answers to, as data. The schema compiler makes one table per module; the front
// door puts all of them together (qapi-commands.h), a test those that it needs.
#pragma once

#include "util/result.h"

#include <span>
#include <string_view>
#include <vector>

namespace qapi {

class Context;
class Json;

struct Command {
    enum Flag : unsigned {
        allow_oob = 1,
        allow_preconfig = 2,
        no_success_response = 4,
        coroutine = 8,
        deprecated = 16,
        unstable = 32,
    };
    std::string_view name;
    /// Checks and unpacks the arguments, which are an object, runs the handler, packs what it
    /// returns.
    Result<Json> (*call)(Context& cx, const Json& arguments);
    unsigned flags;
};

class CommandTable {
public:
    struct Entry {
        const Command* command;
        bool enabled = true;
        std::string disabled_because;
    };

    void add(std::span<const Command> commands);
    const Entry* find(std::string_view name) const;
    void disable(std::string_view name, std::string because);
    std::span<const Entry> entries() const { return entries_; }  // sorted by name

    /// Looks the command up and runs it. Whether it may run now is the monitor's to check before.
    Result<Json> run(Context& cx, std::string_view name, const Json& arguments) const;

private:
    std::vector<Entry> entries_;
};

}  // namespace qapi
