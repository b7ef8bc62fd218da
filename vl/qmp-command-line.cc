// SPDX-License-Identifier: GPL-2.0-or-later
//
// The commands that tell what was on the command line, and what can be.
#include "qapi/context.h"
#include "qapi/qapi-commands-machine.h"
#include "qapi/qapi-commands-misc.h"
#include "vl/options.h"

namespace qapi {

namespace {

CommandLineParameterType type_of(const vl::OptionKey& key) {
    switch (key.type) {
        case vl::OptionKey::Type::Boolean: return CommandLineParameterType::boolean;
        case vl::OptionKey::Type::Number: return CommandLineParameterType::number;
        case vl::OptionKey::Type::Size: return CommandLineParameterType::size;
        case vl::OptionKey::Type::String: break;
    }
    return CommandLineParameterType::string;
}

}  // namespace

Result<NameInfo> qmp_query_name(Context& cx) {
    const auto& name = cx.get<const vl::Settings>().name;
    NameInfo info;
    if (!name.empty()) info.name = name;
    return info;
}

Result<UuidInfo> qmp_query_uuid(Context& cx) {
    const auto& uuid = cx.get<const vl::Settings>().uuid;
    return UuidInfo{.UUID = uuid.empty() ? "00000000-0000-0000-0000-000000000000" : uuid};
}

Result<std::vector<CommandLineOptionInfo>> qmp_query_command_line_options(
    Context&, const QueryCommandLineOptionsArgs& args) {
    std::vector<CommandLineOptionInfo> list;
    for (const vl::OptionGroup& group : vl::option_groups())
        for (const vl::Option& o : group.options) {
            if (o.group.empty() || (args.option && *args.option != o.group)) continue;
            CommandLineOptionInfo info{.option = std::string(o.group), .parameters = {}};
            for (const vl::OptionKey& key : o.keys)
                info.parameters.push_back({.name = std::string(key.name), .type = type_of(key)});
            list.push_back(std::move(info));
        }
    if (args.option && list.empty()) return fail("invalid option name: {}", *args.option);
    return list;
}

}  // namespace qapi
