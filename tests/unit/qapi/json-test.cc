// SPDX-License-Identifier: GPL-2.0-or-later
//
// The messages are those that QEMU 7.2.22 gives to the same bytes.
#include "qapi/json-stream.h"

#include <gtest/gtest.h>

namespace qapi {
namespace {

std::vector<std::string> answers(std::string_view bytes) {
    std::vector<std::string> list;
    JsonStream stream([&](Result<Json> value) {
        list.push_back(value ? value->text() : value.error().description());
    });
    stream.feed(bytes);
    return list;
}

using Answers = std::vector<std::string>;

TEST(Json, WritesWhatItReads) {
    const auto json = Json::parse(R"({"a": 1, "b": [true, null, "x"], "c": {}, "d": []})");
    ASSERT_TRUE(json);
    EXPECT_EQ(json->text(), R"({"a": 1, "b": [true, null, "x"], "c": {}, "d": []})");
    EXPECT_EQ(
        json->pretty_text(),
        "{\n    \"a\": 1,\n    \"b\": [\n        true,\n        null,\n        \"x\"\n    ],\n"
        "    \"c\": {\n    },\n    \"d\": [\n    ]\n}");
}

TEST(Json, NumbersKeepTheirKind) {
    EXPECT_EQ(
        answers("[18446744073709551615, -9223372036854775808, -0, -0.0, 1.5e3, 0.1]"),
        Answers{"[18446744073709551615, -9223372036854775808, 0, -0, 1500, 0.10000000000000001]"});
    EXPECT_EQ(answers("[99999999999999999999, -9223372036854775809]"),
              Answers{"[1e+20, -9.2233720368547758e+18]"});
    EXPECT_EQ(Json(std::uint64_t{5}), Json(5));
    EXPECT_EQ(Json(1500), Json(1.5e3));
    EXPECT_FALSE(Json(UINT64_MAX) == Json(-1));
    EXPECT_FALSE(Json(1) == Json("1"));
    EXPECT_FALSE(Json(1.0).integer());
}

TEST(Json, TextIsAscii) {
    EXPECT_EQ(answers(R"(["\u00e9\/\n\ud83d\ude00", "\u0000", 'it\'s'])"),
              Answers{R"(["\u00E9/\n\uD83D\uDE00", "\u0000", "it's"])"});
    EXPECT_EQ(answers("[\"\xc3\xa9\x7f\"]"), Answers{R"(["\u00E9\u007F"])"});
    EXPECT_EQ(Json("\xff").text(), R"("\uFFFD")");
}

TEST(Json, ObjectsCompareRegardlessOfOrder) {
    EXPECT_EQ(Json::object({{"a", 1}, {"b", 2}}), Json::object({{"b", 2}, {"a", 1}}));
    EXPECT_FALSE(Json::object({{"a", 1}}) == Json::object({{"a", 2}}));
    EXPECT_EQ(Json::object({{"a", Json::array({1, "x"})}})["a"][1], Json("x"));
    EXPECT_TRUE(Json(1)["a"][7].is_null());
}

struct Wrong {
    const char* text;
    Answers answers;
};

class JsonStreamErrors : public testing::TestWithParam<Wrong> {};

TEST_P(JsonStreamErrors, AreToldAndPassed) {
    Answers expected = GetParam().answers;
    for (std::string& one : expected)
        one = "JSON parse error, " + one;
    expected.push_back("{}");
    EXPECT_EQ(answers(std::string(GetParam().text) + "\n{}"), expected);
}

INSTANTIATE_TEST_SUITE_P(
    Grammar, JsonStreamErrors,
    testing::Values(Wrong{R"({"a" 1})", {"missing : in object pair"}},
                    Wrong{"}", {"expecting value"}}, Wrong{"]", {"expecting value"}},
                    Wrong{"[1,]", {"expecting value"}}, Wrong{R"({"a":1,})", {"expecting value"}},
                    Wrong{"{1:2}", {"key is not a string in object"}},
                    Wrong{R"({"a":1,"a":2})", {"duplicate key"}},
                    Wrong{"[1 2]", {"expected separator in list"}},
                    Wrong{R"({"a":1 "b":2})", {"expected separator in dict"}},
                    Wrong{"@@x", {"stray '@'"}}, Wrong{"foo", {"invalid keyword 'foo'"}},
                    Wrong{R"({"a":tru})", {"invalid keyword 'tru'"}},
                    Wrong{"\"abc", {"stray '\"abc\n'"}},
                    Wrong{"\"a\x01"
                          "b\"",
                          {"stray '\"a\x01'"}},
                    Wrong{"01", {"stray '01'"}}, Wrong{"-", {"stray '-\n'"}},
                    Wrong{"1.", {"stray '1.\n'"}}, Wrong{"1e", {"stray '1e\n'"}},
                    Wrong{"\xff", {"stray '\xff'"}},
                    Wrong{"{\"id\":%d}", {"stray '%'", "expecting value"}},
                    Wrong{"[\"\xc0\x61\"]", {"invalid UTF-8 sequence in string"}},
                    Wrong{"[\"\xed\xa0\x80\"]", {"invalid UTF-8 sequence in string"}},
                    Wrong{R"(["\q"])", {"invalid escape sequence in string"}},
                    Wrong{R"(["\ud800"])", {R"(\ud800 is not a valid Unicode character)"}},
                    Wrong{R"(["\u12"])", {R"(\u12" is not a valid Unicode character)"}}));

TEST(JsonStream, TellsOfAZeroByteByNothing) {
    EXPECT_EQ(answers(std::string_view("\0\n{}", 4)),
              (Answers{"JSON parse error, stray ''", "{}"}));
}

TEST(JsonStream, TakesAnyPieces) {
    const std::string_view text = R"({"execute": "stop"} [1, "x"] 12 'y' )";
    Answers list;
    JsonStream stream([&](Result<Json> value) { list.push_back(value->text()); });
    for (char c : text)
        stream.feed({&c, 1});
    EXPECT_EQ(list, (Answers{R"({"execute": "stop"})", R"([1, "x"])", "12", R"("y")"}));
    EXPECT_TRUE(stream.idle());
    stream.feed("{");
    EXPECT_FALSE(stream.idle());
}

TEST(JsonStream, EndOfInput) {
    Answers list;
    JsonStream stream([&](Result<Json> value) {
        list.push_back(value ? value->text() : value.error().description());
    });
    stream.feed("17");
    stream.finish();
    stream.feed("[1, ");
    stream.finish();
    stream.finish();
    EXPECT_EQ(list, (Answers{"17", "JSON parse error, premature EOI"}));
}

TEST(JsonStream, LimitsNesting) {
    const std::string deep(1024, '['), closed(1024, ']');
    EXPECT_EQ(answers(deep + closed).size(), 1u);
    EXPECT_TRUE(answers(deep + closed)[0].starts_with("[[["));
    EXPECT_EQ(answers(deep + "["), Answers{"JSON nesting depth limit exceeded"});
}

TEST(JsonStream, LimitsTokens) {
    std::string text = "[";
    while (text.size() < 2 * JsonStream::max_tokens)
        text += "1,";
    EXPECT_EQ(answers(text)[0], "JSON token count limit exceeded");
}

TEST(JsonStream, LimitsBytes) {
    Answers list;
    JsonStream stream([&](Result<Json> value) {
        list.push_back(value ? value->text() : value.error().description());
    });
    const std::string megabyte(1 << 20, 'x');
    stream.feed("[\"");
    for (int i = 0; i < 65; i++)
        stream.feed(megabyte);
    EXPECT_EQ(list, Answers{"JSON token size limit exceeded"});
    stream.feed("\"\n{}");
    EXPECT_EQ(list.back(), "{}");
}

// Whatever arrives: no crash, and every value that is taken is written so that it reads the same.
TEST(JsonStream, SurvivesDamage) {
    const std::string whole =
        R"({"execute": "x", "arguments": {"a": [1, 2.5, -3e7, true, null, "\u00e9\ud83d\ude00"]}, 'id': 7} [[]])";
    std::uint32_t state = 1;
    const auto random = [&](std::size_t below) {
        state = state * 1664525 + 1013904223;
        return (state >> 8) % below;
    };
    std::size_t taken = 0;
    for (int round = 0; round < 3000; round++) {
        std::string text = whole;
        for (std::size_t hits = random(6); hits > 0; hits--) {
            const std::size_t at = random(text.size());
            if (random(2)) {
                text.erase(at, random(4));
            } else {
                text.insert(at, 1, "{}[]:,\"'\\u0e-.\n\xff"[random(16)]);
            }
        }
        JsonStream stream([&](Result<Json> value) {
            if (!value) return;
            taken++;
            const auto again = Json::parse(value->text());
            ASSERT_TRUE(again) << value->text();
            EXPECT_EQ(*again, *value) << text;
        });
        stream.feed(text);
        stream.finish();
    }
    EXPECT_GT(taken, 1000u);
}

TEST(JsonStream, ManyMembersAreQuick) {
    std::string text = "{";
    for (int i = 0; i < 200000; i++)
        text += fmt::format("\"{}\":0,", i);
    EXPECT_EQ(answers(text + "\"7\":1}"), Answers{"JSON parse error, duplicate key"});
}

}  // namespace
}  // namespace qapi
