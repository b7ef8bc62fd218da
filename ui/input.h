// SPDX-License-Identifier: GPL-2.0-or-later
//
// From whoever types and points (a QMP client, a viewer) to the keyboards and pointing devices that
// the guest sees. Device land: under the big lock.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <string_view>
#include <vector>

#include "util/result.h"
#include "util/timer.h"

namespace qapi {
// Generated from qapi/ui.json.
enum class InputAxis;
enum class InputButton;
enum class InputEventKind;
enum class QKeyCode;
}  // namespace qapi

namespace ui {

class Console;

/// A keyboard or a pointing device: takes the events of the kinds it names.
class InputHandler {
public:
    virtual ~InputHandler() = default;
    virtual std::string_view input_name() const = 0;
    virtual bool takes(qapi::InputEventKind) const = 0;
    virtual void key_event(qapi::QKeyCode, bool /*down*/) {}
    virtual void button_event(qapi::InputButton, bool /*down*/) {}
    virtual void relative_event(qapi::InputAxis, std::int32_t /*by*/) {}
    /// From 0 to `absolute_range`, left to right and top to bottom.
    virtual void absolute_event(qapi::InputAxis, std::int32_t /*at*/) {}
    /// What came since the last one happened at the same moment.
    virtual void input_sync() {}

    static constexpr std::int32_t absolute_range = 0x7fff;
};

class Input {
public:
    /// Keys that are held down count the clock's time. `accepts`: whether there is a guest that
    /// would notice; events for a stopped one are dropped.
    Input(Clock& clock, std::function<bool()> accepts);

    /// Asked after those that are there.
    void add(InputHandler&);
    void remove(InputHandler&);
    /// From now on asked before the others.
    void prefer(InputHandler&);

    struct Entry {
        InputHandler* handler;
        int index;  // how users call it; never used again
    };
    /// In the order they are asked.
    const std::vector<Entry>& handlers() const { return handlers_; }
    InputHandler* find(qapi::InputEventKind) const;
    /// A mouse or a tablet.
    static bool points(const InputHandler&);
    /// The one that pointing goes to.
    InputHandler* mouse() const;
    Result<void> prefer_mouse(std::int64_t index);
    bool accepts() const { return accepts_(); }
    /// By the events that were sent, whoever took them.
    bool is_down(qapi::InputButton) const;

    void key(qapi::QKeyCode, bool down);
    void button(qapi::InputButton, bool down);
    void relative(qapi::InputAxis, std::int64_t by);
    void absolute(qapi::InputAxis, std::int64_t at);
    void sync();

    /// Presses them one after another and releases them in reverse order, with a pause after
    /// each; behind the keys that are waiting already. An error when too many are.
    Result<void> type(const std::vector<qapi::QKeyCode>&, std::int64_t pause_ms);
    static constexpr std::int64_t default_pause_ms = 10;

private:
    struct Step {
        qapi::QKeyCode key;
        bool down;
        std::int64_t pause_ms;
    };
    void take_steps();
    void touched(InputHandler&);

    std::function<bool()> accepts_;
    std::vector<Entry> handlers_;
    std::vector<InputHandler*> unsynced_;
    std::deque<Step> steps_;
    Timer pause_;
    std::uint32_t buttons_down_ = 0;
    int next_index_ = 1;
};

}  // namespace ui
