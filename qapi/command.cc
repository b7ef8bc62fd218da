// SPDX-License-Identifier: GPL-2.0-or-later
#include "qapi/command.h"

#include "qapi/json.h"

#include <algorithm>
#include <cassert>

namespace qapi {

namespace {

std::string_view name_of(const CommandTable::Entry& entry) {
    return entry.command->name;
}

}  // namespace

void CommandTable::add(std::span<const Command> commands) {
    for (const Command& command : commands)
        entries_.push_back({&command, true, {}});
    std::ranges::sort(entries_, {}, name_of);
    assert(std::ranges::adjacent_find(entries_, {}, name_of) == entries_.end());
}

const CommandTable::Entry* CommandTable::find(std::string_view name) const {
    const auto at = std::ranges::lower_bound(entries_, name, {}, name_of);
    return at != entries_.end() && name_of(*at) == name ? &*at : nullptr;
}

void CommandTable::disable(std::string_view name, std::string because) {
    const auto at = std::ranges::find(entries_, name, name_of);
    if (at == entries_.end()) return;
    at->enabled = false;
    at->disabled_because = std::move(because);
}

Result<Json> CommandTable::run(Context& cx, std::string_view name, const Json& arguments) const {
    const Entry* entry = find(name);
    if (!entry) return fail(ErrorClass::CommandNotFound, "The command {} has not been found", name);
    if (!entry->enabled) {
        return fail(ErrorClass::CommandNotFound, "Command {} has been disabled{}{}", name,
                    entry->disabled_because.empty() ? "" : ": ", entry->disabled_because);
    }
    if (!arguments.object()) return fail("QMP input member 'arguments' must be an object");
    return entry->command->call(cx, arguments);
}

}  // namespace qapi
