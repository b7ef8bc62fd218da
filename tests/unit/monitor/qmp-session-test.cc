// SPDX-License-Identifier: GPL-2.0-or-later
//
// The QMP protocol on bytes, without a connection.
#include "monitor/qmp-session.h"

#include <fcntl.h>
#include <gtest/gtest.h>

#include "qapi/arguments.h"

namespace monitor {
namespace {

using qapi::Command;
using qapi::Context;
using qapi::Json;
using qapi::JsonObject;

Result<Json> capabilities(Context& cx, const Json& arguments) {
    bool oob = false;
    if (const Json* enable = arguments.find("enable"))
        for (const Json& c : *enable->array())
            oob |= *c.string() == "oob";
    TRY(cx.get<QmpSession>().negotiate(oob));
    return Json(JsonObject());
}
Result<Json> echo(Context&, const Json& arguments) {
    return Json(arguments);
}
Result<Json> big(Context&, const Json&) {
    return Json(std::string(100'000, 'x'));
}
Result<Json> refuse(Context&, const Json&) {
    return fail(ErrorClass::DeviceNotFound, "no such thing");
}
Result<Json> descriptor(Context& cx, const Json&) {
    auto fd = cx.get<QmpSession>().take_descriptor();
    return Json(fd.has_value());
}
Result<Json> nested(Context& cx, const Json&) {
    // What a handler that waits for the main loop does to the dispatcher.
    cx.get<Dispatcher>().run();
    return Json("nested");
}

constexpr Command commands[] = {
    {"qmp_capabilities", capabilities, 0},
    {"echo", echo, 0},
    {"echo-oob", echo, Command::allow_oob},
    {"big", big, 0},
    {"refuse", refuse, 0},
    {"descriptor", descriptor, 0},
    {"nested", nested, 0},
    {"silent", echo, Command::no_success_response},
};

struct Fixture : QmpSession::Connection {
    qapi::CommandTable table;
    std::vector<std::function<void()>> posted;
    Dispatcher dispatcher{[this](std::function<void()> f) { posted.push_back(std::move(f)); }};
    Context services;
    int wanted = 0;
    std::size_t dropped = 0;
    std::unique_ptr<QmpSession> session;

    explicit Fixture(QmpSession::Options options = {.offer_oob = true}) {
        table.add(commands);
        services.provide(dispatcher);
        session = std::make_unique<QmpSession>(table, services, dispatcher, *this, options);
    }
    void output_waiting() override {}
    void input_wanted() override { wanted++; }
    void events_dropped(std::size_t n) override { dropped += n; }

    std::string output() {
        const std::string text = session->take_output(100 << 20);
        session->wrote(text.size());
        return text;
    }
    std::string say(std::string_view text) {
        session->feed(text);
        for (auto& f : std::exchange(posted, {}))
            f();
        return output();
    }
    void negotiate() {
        session->opened();
        (void)output();
        EXPECT_EQ(say("{'execute':'qmp_capabilities'}"), "{\"return\": {}}\r\n");
    }
};

std::string error(std::string_view desc, std::string_view cls = "GenericError") {
    return fmt::format("{{\"error\": {{\"class\": \"{}\", \"desc\": \"{}\"}}}}\r\n", cls, desc);
}

TEST(Qmp, GreetsAndWantsNegotiation) {
    Fixture f;
    EXPECT_EQ(f.say("{'execute':'echo'}"), "");  // nobody there yet
    f.session->opened();
    const auto hello = Json::parse(f.output());
    ASSERT_TRUE(hello);
    EXPECT_EQ((*hello)["QMP"]["version"]["qemu"]["major"].integer(), 7);
    EXPECT_EQ((*hello)["QMP"]["version"]["qemu"]["minor"].integer(), 2);
    EXPECT_EQ(*(*hello)["QMP"]["capabilities"][0].string(), "oob");
    const auto expecting =
        error("Expecting capabilities negotiation with 'qmp_capabilities'", "CommandNotFound");
    EXPECT_EQ(f.say("{'execute':'echo'}"), expecting);
    EXPECT_EQ(f.say("{'execute':'nosuch'}"), expecting);
    EXPECT_EQ(f.say("{'exec-oob':'echo-oob'}"), error("QMP input member 'exec-oob' is unexpected"));
    EXPECT_EQ(f.say("{'execute':'qmp_capabilities'}"), "{\"return\": {}}\r\n");
    EXPECT_EQ(
        f.say("{'execute':'qmp_capabilities'}"),
        error("Capabilities negotiation is already complete, command ignored", "CommandNotFound"));
    // The next client starts from the beginning.
    f.session->closed();
    f.session->opened();
    (void)f.output();
    EXPECT_EQ(f.say("{'execute':'echo'}"), expecting);
}

TEST(Qmp, RefusesWhatIsNoRequest) {
    Fixture f;
    f.negotiate();
    const std::pair<const char*, std::string> cases[] = {
        {"[]", error("QMP input must be a JSON object")},
        {"'x'", error("QMP input must be a JSON object")},
        {"3\n", error("QMP input must be a JSON object")},
        {"{}", error("QMP input lacks member 'execute'")},
        {"{'arguments':{}}", error("QMP input lacks member 'execute'")},
        {"{'execute':3}", error("QMP input member 'execute' must be a string")},
        {"{'foo':1}", error("QMP input member 'foo' is unexpected")},
        {"{'execute':'echo','foo':1}", error("QMP input member 'foo' is unexpected")},
        {"{'execute':'echo','arguments':3}",
         error("QMP input member 'arguments' must be an object")},
        {"{'exec-oob':'echo-oob'}", error("QMP input member 'exec-oob' is unexpected")},
        {"{'execute':'nosuch'}", error("The command nosuch has not been found", "CommandNotFound")},
        {"{'execute':'refuse'}", error("no such thing", "DeviceNotFound")},
    };
    for (const auto& [input, expected] : cases)
        EXPECT_EQ(f.say(input), expected) << input;
    EXPECT_EQ(f.say("{'execute':'silent'}"), "");
}

TEST(Qmp, EchoesAnyIdOnRepliesAndErrors) {
    Fixture f;
    f.negotiate();
    for (const char* id :
         {"1", "null", "\"libvirt-7\"", "{\"a\": [1, 2]}", "18446744073709551615", "1.5", "true"}) {
        EXPECT_EQ(f.say(fmt::format("{{\"execute\": \"echo\", \"id\": {}}}", id)),
                  fmt::format("{{\"return\": {{}}, \"id\": {}}}\r\n", id));
        EXPECT_EQ(
            f.say(fmt::format("{{\"foo\": 1, \"id\": {}}}", id)).find(id) != std::string::npos,
            true);
    }
}

TEST(Qmp, TakesBytesInAnyPieces) {
    Fixture f;
    f.negotiate();
    const std::string_view two = "{ \"execute\":\n\t\"echo\" }\r\n{'execute':'echo','id':2}";
    std::string got;
    for (const char& c : two)
        got += f.say({&c, 1});
    EXPECT_EQ(got, "{\"return\": {}}\r\n{\"return\": {}, \"id\": 2}\r\n");
    EXPECT_EQ(f.say(two), got);
}

TEST(Qmp, GoesOnAfterGarbage) {
    Fixture f;
    f.negotiate();
    EXPECT_EQ(f.say("nonsense\n"), error("JSON parse error, invalid keyword 'nonsense'"));
    EXPECT_EQ(f.say("}\n"), error("JSON parse error, expecting value"));
    EXPECT_EQ(f.say("{'execute':'echo','id':1e400}"),
              error("JSON parse error, number out of range"));
    EXPECT_NE(f.say("\xff"), "");
    EXPECT_NE(f.say(std::string(1025, '[') + "\n"), "");
    EXPECT_EQ(f.say("{'execute':'echo'}"), "{\"return\": {}}\r\n");
}

TEST(Qmp, PrettyOutputHasLinesEndedAsTheOthers) {
    Fixture f({.pretty = true});
    f.session->opened();
    (void)f.output();
    (void)f.say("{'execute':'qmp_capabilities'}");
    EXPECT_EQ(f.say("{'execute':'echo','arguments':{'a':1}}"),
              "{\r\n    \"return\": {\r\n        \"a\": 1\r\n    }\r\n}\r\n");
}

TEST(Qmp, SendsEventsOnlyAfterNegotiation) {
    Fixture f;
    f.session->opened();
    (void)f.output();
    f.session->event(Json::object({{"event", "STOP"}}));
    EXPECT_EQ(f.output(), "");
    (void)f.say("{'execute':'qmp_capabilities'}");
    f.session->event(Json::object({{"event", "STOP"}}));
    EXPECT_EQ(f.output(), "{\"event\": \"STOP\"}\r\n");
}

TEST(Qmp, AClientThatDoesNotReadIsNotReadAndBounded) {
    Fixture f;
    f.negotiate();
    std::string flood;
    for (int i = 0; i < 50; i++)
        flood += "{'execute':'big'}";
    f.session->feed(flood);
    // Replies stop at the limit, the rest of the commands waits, and nothing more is read.
    EXPECT_LT(f.session->take_output(100 << 20).size(), QmpSession::most_output + 200'000);
    EXPECT_EQ(f.session->input_room(), 0u);
    for (int i = 0; i < 1000; i++)
        f.session->event(Json::object({{"event", "STOP"}}));
    EXPECT_LT(f.session->take_output(100 << 20).size(), QmpSession::most_output + 200'000);
    // It reads again: all the replies come, and the loss is told.
    std::size_t total = 0;
    for (int i = 0; i < 100; i++) {
        total += f.output().size();
        for (auto& g : std::exchange(f.posted, {}))
            g();
    }
    EXPECT_EQ(total, 50 * (100'000 + sizeof("{\"return\": \"\"}\r\n") - 1));
    EXPECT_EQ(f.dropped, 1000u);
    EXPECT_GT(f.wanted, 0);
    EXPECT_GT(f.session->input_room(), 0u);
}

TEST(Qmp, RunsOutOfBandAheadOfWhatWaits) {
    Fixture f;
    f.session->opened();
    (void)f.output();
    EXPECT_EQ(f.say("{'execute':'qmp_capabilities','arguments':{'enable':['oob']}}"),
              "{\"return\": {}}\r\n");
    f.session->feed("{'execute':'echo','id':1}{'exec-oob':'echo-oob','id':2}");
    EXPECT_EQ(f.output(), "{\"return\": {}, \"id\": 2}\r\n");
    for (auto& g : std::exchange(f.posted, {}))
        g();
    EXPECT_EQ(f.output(), "{\"return\": {}, \"id\": 1}\r\n");
    EXPECT_EQ(f.say("{'exec-oob':'echo'}"), error("The command echo does not support OOB"));
    EXPECT_EQ(f.say("{'exec-oob':'nosuch'}"),
              error("The command nosuch has not been found", "CommandNotFound"));
    EXPECT_EQ(f.say("{'execute':'echo','exec-oob':'echo'}"),
              error("QMP input member 'execute' clashes with 'exec-oob'"));
    // The queue is full at eight: the client is not read until the main loop got to it.
    for (int i = 0; i < 8; i++)
        f.session->feed("{'execute':'echo'}");
    EXPECT_EQ(f.session->input_room(), 0u);
    for (auto& g : std::exchange(f.posted, {}))
        g();
    EXPECT_GT(f.session->input_room(), 0u);
    EXPECT_GT(f.wanted, 0);
}

TEST(Qmp, RefusesACapabilityItDidNotOffer) {
    Fixture f(QmpSession::Options{});
    f.session->opened();
    EXPECT_EQ(f.output().find("oob"), std::string::npos);
    EXPECT_EQ(f.say("{'execute':'qmp_capabilities','arguments':{'enable':['oob']}}"),
              error("Capability oob is not available"));
}

TEST(Qmp, DoesNotStartACommandWithinACommand) {
    Fixture f;
    f.negotiate();
    EXPECT_EQ(f.say("{'execute':'nested'}{'execute':'echo'}"),
              "{\"return\": \"nested\"}\r\n{\"return\": {}}\r\n");
}

TEST(Qmp, HandsDescriptorsToTheCommandThatAsks) {
    Fixture f;
    f.negotiate();
    std::vector<UniqueFd> fds;
    fds.emplace_back(open("/dev/null", O_RDONLY | O_CLOEXEC));
    f.session->feed("{", std::move(fds));  // with the first byte, as libxl sends them
    EXPECT_EQ(f.say("'execute':'descriptor'}"), "{\"return\": true}\r\n");
    EXPECT_EQ(f.say("{'execute':'descriptor'}"), "{\"return\": false}\r\n");
}

TEST(Events, AreStampedAndLimited) {
    std::int64_t now = 5'000'007;
    unsigned due_in = 0;
    Events events(
        {.now_us = [&] { return now; }, .call_tick_in = [&](unsigned ms) { due_in = ms; }});
    struct : EventListener {
        std::vector<std::string> got;
        void event(const Json& e) override { got.push_back(e.text()); }
    } listener;
    events.add(listener);
    events.emit("STOP", nullptr);
    EXPECT_EQ(listener.got.at(0),
              "{\"timestamp\": {\"seconds\": 5, \"microseconds\": 7}, \"event\": \"STOP\"}");
    for (int i = 0; i < 5; i++)
        events.emit("RTC_CHANGE", Json::object({{"offset", i}}));
    ASSERT_EQ(listener.got.size(), 2u);  // the first at once
    EXPECT_EQ(due_in, 1000u);
    events.emit("VSERPORT_CHANGE", Json::object({{"id", "a"}}));
    events.emit("VSERPORT_CHANGE", Json::object({{"id", "b"}}));
    ASSERT_EQ(listener.got.size(), 4u);  // each port by itself
    now += 1'000'000;
    events.tick();
    ASSERT_EQ(listener.got.size(), 5u);  // then the latest
    EXPECT_NE(listener.got[4].find("\"offset\": 4"), std::string::npos);
    EXPECT_NE(listener.got[4].find("\"seconds\": 5"), std::string::npos);  // when it happened
    now += 1'000'000;
    events.tick();
    EXPECT_EQ(listener.got.size(), 5u);
    events.remove(listener);
    events.emit("STOP", nullptr);
    EXPECT_EQ(listener.got.size(), 5u);
}

}  // namespace
}  // namespace monitor
