// SPDX-License-Identifier: GPL-2.0-or-later
//
// HMP commands about displays and input.
#include "monitor/hmp.h"
#include "qapi/context.h"
#include "qapi/qapi-types-ui.h"
#include "ui/input.h"

namespace monitor {

using qapi::Json;
using qapi::JsonArray;
using qapi::JsonObject;

namespace {

Result<void> screendump(Hmp& hmp, const HmpArguments& a) {
    JsonObject arguments{{"filename", a.text("filename")}};
    if (const auto device = a.maybe_text("device")) arguments.set("device", *device);
    if (const auto head = a.maybe_number("head")) arguments.set("head", *head);
    if (const auto format = a.maybe_text("f")) arguments.set("format", *format);
    (void)TRY(hmp.qmp("screendump", std::move(arguments)));
    return {};
}

/// "ctrl-alt-f1", "shift-0x1e"; "<" is the key that has it.
Result<void> sendkey(Hmp& hmp, const HmpArguments& a) {
    std::string_view text = a.text("keys");
    JsonArray keys;
    for (bool more = true; more;) {
        const auto dash = text.find('-');
        std::string key(text.substr(0, dash));
        more = dash != text.npos;
        if (more) text.remove_prefix(dash + 1);
        if (key == "<") key = "less";
        if (key.starts_with("0x")) {
            std::string_view digits = key;
            const auto number = parse_hmp_expression(digits, {});
            if (!number || !digits.empty()) {
                hmp.print("invalid parameter: {}\n", key);
                return {};
            }
            keys.push_back(Json::object({{"type", "number"}, {"data", *number}}));
        } else if (qapi::parse_enum<qapi::QKeyCode>(key)) {
            keys.push_back(Json::object({{"type", "qcode"}, {"data", key}}));
        } else {
            hmp.print("invalid parameter: {}\n", key);
            return {};
        }
    }
    JsonObject arguments{{"keys", std::move(keys)}};
    if (const auto hold = a.maybe_number("hold-time")) arguments.set("hold-time", *hold);
    (void)TRY(hmp.qmp("send-key", std::move(arguments)));
    return {};
}

Json button(std::string_view name, bool down) {
    return Json::object(
        {{"type", "btn"}, {"data", Json::object({{"button", name}, {"down", down}})}});
}
Json movement(const char* axis, std::int64_t by) {
    return Json::object({{"type", "rel"}, {"data", Json::object({{"axis", axis}, {"value", by}})}});
}
/// Nobody is told when no pointing device is there to notice.
void send(Hmp& hmp, JsonArray events) {
    (void)hmp.qmp("input-send-event", {{"events", std::move(events)}});
}

/// Apart from the others, so that "1 -5" is two numbers and not a sum.
Result<std::int64_t> signed_number(const std::string& text) {
    std::string_view rest = text;
    const auto value = TRY(parse_hmp_expression(rest, {}));
    if (!rest.empty()) return fail("invalid number: {}", text);
    return value;
}

Result<void> mouse_move(Hmp& hmp, const HmpArguments& a) {
    const auto dx = TRY(signed_number(a.text("dx"))), dy = TRY(signed_number(a.text("dy")));
    const auto dz = TRY(signed_number(a.maybe_text("dz").value_or("0")));
    JsonArray events{movement("x", dx), movement("y", dy)};
    const char* wheel = dz > 0 ? "wheel-up" : "wheel-down";
    if (dz) events.push_back(button(wheel, true));
    send(hmp, std::move(events));
    if (dz) send(hmp, {button(wheel, false)});
    return {};
}

/// Only buttons that change make an event.
Result<void> mouse_button(Hmp& hmp, const HmpArguments& a) {
    using qapi::InputButton;
    auto* input = hmp.services().find<ui::Input>();
    JsonArray events;
    unsigned bit = 1;
    for (const auto which : {InputButton::left, InputButton::right, InputButton::middle}) {
        const bool down = a.number("state") & bit;
        if (input && down != input->is_down(which))
            events.push_back(button(qapi::name(which), down));
        bit <<= 1;
    }
    if (!events.empty()) send(hmp, std::move(events));
    return {};
}

Result<void> mouse_set(Hmp& hmp, const HmpArguments& a) {
    auto* input = hmp.services().find<ui::Input>();
    if (!input) return fail("there is no input");
    if (const auto chosen = input->prefer_mouse(a.number("index")); !chosen)
        hmp.print("{}\n", chosen.error().description());
    return {};
}

constexpr HmpArg screendump_args[] = {arg::file("filename"), arg::option("f"),
                                      arg::word("device", Complete::device).maybe(),
                                      arg::number("head").maybe()};
constexpr HmpArg sendkey_args[] = {arg::word("keys"), arg::number("hold-time").maybe()};
constexpr HmpArg move_args[] = {arg::word("dx"), arg::word("dy"), arg::word("dz").maybe()};
constexpr HmpArg button_args[] = {arg::number("state")};
constexpr HmpArg index_args[] = {arg::number("index")};

constexpr HmpCommand table[] = {
    {"mouse_button", button_args, "state", "press and release mouse buttons (1=L, 2=R, 4=M)",
     "input-send-event", mouse_button},
    {"mouse_move", move_args, "dx dy [dz]", "move the mouse, and turn its wheel",
     "input-send-event", mouse_move},
    {"mouse_set", index_args, "index", "choose the mouse that gets the events", "query-mice",
     mouse_set},
    {"screendump", screendump_args, "filename [-f format] [device [head]]",
     "write what a display shows to a file, as ppm or png", "screendump", screendump},
    {"sendkey", sendkey_args, "keys [hold_ms]",
     "press keys together (ctrl-alt-f1), each step as long as said", "send-key", sendkey},
};

}  // namespace

std::span<const HmpCommand> hmp_ui_commands() {
    return table;
}

}  // namespace monitor
