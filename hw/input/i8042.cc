// SPDX-License-Identifier: GPL-2.0-or-later
#include "hw/input/i8042.h"

#include "migration/vmstate/fields.h"

namespace hw {
namespace {

// Commands (port 64h)
enum : u8 {
    read_command_byte = 0x20,
    write_command_byte = 0x60,
    disable_mouse = 0xa7,
    enable_mouse = 0xa8,
    test_mouse = 0xa9,
    self_test = 0xaa,
    test_keyboard = 0xab,
    disable_keyboard = 0xad,
    enable_keyboard = 0xae,
    read_input_port = 0xc0,
    read_output_port = 0xd0,
    write_output_port = 0xd1,
    write_keyboard_buffer = 0xd2,
    write_mouse_buffer = 0xd3,
    write_mouse = 0xd4,
    close_a20 = 0xdd,
    open_a20 = 0xdf,
    pulse_output = 0xf0,  // to FFh: the bits that are 0 are pulsed
};
enum Status : u8 {
    status_obf = 0x01,
    status_system = 0x04,  // the self test was passed
    status_command = 0x08,
    status_unlocked = 0x10,
    status_mouse_obf = 0x20,
};
enum Mode : u8 {
    mode_kbd_int = 0x01,
    mode_mouse_int = 0x02,
    mode_disable_kbd = 0x10,
    mode_disable_mouse = 0x20,
    mode_translate = 0x40,
};
enum OutputPort : u8 {
    out_no_reset = 0x01,
    out_a20 = 0x02,
    out_obf = 0x10,
    out_mouse_obf = 0x20,
    out_ones = 0xcc,  // the pins that nothing pulls low
};
/// The two interfaces have the bits that disable them in the command byte.
enum Pending : u8 {
    pending_answer = 0x04,
    pending_answer_as_mouse = 0x08,
    pending_kbd = mode_disable_kbd,
    pending_mouse = mode_disable_mouse,
};
enum Source : u32 { from_kbd = 1, from_mouse = 2, from_controller = 4 };

constexpr auto properties =
    qom::properties(qom::property<&I8042Config::extended_state>("extended-state"),
                    qom::property<&I8042Config::kbd_throttle>("kbd-throttle"),
                    qom::property<&I8042Config::kbd_irq>("kbd-irq"),
                    qom::property<&I8042Config::mouse_irq>("mouse-irq"));

using S = I8042State;
constexpr auto chip_fields = vmstate::fields(
    vmstate::field<&S::write_cmd>("write_cmd"), vmstate::field<&S::status>("status"),
    vmstate::field<&S::mode>("mode"), vmstate::field<&S::pending>("pending_tmp"));
constexpr auto outport_fields = vmstate::fields(vmstate::field<&S::outport>("outport"));
constexpr auto extended_fields = vmstate::fields(
    vmstate::field<&S::migration_flags>("migration_flags"), vmstate::field<&S::obsrc>("obsrc"),
    vmstate::field<&S::obdata>("obdata"), vmstate::field<&S::cbdata>("cbdata"));
static_assert(vmstate::covers<S>(chip_fields, outport_fields, extended_fields,
                                 vmstate::not_saved<&S::extended>()));

constexpr u8 usual_outport(const S& s) {
    return u8(out_no_reset | out_a20 | out_ones | (s.status & status_obf ? out_obf : 0) |
              (s.status & status_mouse_obf ? out_mouse_obf : 0));
}
bool outport_needed(const S& s) {
    return s.outport != usual_outport(s);
}
bool extended_needed(const S& s) {
    return s.extended;
}
/// Machines before 6.1 say no more than whose byte waits.
void without_extended(S& s) {
    s.migration_flags = 0;
    s.obsrc = !(s.status & status_obf)      ? 0
              : s.status & status_mouse_obf ? u32(from_mouse)
                                            : u32(from_kbd);
    s.obdata = s.cbdata = 0;
}
constexpr vmstate::Table outport_table{.name = "pckbd_outport",
                                       .fields = outport_fields,
                                       .needed = vmstate::needed<S, outport_needed>};
constexpr vmstate::Table extended_table{.name = "pckbd/extended_state",
                                        .version = 0,
                                        .minimum_version = 0,
                                        .fields = extended_fields,
                                        .needed = vmstate::needed<S, extended_needed>,
                                        .absent = vmstate::absent<S, without_extended>};
constexpr auto chip_subsections = vmstate::subsections(outport_table, extended_table);
constexpr vmstate::Table chip_table{.name = "pckbd",
                                    .version = 3,
                                    .minimum_version = 3,
                                    .fields = chip_fields,
                                    .subsections = chip_subsections};
constexpr auto fields = vmstate::fields(vmstate::self<S>("kbd", chip_table, 1));
constexpr vmstate::Table table{
    .name = "pckbd", .version = 3, .minimum_version = 3, .fields = fields};

constexpr exec::MemoryOps bytes{.impl = {.min = 1, .max = 1}};
constexpr auto data_ops = exec::memory_ops<&I8042::data_read, &I8042::data_write>(bytes);
constexpr auto command_ops = exec::memory_ops<&I8042::status_read, &I8042::command_write>(bytes);

}  // namespace

const DeviceType I8042::device_type_ = isa_type<I8042>("i8042", properties, Category::Input, true);

const vmstate::Table& I8042::vmstate() const {
    return table;
}

I8042::I8042() : DeviceOf(device_type_) {
    add_child("ps2kbd", keyboard_);
    add_child("ps2mouse", mouse_);
    keyboard_.port().irq.connect(irq_in<&I8042::keyboard_has_data>(*this, 0));
    mouse_.port().irq.connect(irq_in<&I8042::mouse_has_data>(*this, 0));
}

Result<void> I8042::realize(Platform& platform) {
    if (config_.kbd_throttle) return fail("i8042: kbd-throttle is not supported");
    const IsaBus& bus = isa_bus(*this);
    if (config_.kbd_irq >= IsaBus::irq_count || config_.mouse_irq >= IsaBus::irq_count)
        return fail("Maximum value for \"kbd-irq\" and \"mouse-irq\" is: {}",
                    IsaBus::irq_count - 1);
    TRY(keyboard_.bring_up(platform));
    TRY(mouse_.bring_up(platform));
    kbd_irq_.connect(bus.irq(config_.kbd_irq));
    mouse_irq_.connect(bus.irq(config_.mouse_irq));
    data_ = bus.add_io(0x60, "i8042-data", 1, data_ops, this);
    command_ = bus.add_io(0x64, "i8042-cmd", 1, command_ops, this);
    return {};
}

void I8042::hold_reset() {
    keyboard_.hold_reset();
    mouse_.hold_reset();
    state_ = {};
    state_.mode = mode_kbd_int | mode_mouse_int;
    state_.status = status_command | status_unlocked;
    state_.outport = usual_outport(state_);
    drive_irqs();
}

void I8042::post_load(int) {
    // A stream leaves the output port out when it is as usual; all zero would be a dead machine.
    if (state_.outport == 0) state_.outport = usual_outport(state_);
    keyboard_.set_translation(state_.mode & mode_translate);
}

// ---- the output buffer ------------------------------------------------------------------------

void I8042::keyboard_has_data(int, int level) {
    state_.pending = level ? state_.pending | pending_kbd : state_.pending & u8(~pending_kbd);
    fill_buffer_if_empty();
}

void I8042::mouse_has_data(int, int level) {
    state_.pending = level ? state_.pending | pending_mouse : state_.pending & u8(~pending_mouse);
    fill_buffer_if_empty();
}

/// A disabled interface keeps its byte.
u8 I8042::deliverable() const {
    return state_.pending & u8(~(state_.mode & (pending_kbd | pending_mouse)));
}

void I8042::empty_buffer() {
    state_.status &= u8(~(status_obf | status_mouse_obf));
    state_.outport &= u8(~(out_obf | out_mouse_obf));
    drive_irqs();
}

void I8042::fill_buffer() {
    const u8 ready = deliverable();
    if (!ready) return;
    const bool own = ready & (pending_answer | pending_answer_as_mouse);
    const bool as_mouse = own ? !(ready & pending_answer) : !(ready & pending_kbd);
    state_.obsrc = own ? from_controller : as_mouse ? from_mouse : from_kbd;
    state_.status |= u8(status_obf | (as_mouse ? status_mouse_obf : 0));
    state_.outport |= u8(out_obf | (as_mouse ? out_mouse_obf : 0));
    drive_irqs();
}

void I8042::fill_buffer_if_empty() {
    if (!(state_.status & status_obf)) fill_buffer();
}

void I8042::drive_irqs() {
    const bool full = state_.status & status_obf, mouse = state_.status & status_mouse_obf;
    kbd_irq_.set(full && !mouse && state_.mode & mode_kbd_int && !(state_.mode & mode_disable_kbd));
    mouse_irq_.set(full && mouse && state_.mode & mode_mouse_int);
}

void I8042::answer(u8 byte, bool as_mouse) {
    state_.cbdata = byte;
    state_.pending &= u8(~(pending_answer | pending_answer_as_mouse));
    state_.pending |= as_mouse ? pending_answer_as_mouse : pending_answer;
    fill_buffer_if_empty();
}

u64 I8042::data_read(u64, unsigned) {
    if (!(state_.status & status_obf)) return state_.obdata;  // the last one again
    empty_buffer();
    switch (state_.obsrc) {
        case from_kbd: state_.obdata = keyboard_.port().read(); break;
        case from_mouse: state_.obdata = mouse_.port().read(); break;
        default:
            state_.obdata = state_.cbdata;
            state_.pending &= u8(~(pending_answer | pending_answer_as_mouse));
            fill_buffer_if_empty();
            break;
    }
    return state_.obdata;
}

// ---- commands ---------------------------------------------------------------------------------

void I8042::write_outport(u8 value) {
    state_.outport = value;
    a20_.set((value & out_a20) != 0);
    if (!(value & out_no_reset)) reset_.pulse();
}

void I8042::command_write(u64, u64 value, unsigned) {
    const u8 command = u8(value);
    switch (command) {
        case read_command_byte: answer(state_.mode); break;
        case write_command_byte:
        case write_output_port:
        case write_keyboard_buffer:
        case write_mouse_buffer:
        case write_mouse: state_.write_cmd = command; break;
        case disable_mouse: state_.mode |= mode_disable_mouse; break;
        case enable_mouse:
            state_.mode &= u8(~mode_disable_mouse);
            fill_buffer_if_empty();
            break;
        case test_mouse:
        case test_keyboard: answer(0x00); break;  // no error
        case self_test:
            state_.status |= status_system;
            answer(0x55);
            break;
        case disable_keyboard: state_.mode |= mode_disable_kbd; break;
        case enable_keyboard:
            state_.mode &= u8(~mode_disable_kbd);
            fill_buffer_if_empty();
            break;
        case read_input_port: answer(0x80); break;  // not locked
        case read_output_port: answer(state_.outport); break;
        case open_a20:
            a20_.raise();
            state_.outport |= out_a20;
            break;
        case close_a20:
            a20_.lower();
            state_.outport &= u8(~out_a20);
            break;
        default:
            if (command >= pulse_output && !(command & out_no_reset)) reset_.pulse();
            break;
    }
}

void I8042::data_write(u64, u64 value, unsigned) {
    const u8 byte = u8(value);
    const u8 command = state_.write_cmd;
    state_.write_cmd = 0;
    switch (command) {
        case write_command_byte:
            state_.mode = byte;
            keyboard_.set_translation(byte & mode_translate);
            drive_irqs();
            fill_buffer_if_empty();
            break;
        case write_output_port: write_outport(byte); break;
        case write_keyboard_buffer: answer(byte); break;
        case write_mouse_buffer: answer(byte, true); break;
        case write_mouse:
            mouse_.write(byte);
            state_.mode &= u8(~mode_disable_mouse);  // talking to it enables it again
            fill_buffer_if_empty();
            break;
        default:
            keyboard_.write(byte);
            state_.mode &= u8(~mode_disable_kbd);
            fill_buffer_if_empty();
            break;
    }
}

}  // namespace hw
