// SPDX-License-Identifier: GPL-2.0-or-later
//
// Who gets the events of keys and mice, and when; the QMP commands that send them.
#include "ui/input.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "qapi/command.h"
#include "qapi/context.h"
#include "qapi/qapi-commands-ui.h"
#include "ui/console.h"

namespace {

using qapi::InputEventKind;
using qapi::Json;
using qapi::JsonArray;
using qapi::JsonObject;

/// Writes down what it gets: "+a -a | x5 |", a bar for each sync.
class Recorder final : public ui::InputHandler {
public:
    Recorder(std::string_view title, std::vector<InputEventKind> kinds)
        : title_(title), kinds_(std::move(kinds)) {}
    std::string_view input_name() const override { return title_; }
    bool takes(InputEventKind kind) const override {
        return std::ranges::find(kinds_, kind) != kinds_.end();
    }
    void key_event(qapi::QKeyCode key, bool down) override { note(down, qapi::name(key)); }
    void button_event(qapi::InputButton b, bool down) override { note(down, qapi::name(b)); }
    void relative_event(qapi::InputAxis a, std::int32_t by) override {
        heard_ += fmt::format("{}{} ", qapi::name(a), by);
    }
    void absolute_event(qapi::InputAxis a, std::int32_t at) override {
        heard_ += fmt::format("{}@{} ", qapi::name(a), at);
    }
    void input_sync() override { heard_ += "| "; }
    std::string heard() { return std::exchange(heard_, {}); }

private:
    void note(bool down, std::string_view what) {
        heard_ += fmt::format("{}{} ", down ? '+' : '-', what);
    }
    std::string_view title_;
    std::vector<InputEventKind> kinds_;
    std::string heard_;
};

class InputTest : public ::testing::Test {
protected:
    InputTest() {
        table_.add(qapi::commands_ui());
        services_.provide(input);
        input.add(keyboard);
        input.add(mouse);
    }
    std::string operator()(const char* command, JsonObject arguments = {}) {
        const Result<Json> done = table_.run(services_, command, std::move(arguments));
        return done ? done->text() : done.error().description();
    }
    static Json event(const char* type, JsonObject data) {
        return Json::object({{"type", type}, {"data", std::move(data)}});
    }
    static Json qcode(const char* name) {
        return Json::object({{"type", "qcode"}, {"data", name}});
    }

    ManualClock clock;
    bool running = true;
    ui::Input input{clock, [this] { return running; }};
    Recorder keyboard{"keyboard", {InputEventKind::key}};
    Recorder mouse{"mouse", {InputEventKind::btn, InputEventKind::rel}};
    Recorder tablet{"tablet", {InputEventKind::btn, InputEventKind::abs}};

private:
    qapi::CommandTable table_;
    qapi::Context services_;
};

constexpr std::int64_t ms = 1'000'000;

TEST_F(InputTest, TypesKeysWithPauses) {
    EXPECT_EQ((*this)("send-key", {{"keys", JsonArray{qcode("ctrl"), qcode("c")}}}), "{}");
    EXPECT_EQ(keyboard.heard(), "+ctrl | ");
    clock.advance(10 * ms);
    EXPECT_EQ(keyboard.heard(), "+c | ");
    // Behind those that are on their way.
    EXPECT_EQ((*this)("send-key",
                      {{"keys", JsonArray{Json::object({{"type", "number"}, {"data", 0x9c}})}},
                       {"hold-time", 200}}),
              "{}");
    clock.advance(20 * ms);
    EXPECT_EQ(keyboard.heard(), "-c | -ctrl | ");
    clock.advance(10 * ms);
    EXPECT_EQ(keyboard.heard(), "+kp_enter | ");
    clock.advance(199 * ms);
    EXPECT_EQ(keyboard.heard(), "");
    clock.advance(1 * ms);
    EXPECT_EQ(keyboard.heard(), "-kp_enter | ");
}

TEST_F(InputTest, TheKeysOnTheirWayAreBounded) {
    JsonArray keys;
    for (int n = 0; n < 500; n++)
        keys.push_back(qcode("a"));
    EXPECT_EQ((*this)("send-key", {{"keys", keys}}), "{}");
    EXPECT_EQ((*this)("send-key", {{"keys", keys}}), "Too many keys are waiting to be typed");
    clock.advance(10'000 * ms);
    EXPECT_EQ((*this)("send-key", {{"keys", keys}, {"hold-time", INT64_MAX}}), "{}");
}

TEST_F(InputTest, EventsOfOneCommandHappenAtOnce) {
    const JsonArray events{
        event("key", {{"down", true}, {"key", qcode("sysrq")}}),
        event("rel", {{"axis", "x"}, {"value", 5}}),
        event("rel", {{"axis", "y"}, {"value", INT64_MIN}}),
        event("btn", {{"button", "wheel-up"}, {"down", true}}),
    };
    EXPECT_EQ((*this)("input-send-event", {{"events", events}}), "{}");
    EXPECT_EQ(keyboard.heard(), "+print | ");
    EXPECT_EQ(mouse.heard(), "x5 y-2147483648 +wheel-up | ");
}

TEST_F(InputTest, AllEventsNeedATaker) {
    const JsonArray events{event("rel", {{"axis", "x"}, {"value", 5}}),
                           event("abs", {{"axis", "x"}, {"value", 5}})};
    EXPECT_EQ((*this)("input-send-event", {{"events", events}}),
              "Input handler not found for event type abs");
    EXPECT_EQ(mouse.heard(), "");
    input.add(tablet);
    EXPECT_EQ((*this)("input-send-event", {{"events", events}}), "{}");
    EXPECT_EQ(mouse.heard(), "x5 | ");
    EXPECT_EQ(tablet.heard(), "x@5 | ");
    running = false;
    EXPECT_EQ((*this)("input-send-event", {{"events", events}}), "VM not running");
    EXPECT_EQ((*this)("send-key", {{"keys", JsonArray{qcode("a")}}}), "{}");
    clock.advance(100 * ms);
    EXPECT_EQ(keyboard.heard(), "");
}

TEST_F(InputTest, ThePreferredMouseComesFirst) {
    input.add(tablet);
    EXPECT_EQ((*this)("query-mice"),
              R"([{"name": "mouse", "index": 2, "current": true, "absolute": false}, )"
              R"({"name": "tablet", "index": 3, "current": false, "absolute": true}])");
    EXPECT_TRUE(input.prefer_mouse(3));
    EXPECT_EQ((*this)("query-mice"),
              R"([{"name": "mouse", "index": 2, "current": false, "absolute": false}, )"
              R"({"name": "tablet", "index": 3, "current": true, "absolute": true}])");
    const JsonArray events{event("btn", {{"button", "left"}, {"down", true}})};
    EXPECT_EQ((*this)("input-send-event", {{"events", events}}), "{}");
    EXPECT_EQ(tablet.heard(), "+left | ");
    EXPECT_TRUE(input.is_down(qapi::InputButton::left));
    EXPECT_EQ(input.prefer_mouse(1).error().description(),
              "Input device 'keyboard' is not a mouse");
    EXPECT_EQ(input.prefer_mouse(9).error().description(), "Mouse at index '9' not found");
    input.remove(tablet);
    EXPECT_EQ(input.mouse(), &mouse);
}

}  // namespace
