// SPDX-License-Identifier: GPL-2.0-or-later
#include "hw/input/ps2.h"

#include <algorithm>

#include "hw/input/keymap.h"
#include "migration/vmstate/fields.h"

namespace hw {
namespace {

enum : u8 { ACK = 0xfa, RESEND = 0xfe, BAT_OK = 0xaa };

// Commands to the keyboard
enum : u8 {
    kbd_leds = 0xed,
    kbd_echo = 0xee,
    kbd_scan_set = 0xf0,
    kbd_read_id = 0xf2,
    kbd_typematic = 0xf3,
    kbd_enable = 0xf4,
    kbd_default_disable = 0xf5,
    kbd_default = 0xf6,
    kbd_all_typematic = 0xf7,
    kbd_all_typematic_make_break = 0xfa,
    kbd_make_break = 0xfc,
    kbd_reset = 0xff,
};
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

using Q = Ps2CommonState;
constexpr auto common_fields = vmstate::fields(
    vmstate::field<&Q::write_cmd>("write_cmd"), vmstate::field<&Q::rptr>("queue.rptr"),
    vmstate::field<&Q::wptr>("queue.wptr"), vmstate::field<&Q::count>("queue.count"),
    vmstate::buffer<&Q::data>("queue.data"));
static_assert(vmstate::covers<Q>(common_fields, vmstate::not_saved(1)));  // cwptr: in a subsection
Result<void> check_queue(const Q& q, int) {
    if (q.rptr < 0 || q.rptr >= Q::buffer_size || q.wptr < 0 || q.wptr >= Q::buffer_size ||
        q.count < 0 || q.count > Q::buffer_size)
        return fail("the queue is out of bounds");
    return {};
}
constexpr vmstate::Table common_table{.name = "PS2 Common State",
                                      .version = 3,
                                      .minimum_version = 2,
                                      .fields = common_fields,
                                      .check = vmstate::check<Q, check_queue>};

using K = Ps2KeyboardState;
constexpr auto kbd_fields = vmstate::fields(
    vmstate::structs<&K::common>("parent_obj", common_table),
    vmstate::field<&K::scan_enabled>("scan_enabled"), vmstate::field<&K::translate>("translate"),
    vmstate::field<&K::scancode_set>("scancode_set").from_version(3));
constexpr auto led_fields = vmstate::fields(vmstate::field<&K::ledstate>("ledstate"));
static_assert(vmstate::covers<K>(kbd_fields, led_fields));
constexpr auto reply_fields =
    vmstate::fields(vmstate::field<&K::common, &Q::cwptr>("parent_obj.queue.cwptr"));
bool led_needed(const K& s) {
    return s.ledstate;
}
bool reply_needed(const K& s) {
    return s.common.cwptr != -1;
}
Result<void> check_reply(const K& s, int) {
    if (s.common.cwptr < -1 || s.common.cwptr >= Q::buffer_size)
        return fail("queue.cwptr {} is out of bounds", s.common.cwptr);
    return {};
}
constexpr vmstate::Table led_table{.name = "ps2kbd/ledstate",
                                   .version = 3,
                                   .minimum_version = 2,
                                   .fields = led_fields,
                                   .needed = vmstate::needed<K, led_needed>};
constexpr vmstate::Table reply_table{.name = "ps2kbd/command_reply_queue",
                                     .version = 0,
                                     .minimum_version = 0,
                                     .fields = reply_fields,
                                     .needed = vmstate::needed<K, reply_needed>,
                                     .check = vmstate::check<K, check_reply>};
constexpr auto kbd_subsections = vmstate::subsections(led_table, reply_table);
constexpr vmstate::Table kbd_table{.name = "ps2kbd",
                                   .version = 3,
                                   .minimum_version = 2,
                                   .fields = kbd_fields,
                                   .subsections = kbd_subsections};

using M = Ps2MouseState;
constexpr auto mouse_fields = vmstate::fields(
    vmstate::structs<&M::common>("parent_obj", common_table),
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

constexpr DeviceType type_of(std::string_view name) {
    return {
        {.name = name, .parent = "ps2-device"}, "System", Category::Input, false, false, nullptr};
}

}  // namespace

// ---- the queue --------------------------------------------------------------------------------

void Ps2Queue::queue(std::initializer_list<u8> bytes) {
    if (room() < i32(bytes.size())) return;
    for (const u8 byte : bytes) {
        s_.data[size_t(s_.wptr)] = byte;
        s_.wptr = (s_.wptr + 1) % Q::buffer_size;
        s_.count++;
    }
    irq.raise();
}

void Ps2Queue::drop_reply() {
    if (s_.cwptr == -1) return;
    s_.count -= (s_.cwptr - s_.rptr + Q::buffer_size) % Q::buffer_size;
    s_.rptr = s_.cwptr;
    s_.cwptr = -1;
}

void Ps2Queue::reply(std::initializer_list<u8> bytes) {
    drop_reply();
    s_.cwptr = s_.rptr;
    s_.rptr = (s_.rptr - i32(bytes.size()) + Q::buffer_size) % Q::buffer_size;
    i32 at = s_.rptr;
    for (const u8 byte : bytes) {
        s_.data[size_t(at)] = byte;
        at = (at + 1) % Q::buffer_size;
    }
    s_.count += i32(bytes.size());
    irq.raise();
}

u8 Ps2Queue::read() {
    if (s_.count <= 0) return s_.data[size_t((s_.rptr - 1 + Q::buffer_size) % Q::buffer_size)];
    const u8 byte = s_.data[size_t(s_.rptr)];
    s_.rptr = (s_.rptr + 1) % Q::buffer_size;
    s_.count--;
    if (s_.rptr == s_.cwptr) s_.cwptr = -1;
    irq.lower();
    if (s_.count) irq.raise();
    return byte;
}

void Ps2Queue::clear() {
    s_.rptr = s_.wptr = s_.count = 0;
    s_.cwptr = -1;
}

// ---- keyboard ---------------------------------------------------------------------------------

const DeviceType Ps2Keyboard::device_type_ = type_of("ps2-kbd");

const vmstate::Table& Ps2Keyboard::vmstate() const {
    return kbd_table;
}

void Ps2Keyboard::hold_reset() {
    state_ = {};
    port_.irq.lower();
}

void Ps2Keyboard::restore_defaults() {
    state_.scan_enabled = 1;
    state_.scancode_set = 2;
    state_.ledstate = 0;
    port_.clear();
}

void Ps2Keyboard::write(u8 value) {
    if (state_.common.write_cmd != -1) {
        const u8 command = u8(state_.common.write_cmd);
        state_.common.write_cmd = -1;
        return parameter(command, value);
    }
    switch (value) {
        case kbd_leds:
        case kbd_scan_set:
        case kbd_typematic:
        case kbd_make_break:
            state_.common.write_cmd = value;
            port_.reply({ACK});
            break;
        case kbd_echo: port_.reply({kbd_echo}); break;
        case kbd_read_id:
            // An MF2 keyboard: AB 83, of which translation makes AB 41.
            port_.reply({ACK, 0xab, u8(state_.translate ? 0x41 : 0x83)});
            break;
        case kbd_enable:
            state_.scan_enabled = 1;
            port_.reply({ACK});
            break;
        case kbd_default_disable:
            restore_defaults();
            state_.scan_enabled = 0;
            port_.reply({ACK});
            break;
        case kbd_default:
            restore_defaults();
            port_.reply({ACK});
            break;
        case kbd_reset:
            restore_defaults();
            port_.reply({ACK, BAT_OK});
            break;
        case 0x00: port_.reply({ACK}); break;
        default:
            port_.reply({value >= kbd_all_typematic && value <= kbd_all_typematic_make_break
                             ? u8(ACK)
                             : u8(RESEND)});
            break;
    }
}

void Ps2Keyboard::parameter(u8 command, u8 value) {
    if (command == kbd_scan_set) {
        if (value == 0) {
            const u8 set = u8(state_.scancode_set);
            return port_.reply({ACK, state_.translate ? translate_set2(set) : set});
        }
        if (value > 3) return port_.reply({RESEND});
        state_.scancode_set = value;
    } else if (command == kbd_leds) {
        state_.ledstate = value;
    }
    port_.reply({ACK});
}

void Ps2Keyboard::send(u16 code, bool down, unsigned set) {
    const u8 low = u8(code);
    if (set == 1) {
        const u8 byte = u8(low | (down ? 0 : 0x80));
        if (code >> 8)
            port_.queue({u8(code >> 8), byte});
        else
            port_.queue({byte});
        return;
    }
    if (code >> 8)
        down ? port_.queue({u8(code >> 8), low}) : port_.queue({u8(code >> 8), 0xf0, low});
    else
        down ? port_.queue({low}) : port_.queue({0xf0, low});
}

bool Ps2Keyboard::key(std::string_view qcode, bool down) {
    const KeyCodes* key = find_key(qcode);
    if (!key) return false;
    if (!state_.scan_enabled) return true;
    // Translated codes of set 2 are those of set 1; the other sets are not meant to be translated.
    const unsigned set =
        state_.translate && state_.scancode_set == 2 ? 1 : unsigned(state_.scancode_set);
    if (set == 3) {
        if (key->set3) send(key->set3, down, 3);
    } else if (qcode == "pause") {
        // Make and break at once, when pressed; nothing when released.
        if (down && set == 1) port_.queue({0xe1, 0x1d, 0x45, 0xe1, 0x9d, 0xc5});
        if (down && set == 2) port_.queue({0xe1, 0x14, 0x77, 0xe1, 0xf0, 0x14, 0xf0, 0x77});
    } else if (qcode == "print") {
        // Comes with a shift of its own.
        const u16 shift = set == 1 ? 0xe02a : 0xe012;
        if (down) send(shift, true, set);
        send(set == 1 ? key->set1 : key->set2, down, set);
        if (!down) send(shift, false, set);
    } else {
        send(set == 1 ? key->set1 : key->set2, down, set);
    }
    return true;
}

// ---- mouse ------------------------------------------------------------------------------------

const DeviceType Ps2Mouse::device_type_ = type_of("ps2-mouse");

const vmstate::Table& Ps2Mouse::vmstate() const {
    return mouse_table;
}

void Ps2Mouse::hold_reset() {
    state_ = {};
    port_.irq.lower();
}

bool Ps2Mouse::wants_events() const {
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
    int dz = 0;
    switch (s.mouse_type) {
        case wheel_mouse:
            dz = std::clamp(s.mouse_dz, -127, 127);
            port_.queue({first, u8(dx), u8(dy), u8(dz)});
            break;
        case five_button_mouse:
            dz = std::clamp(s.mouse_dz, -7, 7);
            port_.queue({first, u8(dx), u8(dy), u8((dz & 0x0f) | (s.mouse_buttons & 0x18) << 1)});
            break;
        default:
            port_.queue({first, u8(dx), u8(dy)});
            dz = s.mouse_dz;  // nowhere to go
            break;
    }
    s.mouse_dx -= dx;
    s.mouse_dy -= dy;
    s.mouse_dz -= dz;
    return true;
}

void Ps2Mouse::move(int dx, int dy, int dz) {
    if (!wants_events()) return;
    state_.mouse_dx += dx;
    state_.mouse_dy -= dy;  // up is positive here
    state_.mouse_dz += dz;
}

void Ps2Mouse::button(Button which, bool down) {
    if (!wants_events()) return;
    state_.mouse_buttons = down ? state_.mouse_buttons | which : state_.mouse_buttons & u8(~which);
}

void Ps2Mouse::sync() {
    if (!wants_events() || state_.mouse_status & status_remote) return;
    while (send_packet() && (state_.mouse_dx || state_.mouse_dy || state_.mouse_dz)) {
    }
}

}  // namespace hw
