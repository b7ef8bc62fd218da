// SPDX-License-Identifier: GPL-2.0-or-later
//
// The commands around migrations.
#include "migration/incoming.h"
#include "migration/migration.h"
#include "migration/with-memory.h"
#include "qapi/context.h"
#include "qapi/qapi-commands-migration.h"

namespace qapi {

using migration::Incoming;
using migration::Migration;

Result<void> qmp_migrate_incoming(Context& cx, const MigrateIncomingArgs& args) {
    auto* incoming = cx.find<Incoming>();
    if (!incoming) return fail("'-incoming' was not specified on the command line");
    return migration::with_memory([&] { return incoming->start(args.uri); });
}

Result<MigrationInfo> qmp_query_migrate(Context& cx) {
    MigrationInfo info;
    if (auto* incoming = cx.find<Incoming>()) {
        if (incoming->status() != MigrationStatus::none) info.status = incoming->status();
        if (!incoming->error().empty()) info.error_desc = incoming->error();
    }
    std::vector<std::string> reasons;
    for (const migration::SaveStateEntry& e : cx.get<Migration>().savevm().entries())
        if (!e.is_ram && !e.owner->vmstate().unmigratable.empty())
            reasons.push_back(fmt::format("non-migratable device: {}", e.idstr));
    if (!reasons.empty()) info.blocked_reasons = std::move(reasons);
    return info;
}

Result<void> qmp_migrate_set_capabilities(Context& cx, const MigrateSetCapabilitiesArgs& args) {
    auto& capabilities = cx.get<Migration>().capabilities();
    for (const MigrationCapabilityStatus& c : args.capabilities)
        switch (c.capability) {
            case MigrationCapability::events: capabilities.events = c.state; break;
        }
    return {};
}

Result<std::vector<MigrationCapabilityStatus>> qmp_query_migrate_capabilities(Context& cx) {
    return std::vector<MigrationCapabilityStatus>{
        {.capability = MigrationCapability::events,
         .state = cx.get<Migration>().capabilities().events}};
}

}  // namespace qapi
