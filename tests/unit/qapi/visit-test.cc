// SPDX-License-Identifier: GPL-2.0-or-later
//
// Generated types to JSON and back, and what is said of JSON that does not fit.
#include "qapi/qapi-visit-common.h"
#include "qapi/qapi-visit-control.h"
#include "qapi/qapi-visit-introspect.h"
#include "qapi/qapi-visit-migration.h"
#include "qapi/qapi-visit-run-state.h"

#include <gtest/gtest.h>

namespace qapi {
namespace {

template <class T>
std::string refusal(std::string_view text) {
    const auto value = from_json<T>(*Json::parse(text));
    return value ? "taken" : value.error().description();
}

TEST(Visit, StructsGoThereAndBack) {
    const StatusInfo info{.running = true, .singlestep = false, .status = RunState::internal_error};
    EXPECT_EQ(to_json(info).text(),
              R"({"running": true, "singlestep": false, "status": "internal-error"})");
    const auto back = from_json<StatusInfo>(to_json(info));
    ASSERT_TRUE(back);
    EXPECT_EQ(back->status, RunState::internal_error);
    EXPECT_TRUE(back->running);
}

TEST(Visit, OptionalMembersMayBeMissing) {
    const auto args = from_json<XenSaveDevicesStateArgs>(*Json::parse("{'filename': 'f'}"));
    ASSERT_TRUE(args);
    EXPECT_FALSE(args->live);
    EXPECT_EQ(to_json(*args).text(), R"({"filename": "f"})");
    EXPECT_EQ(
        from_json<XenSaveDevicesStateArgs>(*Json::parse("{'filename': 'f', 'live': false}"))->live,
        false);
}

TEST(Visit, UnionsHoldTheBranchOfTheirTag) {
    const auto info =
        from_json<SchemaInfo>(*Json::parse("{'name': '7', 'meta-type': 'object', 'members': "
                                           "[{'name': 'x', 'type': 'int', 'default': null}]}"));
    ASSERT_TRUE(info) << info.error().description();
    const auto& object = std::get<SchemaInfoObject>(info->u);
    EXPECT_EQ(object.members.at(0).name, "x");
    EXPECT_TRUE(object.members.at(0).q_default.has_value());
    EXPECT_EQ(to_json(*info).text(),
              R"({"name": "7", "meta-type": "object", )"
              R"("members": [{"name": "x", "type": "int", "default": null}]})");
}

TEST(Visit, AlternatesGoByTheKindOfValue) {
    EXPECT_EQ(std::get<std::string>(from_json<StrOrNull>("x")->u), "x");
    EXPECT_TRUE(std::holds_alternative<Null>(from_json<StrOrNull>(nullptr)->u));
    EXPECT_EQ(to_json(StrOrNull{Null{}}).text(), "null");
    EXPECT_EQ(refusal<StrOrNull>("1"),
              "Invalid parameter type for '<anonymous>', expected: StrOrNull");
}

TEST(Visit, EnumsByName) {
    EXPECT_EQ(name(RunState::finish_migrate), "finish-migrate");
    EXPECT_EQ(parse_enum<RunState>("colo"), RunState::colo);
    EXPECT_EQ(parse_enum<RunState>("Colo"), std::nullopt);
}

TEST(Visit, WordsOfRefusal) {
    EXPECT_EQ(refusal<XenSaveDevicesStateArgs>("{}"), "Parameter 'filename' is missing");
    EXPECT_EQ(refusal<XenSaveDevicesStateArgs>("{'filename': 1}"),
              "Invalid parameter type for 'filename', expected: string");
    EXPECT_EQ(refusal<XenSaveDevicesStateArgs>("{'filename': 'f', 'live': 'on'}"),
              "Invalid parameter type for 'live', expected: boolean");
    EXPECT_EQ(refusal<XenSaveDevicesStateArgs>("{'filename': 'f', 'x': 1}"),
              "Parameter 'x' is unexpected");
    EXPECT_EQ(refusal<StatusInfo>("{'running': true, 'singlestep': true, 'status': 'x'}"),
              "Parameter 'status' does not accept value 'x'");
    EXPECT_EQ(refusal<StatusInfo>("{'running': true, 'singlestep': true, 'status': null}"),
              "Invalid parameter type for 'status', expected: string");
    EXPECT_EQ(refusal<VersionTriple>("{'major': 1, 'minor': 1.5, 'micro': 1}"),
              "Invalid parameter type for 'minor', expected: integer");
    EXPECT_EQ(refusal<VersionInfo>("{'qemu': [], 'package': ''}"),
              "Invalid parameter type for 'qemu', expected: object");
}

TEST(Visit, PathsOfRefusal) {
    EXPECT_EQ(refusal<QmpCapabilitiesArgs>("{'enable': ['oob', 1]}"),
              "Invalid parameter type for 'enable[1]', expected: string");
    EXPECT_EQ(refusal<VersionInfo>("{'package': '', 'qemu': {'major': 1, 'minor': 1}}"),
              "Parameter 'qemu.micro' is missing");
    EXPECT_EQ(refusal<SchemaInfo>("{'name': '', 'meta-type': 'alternate',"
                                  " 'members': [{'type': ''}, {'type': '', 'y': 1}]}"),
              "Parameter 'members[1].y' is unexpected");
    EXPECT_EQ(
        refusal<SchemaInfo>("{'name': '', 'meta-type': 'alternate', 'members': [{'type': ''}, 3]}"),
        "Invalid parameter type for 'members[1]', expected: object");
}

TEST(Visit, KeyvalConvertsStrings) {
    const auto version =
        from_keyval<VersionTriple>(*Json::parse("{'major': '7', 'minor': '0x2', 'micro': '-1'}"));
    ASSERT_TRUE(version);
    EXPECT_EQ(version->minor, 2);
    const auto args =
        from_keyval<XenSaveDevicesStateArgs>(*Json::parse("{'filename': 'f', 'live': 'on'}"));
    ASSERT_TRUE(args);
    EXPECT_EQ(args->live, true);
    EXPECT_EQ(
        from_keyval<XenSaveDevicesStateArgs>(*Json::parse("{'filename': 'f', 'live': 'maybe'}"))
            .error()
            .description(),
        "Parameter 'live' expects 'on' or 'off'");
    EXPECT_EQ(from_keyval<VersionTriple>(*Json::parse("{'major': 'x'}")).error().description(),
              "Parameter 'major' expects integer");
}

TEST(Visit, NarrowIntegersAreBounded) {
    std::uint8_t byte = 0;
    const Json json(300);
    const auto reader = make_json_reader(json);
    visit_uint8(*reader, nullptr, byte);
    EXPECT_EQ(reader->take_error()->description(), "Parameter 'null' expects uint8_t");
}

}  // namespace
}  // namespace qapi
