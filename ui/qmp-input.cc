// SPDX-License-Identifier: GPL-2.0-or-later
//
// The commands of qapi/ui.json that stand in for a user's hands.
#include <algorithm>

#include "qapi/context.h"
#include "qapi/qapi-commands-ui.h"
#include "ui/console.h"
#include "ui/input.h"
#include "ui/keymap.h"

namespace qapi {

namespace {

QKeyCode key_of(const KeyValue& value) {
    if (const auto* number = std::get_if<IntWrapper>(&value.u))
        return ui::key_of_number(number->data);
    return std::get<QKeyCodeWrapper>(value.u).data;
}

struct Sender {
    ui::Input& input;
    void operator()(const InputKeyEventWrapper& e) const {
        input.key(key_of(e.data.key), e.data.down);
    }
    void operator()(const InputBtnEventWrapper& e) const {
        input.button(e.data.button, e.data.down);
    }
    void operator()(const InputMoveEventWrapper&) const {}
};

}  // namespace

Result<void> qmp_send_key(Context& cx, const SendKeyArgs& args) {
    std::vector<QKeyCode> keys;
    for (const KeyValue& value : args.keys)
        keys.push_back(key_of(value));
    const std::int64_t pause = args.hold_time.value_or(0);
    return cx.get<ui::Input>().type(keys, pause > 0 ? pause : ui::Input::default_pause_ms);
}

Result<void> qmp_input_send_event(Context& cx, const InputSendEventArgs& args) {
    auto& input = cx.get<ui::Input>();
    if (args.device) TRY(ui::find_console(cx, *args.device, args.head.value_or(0)));
    if (!input.accepts()) return fail("VM not running");
    for (const InputEvent& e : args.events)
        if (!input.find(e.type))
            return fail("Input handler not found for event type {}", name(e.type));
    for (const InputEvent& e : args.events) {
        std::visit(Sender{input}, e.u);
        if (const auto* move = std::get_if<InputMoveEventWrapper>(&e.u)) {
            if (e.type == InputEventKind::rel)
                input.relative(move->data.axis, move->data.value);
            else
                input.absolute(move->data.axis, move->data.value);
        }
    }
    input.sync();
    return {};
}

Result<std::vector<MouseInfo>> qmp_query_mice(Context& cx) {
    auto& input = cx.get<ui::Input>();
    std::vector<MouseInfo> list;
    for (const auto& [handler, index] : input.handlers()) {
        if (!ui::Input::points(*handler)) continue;
        list.push_back({.name = std::string(handler->input_name()),
                        .index = index,
                        .current = handler == input.mouse(),
                        .absolute = handler->takes(InputEventKind::abs)});
    }
    std::ranges::sort(list, {}, &MouseInfo::index);
    return list;
}

Result<DisplayOptions> qmp_query_display_options(Context&) {
    return DisplayOptions{DisplayType::none};
}

}  // namespace qapi
