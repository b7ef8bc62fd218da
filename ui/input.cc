// SPDX-License-Identifier: GPL-2.0-or-later
#include "ui/input.h"

#include <algorithm>

#include "qapi/qapi-types-ui.h"

namespace ui {

using qapi::InputEventKind;
using qapi::QKeyCode;

namespace {

constexpr std::size_t most_steps = 1024;
constexpr std::int64_t longest_pause_ms = 24 * 3600 * 1000;

constexpr std::uint32_t bit(qapi::InputButton button) {
    return 1u << static_cast<unsigned>(button);
}

std::int32_t clamp32(std::int64_t v) {
    return static_cast<std::int32_t>(std::clamp<std::int64_t>(v, INT32_MIN, INT32_MAX));
}

}  // namespace

Input::Input(Clock& clock, std::function<bool()> accepts)
    : accepts_(std::move(accepts)), pause_(clock, [this] { take_steps(); }) {}

void Input::add(InputHandler& handler) {
    handlers_.push_back({&handler, next_index_++});
}

void Input::remove(InputHandler& handler) {
    std::erase_if(handlers_, [&](const Entry& e) { return e.handler == &handler; });
    std::erase(unsynced_, &handler);
}

void Input::prefer(InputHandler& handler) {
    std::stable_partition(handlers_.begin(), handlers_.end(),
                          [&](const Entry& e) { return e.handler == &handler; });
}

InputHandler* Input::find(InputEventKind kind) const {
    for (const Entry& e : handlers_)
        if (e.handler->takes(kind)) return e.handler;
    return nullptr;
}

bool Input::points(const InputHandler& h) {
    return h.takes(InputEventKind::rel) || h.takes(InputEventKind::abs);
}

InputHandler* Input::mouse() const {
    for (const Entry& e : handlers_)
        if (points(*e.handler)) return e.handler;
    return nullptr;
}

Result<void> Input::prefer_mouse(std::int64_t index) {
    const auto e = std::ranges::find(handlers_, index, &Entry::index);
    if (e == handlers_.end()) return fail("Mouse at index '{}' not found", index);
    if (!points(*e->handler))
        return fail("Input device '{}' is not a mouse", e->handler->input_name());
    prefer(*e->handler);
    return {};
}

void Input::touched(InputHandler& handler) {
    if (std::ranges::find(unsynced_, &handler) == unsynced_.end()) unsynced_.push_back(&handler);
}

void Input::key(QKeyCode key, bool down) {
    // "sysrq" is an old name of the same key; the keyboard knows what Alt makes of it.
    if (key == QKeyCode::sysrq) key = QKeyCode::print;
    auto* h = accepts_() ? find(InputEventKind::key) : nullptr;
    if (!h) return;
    h->key_event(key, down);
    touched(*h);
}

bool Input::is_down(qapi::InputButton button) const {
    return buttons_down_ & bit(button);
}

void Input::button(qapi::InputButton button, bool down) {
    auto* h = accepts_() ? find(InputEventKind::btn) : nullptr;
    if (!h) return;
    buttons_down_ = down ? buttons_down_ | bit(button) : buttons_down_ & ~bit(button);
    h->button_event(button, down);
    touched(*h);
}

void Input::relative(qapi::InputAxis axis, std::int64_t by) {
    auto* h = accepts_() ? find(InputEventKind::rel) : nullptr;
    if (!h) return;
    h->relative_event(axis, clamp32(by));
    touched(*h);
}

void Input::absolute(qapi::InputAxis axis, std::int64_t at) {
    auto* h = accepts_() ? find(InputEventKind::abs) : nullptr;
    if (!h) return;
    h->absolute_event(axis, clamp32(at));
    touched(*h);
}

void Input::sync() {
    const auto touched = std::exchange(unsynced_, {});
    for (const Entry& e : handlers())
        if (std::ranges::find(touched, e.handler) != touched.end()) e.handler->input_sync();
}

Result<void> Input::type(const std::vector<QKeyCode>& keys, std::int64_t pause_ms) {
    if (!accepts_()) return {};
    if (steps_.size() + keys.size() * 2 > most_steps)
        return fail("Too many keys are waiting to be typed");
    pause_ms = std::min(pause_ms, longest_pause_ms);
    for (const QKeyCode key : keys)
        steps_.push_back({key, true, pause_ms});
    for (auto key = keys.rbegin(); key != keys.rend(); ++key)
        steps_.push_back({*key, false, pause_ms});
    if (!pause_.pending()) take_steps();
    return {};
}

void Input::take_steps() {
    if (steps_.empty()) return;
    const Step step = steps_.front();
    steps_.pop_front();
    key(step.key, step.down);
    sync();
    pause_.set(pause_.clock().now_ns() + step.pause_ms * 1'000'000);
}

}  // namespace ui
