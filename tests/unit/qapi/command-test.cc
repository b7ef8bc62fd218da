// SPDX-License-Identifier: GPL-2.0-or-later
//
// Dispatch with the tables of two modules whose handlers are here or in the room; others stay
// unlinked.
#include "qapi/command.h"
#include "qapi/context.h"
#include "qapi/event.h"
#include "qapi/introspect.h"
#include "qapi/json.h"
#include "qapi/qapi-commands-introspect.h"
#include "qapi/qapi-commands-migration.h"
#include "qapi/qapi-events-run-state.h"

#include <gtest/gtest.h>

namespace qapi {

/// What the handler below works on.
struct Saver {
    std::string file;
    bool refuse = false;
};

Result<void> qmp_xen_save_devices_state(Context& cx, const XenSaveDevicesStateArgs& args) {
    if (cx.get<Saver>().refuse) return fail("disk full");
    cx.get<Saver>().file = args.filename + (args.live.value_or(true) ? "+" : "-");
    return {};
}

// The rest of the module's table, which these tests do not call.
Result<void> qmp_xen_load_devices_state(Context&, const XenLoadDevicesStateArgs&) {
    return fail("not here");
}
Result<void> qmp_xen_set_global_dirty_log(Context&, const XenSetGlobalDirtyLogArgs&) {
    return fail("not here");
}
Result<void> qmp_migrate_incoming(Context&, const MigrateIncomingArgs&) {
    return fail("not here");
}
Result<void> qmp_migrate_set_capabilities(Context&, const MigrateSetCapabilitiesArgs&) {
    return fail("not here");
}
Result<MigrationInfo> qmp_query_migrate(Context&) {
    return fail("not here");
}
Result<std::vector<MigrationCapabilityStatus>> qmp_query_migrate_capabilities(Context&) {
    return fail("not here");
}
Result<std::vector<DeviceStateSection>> qmp_query_device_state(Context&,
                                                               const QueryDeviceStateArgs&) {
    return fail("not here");
}
Result<void> qmp_x_device_state_snapshot(Context&, const XDeviceStateSnapshotArgs&) {
    return fail("not here");
}
Result<void> qmp_x_device_state_revert(Context&, const XDeviceStateRevertArgs&) {
    return fail("not here");
}

namespace {

class Commands : public testing::Test {
protected:
    Commands() {
        table_.add(commands_migration());
        table_.add(commands_introspect());
        cx_.provide(saver_);
        cx_.provide(table_);
    }

    std::string run(std::string_view name, std::string_view arguments) {
        const auto result = table_.run(cx_, name, *Json::parse(arguments));
        return result ? result->text() : result.error().description();
    }

    Saver saver_;
    CommandTable table_;
    Context cx_;
};

TEST_F(Commands, ReachTheirHandler) {
    EXPECT_EQ(run("xen-save-devices-state", "{'filename': 'x', 'live': false}"), "{}");
    EXPECT_EQ(saver_.file, "x-");
}

TEST_F(Commands, CheckTheirArguments) {
    EXPECT_EQ(run("xen-save-devices-state", "{'live': false}"), "Parameter 'filename' is missing");
    EXPECT_EQ(run("query-qmp-schema", "{'x': 1}"), "Parameter 'x' is unexpected");
    EXPECT_EQ(saver_.file, "");
}

TEST_F(Commands, PassErrorsOn) {
    saver_.refuse = true;
    EXPECT_EQ(run("xen-save-devices-state", "{'filename': 'x'}"), "disk full");
}

TEST_F(Commands, UnknownAndDisabledAreNotFound) {
    EXPECT_EQ(run("nonsense", "{}"), "The command nonsense has not been found");
    table_.disable("query-qmp-schema", "why");
    EXPECT_EQ(run("query-qmp-schema", "{}"), "Command query-qmp-schema has been disabled: why");
    EXPECT_EQ(table_.run(cx_, "nonsense", JsonObject()).error().error_class(),
              ErrorClass::CommandNotFound);
}

TEST_F(Commands, FlagsComeFromTheSchema) {
    EXPECT_EQ(table_.find("query-qmp-schema")->command->flags, unsigned(Command::allow_preconfig));
    EXPECT_EQ(table_.find("xen-save-devices-state")->command->flags, 0u);
}

TEST_F(Commands, SchemaIsTold) {
    const auto schema = table_.run(cx_, "query-qmp-schema", JsonObject());
    ASSERT_TRUE(schema);
    ASSERT_EQ(schema->size(), introspection().size());
    EXPECT_TRUE((*schema)[0]["name"].string());
}

TEST(Context, FallsBackToItsParent) {
    Saver vms, sessions;
    Context vm;
    Context session(&vm);
    EXPECT_EQ(session.find<Saver>(), nullptr);
    vm.provide(vms);
    EXPECT_EQ(&session.get<Saver>(), &vms);
    session.provide(sessions);
    EXPECT_EQ(&session.get<Saver>(), &sessions);
    EXPECT_EQ(&vm.get<Saver>(), &vms);
    session.withdraw<Saver>();
    EXPECT_EQ(&session.get<Saver>(), &vms);
    EXPECT_EQ(vm.find<CommandTable>(), nullptr);
}

TEST(Events, GoToTheSinkAsJson) {
    struct Sink final : EventSink {
        void emit(std::string_view name, const Json& data) override {
            log += std::string(name) + data.text();
        }
        std::string log;
    } sink;
    emit(sink, StopEvent{});
    emit(sink, ShutdownEvent{.guest = true, .reason = ShutdownCause::guest_reset});
    EXPECT_EQ(sink.log, R"(STOPnullSHUTDOWN{"guest": true, "reason": "guest-reset"})");
}

}  // namespace
}  // namespace qapi
