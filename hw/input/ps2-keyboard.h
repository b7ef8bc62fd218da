// SPDX-License-Identifier: GPL-2.0-or-later
//
// PS/2 keyboard (IBM PS/2 Hardware Interface Technical Reference, "Keyboard").
#pragma once

#include "hw/core/device.h"
#include "hw/input/ps2.h"
#include "ui/input.h"

namespace hw {

class SystemRequests;

struct Ps2KeyboardState {
    Ps2CommonState common{};
    i32 scan_enabled = 1;
    i32 translate = 0;
    i32 scancode_set = 2;
    i32 ledstate = 0;
};

class Ps2Keyboard final : public DeviceOf<NoConfig, Ps2KeyboardState>, public ui::InputHandler {
public:
    static const DeviceType device_type_;
    enum Led : u8 { scroll_lock = 1, num_lock = 2, caps_lock = 4 };

    Ps2Keyboard() : DeviceOf(device_type_) {}
    ~Ps2Keyboard() override;

    const vmstate::Table& vmstate() const override;
    std::vector<Pins> pins() const override { return {{"", 0, 1}}; }
    void hold_reset() override;

    Ps2Queue& port() { return port_; }
    void write(u8 value);
    /// The i8042 turns set 2 into set 1. It tells us, and gets it so.
    void set_translation(bool on) { state_.translate = on; }
    /// The lamps that are on, as bits of Led.
    i32 leds() const { return state_.ledstate; }

    std::string_view input_name() const override { return "QEMU PS/2 Keyboard"; }
    bool takes(qapi::InputEventKind) const override;
    void key_event(qapi::QKeyCode, bool down) override;

protected:
    Result<void> realize(Platform&) override;

private:
    void restore_defaults();
    void parameter(u8 command, u8 value);
    Ps2Queue port_{state_.common};
    ui::Input* input_ = nullptr;
    SystemRequests* system_ = nullptr;
    unsigned held_ = 0;          // modifiers, which change what print screen and pause send
    bool release_next_ = false;  // F0 went by: translation adds 80h to the code that follows
};

}  // namespace hw
