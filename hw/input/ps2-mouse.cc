// SPDX-License-Identifier: GPL-2.0-or-later
#include "hw/input/ps2-mouse.h"

#include <algorithm>

#include "hw/core/system-requests.h"
#include "migration/vmstate/fields.h"
#include "qapi/context.h"
#include "qapi/qapi-types-ui.h"

namespace hw {

using qapi::InputButton;
using qapi::InputEventKind;

namespace {

enum : u8 { ACK = 0xfa, BAT_OK = 0xaa };
// Commands to the mouse
enum : u8 {
    aux_scaling_1_1 = 0xe6,
    aux_scaling_2_1 = 0xe7,
    aux_resolution = 0xe8,
    aux_status = 0xe9,
    aux_stream = 0xea,
    aux_poll = 0xeb,
    aux_wrap_off = 0xec,
    aux_wrap_on = 0xee,
    aux_remote = 0xf0,
    aux_type = 0xf2,
    aux_sample_rate = 0xf3,
    aux_enable = 0xf4,
    aux_disable = 0xf5,
    aux_default = 0xf6,
    aux_reset = 0xff,
};
enum : u8 { status_scaling = 0x10, status_enabled = 0x20, status_remote = 0x40 };
enum : u8 { plain_mouse = 0, wheel_mouse = 3, five_button_mouse = 4 };

using M = Ps2MouseState;
constexpr auto mouse_fields = vmstate::fields(
    vmstate::structs<&M::common>("parent_obj", ps2_common_table),
    vmstate::field<&M::mouse_status>("mouse_status"),
    vmstate::field<&M::mouse_resolution>("mouse_resolution"),
    vmstate::field<&M::mouse_sample_rate>("mouse_sample_rate"),
    vmstate::field<&M::mouse_wrap>("mouse_wrap"), vmstate::field<&M::mouse_type>("mouse_type"),
    vmstate::field<&M::mouse_detect_state>("mouse_detect_state"),
    vmstate::field<&M::mouse_dx>("mouse_dx"), vmstate::field<&M::mouse_dy>("mouse_dy"),
    vmstate::field<&M::mouse_dz>("mouse_dz"), vmstate::field<&M::mouse_buttons>("mouse_buttons"));
static_assert(vmstate::covers<M>(mouse_fields));
constexpr vmstate::Table mouse_table{
    .name = "ps2mouse", .version = 2, .minimum_version = 2, .fields = mouse_fields};

u8 bit_of(InputButton button) {
    switch (button) {
        case InputButton::left: return Ps2Mouse::left;
        case InputButton::right: return Ps2Mouse::right;
        case InputButton::middle: return Ps2Mouse::middle;
        case InputButton::side: return Ps2Mouse::side;
        case InputButton::extra: return Ps2Mouse::extra;
        default: return 0;
    }
}

/// Whoever moves the mouse may be a stranger: stays far from overflow.
void add(i32& sum, i64 by) {
    sum = i32(std::clamp<i64>(sum + by, -(1 << 30), 1 << 30));
}

}  // namespace

const DeviceType Ps2Mouse::device_type_{{.name = "ps2-mouse", .parent = "ps2-device"},
                                        "System",
                                        Category::Input,
                                        false,
                                        false,
                                        nullptr};

Ps2Mouse::~Ps2Mouse() {
    if (input_) input_->remove(*this);
}

Result<void> Ps2Mouse::realize(Platform& platform) {
    system_ = platform.services.find<SystemRequests>();
    if ((input_ = platform.services.find<ui::Input>())) input_->add(*this);
    return {};
}

bool Ps2Mouse::takes(InputEventKind kind) const {
    return kind == InputEventKind::btn || kind == InputEventKind::rel;
}

const vmstate::Table& Ps2Mouse::vmstate() const {
    return mouse_table;
}

void Ps2Mouse::hold_reset() {
    state_ = {};
    dw_ = 0;
    port_.irq.lower();
}

bool Ps2Mouse::enabled() const {
    return state_.mouse_status & status_enabled;
}

void Ps2Mouse::write(u8 value) {
    if (state_.common.write_cmd != -1) {
        const u8 command = u8(state_.common.write_cmd);
        state_.common.write_cmd = -1;
        return parameter(command, value);
    }
    if (state_.mouse_wrap && value != aux_reset) {
        if (value == aux_wrap_off) {
            state_.mouse_wrap = 0;
            value = ACK;
        }
        return port_.queue({value});  // echo mode
    }
    auto set_defaults = [this] {
        state_.mouse_sample_rate = 100;
        state_.mouse_resolution = 2;
        state_.mouse_status = 0;
    };
    switch (value) {
        case aux_scaling_1_1: state_.mouse_status &= u8(~status_scaling); break;
        case aux_scaling_2_1: state_.mouse_status |= status_scaling; break;
        case aux_stream: state_.mouse_status &= u8(~status_remote); break;
        case aux_remote: state_.mouse_status |= status_remote; break;
        case aux_wrap_on: state_.mouse_wrap = 1; break;
        case aux_enable: state_.mouse_status |= status_enabled; break;
        case aux_disable: state_.mouse_status &= u8(~status_enabled); break;
        case aux_default: set_defaults(); break;
        case aux_resolution:
        case aux_sample_rate: state_.common.write_cmd = value; break;
        case aux_type: return port_.queue({ACK, state_.mouse_type});
        case aux_status:
            return port_.queue(
                {ACK, state_.mouse_status, state_.mouse_resolution, state_.mouse_sample_rate});
        case aux_poll:
            port_.queue({ACK});
            send_packet();
            return;
        case aux_reset:
            set_defaults();
            state_.mouse_type = plain_mouse;
            port_.clear();
            return port_.queue({ACK, BAT_OK, state_.mouse_type});
        default: return;
    }
    port_.queue({ACK});
}

void Ps2Mouse::parameter(u8 command, u8 value) {
    if (command == aux_resolution) {
        state_.mouse_resolution = value;
    } else {
        state_.mouse_sample_rate = value;
        // Sample rates 200, 100, 80 make it a wheel mouse; 200, 200, 80 one with five buttons.
        u8& step = state_.mouse_detect_state;
        if (step == 1 && value == 100) {
            step = 2;
        } else if (step == 1 && value == 200) {
            step = 3;
        } else if (step >= 2) {
            if (value == 80) state_.mouse_type = step == 2 ? wheel_mouse : five_button_mouse;
            step = 0;
        } else {
            step = value == 200;
        }
    }
    port_.queue({ACK});
}

bool Ps2Mouse::send_packet() {
    M& s = state_;
    if (port_.room() < (s.mouse_type ? 4 : 3)) return false;
    const int dx = std::clamp(s.mouse_dx, -127, 127), dy = std::clamp(s.mouse_dy, -127, 127);
    const u8 first =
        u8(0x08 | (dx < 0 ? 0x10 : 0) | (dy < 0 ? 0x20 : 0) | (s.mouse_buttons & 0x07));
    int dz = 0, dw = s.mouse_type == five_button_mouse ? 0 : dw_;
    switch (s.mouse_type) {
        case wheel_mouse:
            dz = std::clamp(s.mouse_dz, -127, 127);
            port_.queue({first, u8(dx), u8(dy), u8(dz)});
            break;
        case five_button_mouse:
            // A fourth byte with bit 6 is the wheel's way to the side, as Linux' psmouse has it.
            if (dw_) {
                dw = std::clamp(dw_, -31, 31);
                port_.queue({first, u8(dx), u8(dy), u8((dw & 0x3f) | 0x40)});
                break;
            }
            dz = std::clamp(s.mouse_dz, -7, 7);
            port_.queue({first, u8(dx), u8(dy), u8((dz & 0x0f) | (s.mouse_buttons & 0x18) << 1)});
            break;
        default:
            port_.queue({first, u8(dx), u8(dy)});
            dz = s.mouse_dz;  // nowhere to go, as dw of the others
            break;
    }
    s.mouse_dx -= dx;
    s.mouse_dy -= dy;
    s.mouse_dz -= dz;
    dw_ -= dw;
    return true;
}

void Ps2Mouse::relative_event(qapi::InputAxis axis, i32 by) {
    if (!enabled()) return;
    if (axis == qapi::InputAxis::x)
        add(state_.mouse_dx, by);
    else
        add(state_.mouse_dy, -i64{by});  // up is positive here
}

void Ps2Mouse::button_event(InputButton which, bool down) {
    if (!enabled()) return;
    if (const u8 bit = bit_of(which)) {
        state_.mouse_buttons = down ? state_.mouse_buttons | bit : state_.mouse_buttons & u8(~bit);
    } else if (down) {
        const bool more = which == InputButton::wheel_down || which == InputButton::wheel_left;
        const bool sideways = which == InputButton::wheel_left || which == InputButton::wheel_right;
        add(sideways ? dw_ : state_.mouse_dz, more ? 1 : -1);
    }
}

void Ps2Mouse::input_sync() {
    if (!enabled()) return;
    if (state_.mouse_buttons && system_) system_->request_wakeup(WakeupReason::other);
    if (state_.mouse_status & status_remote) return;
    while (send_packet() && (state_.mouse_dx || state_.mouse_dy || state_.mouse_dz || dw_)) {
    }
}

void Ps2Mouse::ring() {
    add(state_.mouse_dx, 1);
    input_sync();
}

}  // namespace hw
