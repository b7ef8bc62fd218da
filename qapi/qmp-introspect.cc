// SPDX-License-Identifier: GPL-2.0-or-later
//
// The commands that tell what there is: query-commands and query-qmp-schema.
#include "qapi/arguments.h"
#include "qapi/command.h"
#include "qapi/context.h"
#include "qapi/introspect.h"
#include "qapi/qapi-commands-control.h"
#include "qapi/qapi-commands-introspect.h"

namespace qapi {

Result<std::vector<CommandInfo>> qmp_query_commands(Context& cx) {
    std::vector<CommandInfo> list;
    for (const CommandTable::Entry& entry : cx.get<CommandTable>().entries()) {
        if (entry.enabled) list.push_back({std::string(entry.command->name)});
    }
    return list;
}

Result<Json> qmp_query_qmp_schema(Context&, const JsonObject& arguments) {
    TRY(no_arguments(arguments));
    JsonArray entries;
    for (std::string_view text : introspection())
        entries.push_back(TRY(Json::parse(text)));
    return Json(std::move(entries));
}

}  // namespace qapi
