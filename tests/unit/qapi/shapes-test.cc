// SPDX-License-Identifier: GPL-2.0-or-later
//
// What the schema compiler makes of schema/every-shape.json: does it work?
#include "qapi/command.h"
#include "qapi/context.h"
#include "qapi/event.h"
#include "qapi/introspect.h"
#include "tests/unit/qapi/shapes/qapi-commands-every-shape.h"
#include "tests/unit/qapi/shapes/qapi-commands.h"
#include "tests/unit/qapi/shapes/qapi-events-every-shape.h"
#include "tests/unit/qapi/shapes/qapi-visit-every-other.h"
#include "tests/unit/qapi/shapes/qapi-visit-every-shape.h"

#include <gtest/gtest.h>

namespace qapi {

Result<void> qmp_snake_case(Context&, const SnakeCaseArgs& args) {
    if (args.b.q_class == 7) return fail(ErrorClass::DeviceNotFound, "{}", args.c->size());
    return {};
}
Result<Uni> qmp_boxed_union(Context&, const Uni& args) {
    return args;
}
Result<std::vector<Tree>> qmp_takes_struct(Context&, const Twice& args) {
    return std::vector<Tree>{{.name = args.id}, {.name = args.last ? args.last->id : "none"}};
}
Result<std::int64_t> qmp_returns_int(Context&) {
    return std::int64_t{-5};
}
Result<std::vector<std::string>> qmp_returns_strings(Context&) {
    return std::vector<std::string>{"a", "b"};
}
Result<Json> qmp_returns_any(Context&, const ReturnsAnyArgs& args) {
    return args.value;
}
Result<Json> qmp_raw(Context&, const JsonObject& arguments) {
    return Json(arguments);
}

namespace {

/// Through the type and back to text; or why not.
template <class T>
std::string through(std::string_view text) {
    const auto value = from_json<T>(*Json::parse(text));
    if (!value) return value.error().description();
    const T copy = *value;
    return to_json(copy).text();
}

TEST(Shapes, EveryScalar) {
    const char* text =
        R"({"str": "s", "number": 1.5, "int": -1, "int8": -128, "int16": 32767, "int32": -7, "int64": 8, )"
        R"("uint8": 255, "uint16": 65535, "uint32": 4294967295, "uint64": 18446744073709551615, "size": 1, )"
        R"("bool": true, "any": {"x": [1]}, "null": null, "qtype": "qdict"})";
    EXPECT_EQ(through<Scalars>(text), text);
}

TEST(Shapes, Arrays) {
    const char* text =
        R"({"bools": [true, false], "sizes": [1], "colours": ["3", "default"], )"
        R"("far": [{"colour": "red"}], "anys": [1, "x"], "trees": [], "alts": ["one", 3, [4], null]})";
    EXPECT_EQ(through<Arrays>(text), text);
}

TEST(Shapes, TypesThatContainThemselves) {
    const char* tree =
        R"({"name": "a", "left": {"name": "b", "all": [{"name": "c", "all": []}]}, "all": []})";
    EXPECT_EQ(through<Tree>(tree), tree);
    const char* ping =
        R"({"pong": {"ping": {"far": {"colour": "red"}}}, "far": {"colour": "dark-green"}})";
    EXPECT_EQ(through<Ping>(ping), ping);
    EXPECT_EQ(through<Tree>(R"({"name": "a", "left": {"name": "b"}, "all": []})"),
              "Parameter 'left.all' is missing");
    Tree original{.name = "x", .left = Tree{.name = "y"}};
    const Tree copy = original;
    (*original.left)->name = "z";
    EXPECT_EQ((*copy.left)->name, "y");
}

TEST(Shapes, AUnionWhoseFirstBranchLeadsBack) {
    const char* twig =
        R"({"form": "fork", "one": {"form": "tip", "x": 1}, "two": {"form": "tip", "x": 2}})";
    EXPECT_EQ(through<Twig>(twig), twig);
    Twig original;
    std::get<Fork>(original.u).one->form = Form::tip;
    const Twig copy = original;
    EXPECT_EQ(std::get<Fork>(copy.u).one->form, Form::tip);
    EXPECT_EQ(std::get<Fork>(copy.u).two->form, Form::fork);
}

TEST(Shapes, CirclesThroughUnionsAndAlternates) {
    const char* node =
        R"({"kind": "red", "child": {"kind": "red", "child": "leaf"}, "self": {"kind": "3"}})";
    EXPECT_EQ(through<Node>(node), node);
    EXPECT_EQ(through<NodeRef>(R"("x")"), R"("x")");
    EXPECT_EQ(through<Node>(R"({"kind": "red", "child": {"kind": "red", "child": 1}})"),
              "Invalid parameter type for 'child.child', expected: NodeRef");
}

TEST(Shapes, Unions) {
    for (const char* text :
         {R"({"kind": "red", "common": 1, "x": 2})", R"({"kind": "dark-green", "x": 2})",
          R"({"kind": "3", "name": "t", "all": []})", R"({"kind": "default"})"}) {
        EXPECT_EQ(through<Uni>(text), text);
    }
    EXPECT_EQ(through<Uni>(R"({"kind": "default", "x": 1})"), "Parameter 'x' is unexpected");
    EXPECT_EQ(through<Uni>(R"({"kind": "blue"})"), "Parameter 'kind' does not accept value 'blue'");
    EXPECT_EQ(through<UniDerived>(R"({"tag": "red", "more": 1})"), R"({"tag": "red", "more": 1})");
    EXPECT_EQ(through<HasUnion>(R"({"uni": {"kind": "red", "x": "1"}})"),
              "Invalid parameter type for 'uni.x', expected: integer");
}

TEST(Shapes, OddNames) {
    const char* text =
        R"({"class": 1, "wchar-t": true, "a-b": 2, "unix": 3, "__org.test_x-member": 4, )"
        R"("Upper_case": "u"})";
    EXPECT_EQ(through<Odd>(text), text);
}

TEST(Shapes, NamesThatTheRoomOrTheCompilerHasTaken) {
    EXPECT_EQ(through<q_Context>(R"({"json": {}})"), R"({"json": {}})");
    EXPECT_EQ(to_json(RawArgs_{.x = 1}).text(), R"({"x": 1})");
}

TEST(Shapes, CommandsOfEveryKind) {
    const CommandTable table = all_commands();
    Context cx;
    const auto run = [&](std::string_view name, std::string_view arguments) {
        const auto result = table.run(cx, name, *Json::parse(arguments));
        return result ? result->text() : result.error().description();
    };
    EXPECT_EQ(run("boxed-union", "{'kind': 'red', 'x': 1}"), R"({"kind": "red", "x": 1})");
    EXPECT_EQ(run("takes-struct", "{'id': 'i', 'more': 1, 'last': {'id': 'l', 'more': 2}}"),
              R"([{"name": "i", "all": []}, {"name": "l", "all": []}])");
    EXPECT_EQ(run("returns-int", "{}"), "-5");
    EXPECT_EQ(run("returns-strings", "{}"), R"(["a", "b"])");
    EXPECT_EQ(run("returns-any", "{'value': {'x': null}}"), R"({"x": null})");
    EXPECT_EQ(run("raw", "{'what': 'ever'}"), R"({"what": "ever"})");
    EXPECT_EQ(run("never", "{}"), "The command never has not been found");
    const auto refused = table.run(
        cx, "snake_case",
        *Json::parse("{'c': ['red'], 'b': {'class': 7, 'wchar-t': true, 'a-b': 2, 'unix': 3,"
                     "'__org.test_x-member': 4, 'Upper_case': 'u'}}"));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().error_class(), ErrorClass::DeviceNotFound);
}

TEST(Shapes, FlagsOfCommands) {
    const CommandTable table = all_commands();
    const auto flags = [&](std::string_view name) { return table.find(name)->command->flags; };
    EXPECT_EQ(flags("takes-struct"), unsigned(Command::allow_oob));
    EXPECT_EQ(flags("returns-int"), unsigned(Command::no_success_response));
    EXPECT_EQ(flags("returns-strings"), unsigned(Command::deprecated));
    EXPECT_EQ(flags("returns-any"), unsigned(Command::coroutine | Command::unstable));
    EXPECT_EQ(flags("raw"), unsigned(Command::allow_preconfig));
}

TEST(Shapes, EventsOfEveryKind) {
    struct Sink final : EventSink {
        void emit(std::string_view name, const Json& data) override {
            log += std::string(name) + data.text() + ";";
        }
        std::string log;
    } sink;
    emit(sink, AloneEvent());
    emit(sink, WithDataEvent{.a = 1, .b = Colour::_3});
    emit(sink, WithTypeEvent{.id = "i", .more = 2});
    emit(sink, WithUnionEvent{.kind = Colour::red, .u = Same{.x = 3}});
    EXPECT_EQ(sink.log, R"(ALONEnull;WITH_DATA{"a": 1, "b": "3"};WITH_TYPE{"id": "i", "more": 2};)"
                        R"(WITH_UNION{"kind": "red", "x": 3};)");
}

TEST(Shapes, IntrospectionIsJson) {
    std::size_t commands = 0;
    for (std::string_view text : introspection()) {
        const auto entry = Json::parse(text);
        ASSERT_TRUE(entry) << text;
        commands += (*entry)["meta-type"] == Json("command");
    }
    EXPECT_EQ(commands, 7u);
}

}  // namespace
}  // namespace qapi
