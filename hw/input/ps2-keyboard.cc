// SPDX-License-Identifier: GPL-2.0-or-later
#include "hw/input/ps2-keyboard.h"

#include "hw/core/system-requests.h"
#include "hw/input/keymap.h"
#include "migration/vmstate/fields.h"
#include "qapi/context.h"
#include "qapi/qapi-types-ui.h"

namespace hw {

using qapi::QKeyCode;

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
    kbd_all_typematic_make_break = 0xfa,
    kbd_make_break = 0xfc,
    kbd_reset = 0xff,
};

using K = Ps2KeyboardState;
constexpr auto kbd_fields = vmstate::fields(
    vmstate::structs<&K::common>("parent_obj", ps2_common_table),
    vmstate::field<&K::scan_enabled>("scan_enabled"), vmstate::field<&K::translate>("translate"),
    vmstate::field<&K::scancode_set>("scancode_set").from_version(3));
constexpr auto led_fields = vmstate::fields(vmstate::field<&K::ledstate>("ledstate"));
static_assert(vmstate::covers<K>(kbd_fields, led_fields));
constexpr auto reply_fields =
    vmstate::fields(vmstate::field<&K::common, &Ps2CommonState::cwptr>("parent_obj.queue.cwptr"));
bool led_needed(const K& s) {
    return s.ledstate;
}
bool reply_needed(const K& s) {
    return s.common.cwptr != -1;
}
Result<void> check_reply(const K& s, int) {
    if (s.common.cwptr < -1 || s.common.cwptr >= Ps2CommonState::buffer_size)
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

enum Modifier : unsigned { alt = 1, alt_r = 2, ctrl = 4, ctrl_r = 8, shift = 16, shift_r = 32 };

unsigned modifier_of(QKeyCode key) {
    switch (key) {
        case QKeyCode::alt: return alt;
        case QKeyCode::alt_r: return alt_r;
        case QKeyCode::ctrl: return ctrl;
        case QKeyCode::ctrl_r: return ctrl_r;
        case QKeyCode::shift: return shift;
        case QKeyCode::shift_r: return shift_r;
        default: return 0;
    }
}

/// What one movement of a key sends.
class KeyBytes {
public:
    explicit KeyBytes(unsigned set) : set_(set) {}
    std::span<const u8> all() const { return std::span(bytes_).first(size_); }

    void key(u16 code, bool down) {
        if (!code) return;
        if (code >> 8) put(u8(code >> 8));
        if (!down && set_ != 1) put(0xf0);
        put(u8(code | (!down && set_ == 1 ? 0x80 : 0)));
    }
    /// Says it all at once and nothing when released; with Ctrl it is Break.
    void pause(bool down, unsigned held) {
        if (!down) return;
        if (held & (ctrl | ctrl_r)) {
            const u16 cancel = set_ == 1 ? 0xe046 : 0xe07e;
            key(cancel, true);
            key(cancel, false);
            return;
        }
        const u16 control = set_ == 1 ? 0x1d : 0x14, lock = set_ == 1 ? 0x45 : 0x77;
        for (const bool press : {true, false}) {
            put(0xe1);
            key(control, press);
            key(lock, press);
        }
    }
    /// Comes with a shift of its own; is SysRq with Alt, which seems let go around it.
    void print(bool down, unsigned held) {
        const unsigned alts = held & alt ? 0x38 : held & alt_r ? 0xe038 : 0;
        if (alts) {
            const u16 alternate = set_ == 1 ? u16(alts) : u16((alts & 0xff00) | 0x11);
            const u16 sysrq = set_ == 1 ? 0x54 : 0x84;
            if (!down) key(sysrq, false);
            key(alternate, false);
            key(alternate, true);
            if (down) key(sysrq, true);
            return;
        }
        const u16 print = scan_code(QKeyCode::print, set_), shifted = set_ == 1 ? 0xe02a : 0xe012;
        const bool bare = !(held & (ctrl | ctrl_r | shift | shift_r));
        if (bare && down) key(shifted, true);
        key(print, down);
        if (bare && !down) key(shifted, false);
    }
    /// The i8042's work. `release_next` remembers an F0 that ended the bytes before.
    void translate(bool& release_next) {
        const std::size_t end = std::exchange(size_, 0);
        for (std::size_t i = 0; i < end; i++) {
            if (bytes_[i] == 0xf0)
                release_next = true;
            else
                put(u8(translate_set2(bytes_[i]) |
                       (std::exchange(release_next, false) ? 0x80 : 0)));
        }
    }

private:
    void put(u8 byte) { bytes_[size_++] = byte; }
    unsigned set_;
    std::array<u8, 16> bytes_{};  // the longest, AltGr and SysRq, has seven
    std::size_t size_ = 0;
};

}  // namespace

const DeviceType Ps2Keyboard::device_type_{
    {.name = "ps2-kbd", .parent = "ps2-device"}, "System", Category::Input, false, false, nullptr};

Ps2Keyboard::~Ps2Keyboard() {
    if (input_) input_->remove(*this);
}

Result<void> Ps2Keyboard::realize(Platform& platform) {
    system_ = platform.services.find<SystemRequests>();
    if ((input_ = platform.services.find<ui::Input>())) input_->add(*this);
    return {};
}

bool Ps2Keyboard::takes(qapi::InputEventKind kind) const {
    return kind == qapi::InputEventKind::key;
}

const vmstate::Table& Ps2Keyboard::vmstate() const {
    return kbd_table;
}

void Ps2Keyboard::hold_reset() {
    state_ = {};
    held_ = 0;
    release_next_ = false;
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
        case kbd_all_typematic_make_break: port_.reply({ACK}); break;
        // The other ways to choose which keys repeat and tell of their release are for set 3 and
        // not known here, as in QEMU.
        default: port_.reply({RESEND}); break;
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

void Ps2Keyboard::key_event(QKeyCode key, bool down) {
    if (system_) system_->request_wakeup(WakeupReason::other);
    const unsigned modifier = modifier_of(key);
    held_ = down ? held_ | modifier : held_ & ~modifier;
    if (!state_.scan_enabled) return;
    KeyBytes bytes(unsigned(state_.scancode_set));
    const bool simple = state_.scancode_set == 3;
    if (key == QKeyCode::pause && !simple)
        bytes.pause(down, held_);
    else if (key == QKeyCode::print && !simple)
        bytes.print(down, held_);
    else
        bytes.key(scan_code(key, unsigned(state_.scancode_set)), down);
    if (state_.translate) bytes.translate(release_next_);
    port_.queue(bytes.all());
}

}  // namespace hw
