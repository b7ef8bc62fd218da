// SPDX-License-Identifier: GPL-2.0-or-later
//
// The refusals are those of QEMU 7.2.22's -audiodev (keyval) and -object (options).
#include "qapi/keyval.h"

#include "qapi/qapi-visit-control.h"
#include "qapi/qapi-visit-migration.h"

#include <gtest/gtest.h>

namespace qapi {
namespace {

std::string keyval(std::string_view text) {
    const auto argument = parse_keyval(text, "driver");
    if (!argument) return argument.error().description();
    return argument->value.text() + (argument->help ? " help" : "");
}

std::string options(std::string_view text) {
    const Argument argument = parse_options(text, "qom-type");
    std::string answer = argument.value.text() + (argument.help ? " help" : "");
    for (const std::string& one : argument.short_forms)
        answer += " " + one;
    return answer;
}

TEST(Keyval, NestsByDots) {
    EXPECT_EQ(keyval("none,id=a,in.freq=1,in.format=s16,x.0.y=1,x.1=b"),
              R"({"driver": "none", "id": "a", "in": {"freq": "1", "format": "s16"}, )"
              R"("x": [{"y": "1"}, "b"]})");
    EXPECT_EQ(keyval("a=1,a=2"), R"({"a": "2"})");
    EXPECT_EQ(keyval("a=b,,c,d=,,"), R"({"a": "b,c", "d": ","})");
    EXPECT_EQ(keyval("none,"), R"({"driver": "none"})");
    EXPECT_EQ(keyval(""), "{}");
    EXPECT_EQ(keyval("x.00=a,x.01=b"), R"({"x": ["a", "b"]})");
    EXPECT_EQ(keyval("__com.redhat_x.y=1"), R"({"__com.redhat_x": {"y": "1"}})");
    EXPECT_EQ(keyval("help"), "{} help");
    EXPECT_EQ(keyval("driver=none,?"), R"({"driver": "none"} help)");
}

TEST(Keyval, Refuses) {
    EXPECT_EQ(keyval("none,foo"), "Expected '=' after parameter 'foo'");
    EXPECT_EQ(keyval("id=a,none"), "Expected '=' after parameter 'none'");
    EXPECT_EQ(keyval("none,,id=a"), "Invalid parameter ''");
    EXPECT_EQ(keyval("="), "Invalid parameter ''");
    for (std::string_view bad : {"9a", ".a", "a..b", "a.", "0", "a.b c"}) {
        EXPECT_EQ(keyval(std::string(bad) + "=1"), fmt::format("Invalid parameter '{}'", bad));
    }
    EXPECT_EQ(keyval("in=3,in.f=3"), "Parameters 'in.*' used inconsistently");
    EXPECT_EQ(keyval("in.f=3,in=3"), "Parameters 'in.*' used inconsistently");
    EXPECT_EQ(keyval("in.0=3,in.x=3"), "Parameters 'in.*' used inconsistently");
    EXPECT_EQ(keyval("a.in.0=3,a.in.x=3"), "Parameters 'a.in.*' used inconsistently");
    EXPECT_EQ(keyval("in.1=3"), "Parameter 'in.0' missing");
    EXPECT_EQ(keyval("in.0=3,in.2=3"), "Parameter 'in.1' missing");
    EXPECT_EQ(keyval("in.99999999999999999999=3"), "Parameter 'in.0' missing");
    const std::string longest(127, 'a');
    EXPECT_EQ(keyval(longest + "=1"), "{\"" + longest + "\": \"1\"}");
    EXPECT_EQ(keyval(longest + "a=1"), "Parameter '" + longest + "a' is too long");
}

TEST(Options, AreFlat) {
    EXPECT_EQ(options("ram,id=m,a.b=1,size=1M,"),
              R"({"qom-type": "ram", "id": "m", "a.b": "1", "size": "1M"})");
    EXPECT_EQ(options("ram,,x,id=m"), R"({"qom-type": "ram,x", "id": "m"})");
    EXPECT_EQ(options("id=m,n=1,n=2,n=3"), R"({"id": "m", "n": ["1", "2", "3"]})");
    EXPECT_EQ(options("socket,server,nowait"),
              R"({"qom-type": "socket", "server": "on", "wait": "off"} server nowait)");
    EXPECT_EQ(options("help"), "{} help");
    EXPECT_EQ(options("edu,help"), R"({"qom-type": "edu"} help)");
}

template <class T>
std::string read_options(std::string_view text) {
    const auto value = from_argument<T>(*parse_options_or_json(text, ""));
    return value ? "taken" : value.error().description();
}

TEST(Options, ConvertAndRefuse) {
    EXPECT_EQ(read_options<XenSaveDevicesStateArgs>("filename=x,live=on"), "taken");
    EXPECT_EQ(read_options<XenSaveDevicesStateArgs>("filename=x,filename=y,live"), "taken");
    EXPECT_EQ(read_options<XenSaveDevicesStateArgs>("filename=x,live=maybe"),
              "Parameter 'live' expects 'on' or 'off'");
    EXPECT_EQ(read_options<XenSaveDevicesStateArgs>("filename=x,foo=1"), "Invalid parameter 'foo'");
    EXPECT_EQ(read_options<XenSaveDevicesStateArgs>("live=on"), "Parameter 'filename' is missing");
    EXPECT_EQ(read_options<VersionTriple>("major=a"), "Parameter 'major' expects an int64 value");
    EXPECT_EQ(read_options<XenSaveDevicesStateArgs>("{\"filename\": \"x\", \"live\": true}"),
              "taken");
    EXPECT_EQ(parse_options_or_json("{", "").error().description(),
              "JSON parse error, premature EOI");
    EXPECT_EQ(parse_options_or_json("{} {}", "").error().description(),
              "Expecting at most one JSON value");
}

TEST(Options, RepeatedOnesAndRangesMakeArrays) {
    const Argument argument = parse_options("n=0-3,n=7,n=9-9", "");
    std::vector<std::uint16_t> nodes;
    const auto reader = make_reader(argument);
    reader->begin_object(nullptr);
    visit_uint16List(*reader, "n", nodes);
    EXPECT_EQ(nodes, (std::vector<std::uint16_t>{0, 1, 2, 3, 7, 9}));
    const Argument backward = parse_options("n=3-0", "");
    const auto other = make_reader(backward);
    other->begin_object(nullptr);
    visit_uint16List(*other, "n", nodes);
    EXPECT_EQ(other->take_error()->description(), "Parameter 'n' expects a uint64 value or range");
}

TEST(Options, Identifiers) {
    EXPECT_TRUE(is_identifier("net0.a-b_c"));
    for (std::string_view bad : {"", "0a", "a b", "_a"})
        EXPECT_FALSE(is_identifier(bad)) << bad;
}

}  // namespace
}  // namespace qapi
