// SPDX-License-Identifier: GPL-2.0-or-later
//
// PS/2 keyboard and mouse (IBM PS/2 Hardware Interface Technical Reference, "Keyboard" and
// "Mouse"; Microsoft's IntelliMouse extensions): what sits at the far end of the i8042's two
// cables.
#pragma once

#include <array>
#include <initializer_list>
#include <string_view>

#include "hw/core/device.h"
#include "hw/core/int.h"
#include "hw/core/irq.h"

namespace hw {

/// The bytes on their way to the controller. Replies to commands go in front of what the user
/// typed; a new reply takes the place of one that was not read.
struct Ps2CommonState {
    static constexpr i32 buffer_size = 256;
    static constexpr i32 queue_size = 16;  // of what the user typed
    i32 write_cmd = -1;                    // the command whose parameter is due
    i32 rptr = 0;
    i32 wptr = 0;
    i32 count = 0;
    std::array<u8, buffer_size> data{};
    i32 cwptr = -1;  // end of the reply at the front; -1 = none
};

class Ps2Queue {
public:
    explicit Ps2Queue(Ps2CommonState& state) : s_(state) {}

    /// Lines up behind the rest; dropped as a whole when there is no room.
    void queue(std::initializer_list<u8> bytes);
    void reply(std::initializer_list<u8> bytes);
    /// The next byte; the last one again when there is none (EMM386 needs it).
    u8 read();
    void clear();
    i32 room() const { return Ps2CommonState::queue_size - s_.count; }

    /// There is something to read.
    IrqOut irq;

private:
    void drop_reply();
    Ps2CommonState& s_;
};

struct Ps2KeyboardState {
    Ps2CommonState common{};
    i32 scan_enabled = 1;
    i32 translate = 0;
    i32 scancode_set = 2;
    i32 ledstate = 0;
};

class Ps2Keyboard final : public DeviceOf<NoConfig, Ps2KeyboardState> {
public:
    static const DeviceType device_type_;

    Ps2Keyboard() : DeviceOf(device_type_) {}

    const vmstate::Table& vmstate() const override;
    void hold_reset() override;

    Ps2Queue& port() { return port_; }
    void write(u8 value);
    /// The i8042 turns set 2 into set 1. It tells us, and gets it so.
    void set_translation(bool on) { state_.translate = on; }
    /// `qcode`: a word of QMP's QKeyCode. False: this keyboard has no such key.
    bool key(std::string_view qcode, bool down);
    i32 leds() const { return state_.ledstate; }

protected:
    Result<void> realize(Platform&) override { return {}; }

private:
    void restore_defaults();
    void parameter(u8 command, u8 value);
    void send(u16 code, bool down, unsigned set);
    Ps2Queue port_{state_.common};
};

struct Ps2MouseState {
    Ps2CommonState common{};
    u8 mouse_status = 0;
    u8 mouse_resolution = 0;
    u8 mouse_sample_rate = 0;
    u8 mouse_wrap = 0;
    u8 mouse_type = 0;  // 0 PS/2, 3 IMPS/2, 4 IMEX
    u8 mouse_detect_state = 0;
    i32 mouse_dx = 0;
    i32 mouse_dy = 0;
    i32 mouse_dz = 0;
    u8 mouse_buttons = 0;
};

class Ps2Mouse final : public DeviceOf<NoConfig, Ps2MouseState> {
public:
    static const DeviceType device_type_;
    enum Button : u8 { left = 1, right = 2, middle = 4, side = 8, extra = 16 };

    Ps2Mouse() : DeviceOf(device_type_) {}

    const vmstate::Table& vmstate() const override;
    void hold_reset() override;

    Ps2Queue& port() { return port_; }
    void write(u8 value);
    /// Down and right are positive, as on a screen; dz: the wheel towards the user.
    void move(int dx, int dy, int dz);
    void button(Button, bool down);
    /// The end of what happened at once: sends it.
    void sync();
    bool wants_events() const;

protected:
    Result<void> realize(Platform&) override { return {}; }

private:
    void parameter(u8 command, u8 value);
    bool send_packet();
    Ps2Queue port_{state_.common};
};

}  // namespace hw
