// SPDX-License-Identifier: GPL-2.0-or-later
#include "hw/intc/i8259.h"

#include "migration/vmstate/fields.h"

namespace hw {
namespace {

enum : u8 {
    icw1_ic4 = 0x01,   // ICW4 needed
    icw1_sngl = 0x02,  // no slave: ICW3 is not sent
    icw1_ltim = 0x08,  // level triggered as a whole; PC chip sets ignore it in favour of ELCR
    icw1_mark = 0x10,
    icw4_aeoi = 0x02,
    icw4_sfnm = 0x10,
    ocw3_ris = 0x01,
    ocw3_rr = 0x02,
    ocw3_p = 0x04,
    ocw3_mark = 0x08,
    ocw3_smm = 0x20,
    ocw3_esmm = 0x40,
};
constexpr int no_priority = 8;
constexpr int cascade_line = 2;

constexpr auto properties = qom::properties(qom::property<&I8259Config::iobase>("iobase"),
                                            qom::property<&I8259Config::elcr_addr>("elcr_addr"),
                                            qom::property<&I8259Config::elcr_mask>("elcr_mask"),
                                            qom::property<&I8259Config::master>("master"));

using S = I8259State;
constexpr auto fields = vmstate::fields(
    vmstate::field<&S::last_irr>("last_irr"), vmstate::field<&S::irr>("irr"),
    vmstate::field<&S::imr>("imr"), vmstate::field<&S::isr>("isr"),
    vmstate::field<&S::priority_add>("priority_add"), vmstate::field<&S::irq_base>("irq_base"),
    vmstate::field<&S::read_reg_select>("read_reg_select"), vmstate::field<&S::poll>("poll"),
    vmstate::field<&S::special_mask>("special_mask"), vmstate::field<&S::init_state>("init_state"),
    vmstate::field<&S::auto_eoi>("auto_eoi"),
    vmstate::field<&S::rotate_on_auto_eoi>("rotate_on_auto_eoi"),
    vmstate::field<&S::special_fully_nested_mode>("special_fully_nested_mode"),
    vmstate::field<&S::init4>("init4"), vmstate::field<&S::single_mode>("single_mode"),
    vmstate::field<&S::elcr>("elcr"));
static_assert(vmstate::covers<S>(fields));

Result<void> check(const S& s, int) {
    if (s.priority_add > 7 || s.init_state > 3)
        return fail("the priority or ICW state is out of range");
    return {};
}
constexpr vmstate::Table table{
    .name = "i8259", .fields = fields, .check = vmstate::check<S, check>};

constexpr auto io_ops =
    exec::memory_ops<&I8259::io_read, &I8259::io_write>({.impl = {.min = 1, .max = 1}});
constexpr auto elcr_ops =
    exec::memory_ops<&I8259::elcr_read, &I8259::elcr_write>({.impl = {.min = 1, .max = 1}});

}  // namespace

const DeviceType I8259::device_type_{
    {.name = "isa-i8259", .parent = "pic-common", .properties = properties},
    "ISA",
    Category::Uncategorized,
    false,
    false,
    []() -> std::unique_ptr<Device> { return std::make_unique<I8259>(); }};

const vmstate::Table& I8259::vmstate() const {
    return table;
}

Result<void> I8259::realize(Platform&) {
    const IsaBus& bus = isa_bus(*this);
    registers_ = bus.add_io(config_.iobase, "pic", 2, io_ops, this);
    if (config_.elcr_addr != ~0u) elcr_ = bus.add_io(config_.elcr_addr, "elcr", 1, elcr_ops, this);
    return {};
}

void I8259::hold_reset() {
    state_ = {};
}

void I8259::leave_reset() {
    state_ = {};
    update();
}

void I8259::set_irq(int line, int level) {
    const u8 bit = u8(1 << line);
    if (level && !(levels_ & bit)) edge_counts_[size_t(line)]++;
    levels_ = level ? levels_ | bit : levels_ & ~bit;

    if (state_.elcr & bit) {
        state_.irr = level ? state_.irr | bit : state_.irr & ~bit;
    } else if (level && !(state_.last_irr & bit)) {
        // An edge is kept even when the line falls before INTA, unlike on the chip, where it must
        // stay up ("IR INPUTS"); guests cannot tell but for the spurious interrupts they are
        // spared.
        state_.irr |= bit;
    }
    state_.last_irr = level ? state_.last_irr | bit : state_.last_irr & ~bit;
    update();
}

/// Steps from the highest priority level to the first of `lines`.
int I8259::priority(u8 lines) const {
    if (!lines) return no_priority;
    int steps = 0;
    while (!(lines & 1 << ((steps + state_.priority_add) & 7)))
        steps++;
    return steps;
}

int I8259::highest_request() const {
    const int wanted = priority(state_.irr & ~state_.imr);
    if (wanted == no_priority) return -1;
    u8 in_service = state_.isr;
    if (state_.special_mask) in_service &= ~state_.imr;
    // In special fully nested mode the slave may interrupt again while it is in service.
    if (state_.special_fully_nested_mode && config_.master) in_service &= u8(~(1 << cascade_line));
    return wanted < priority(in_service) ? (wanted + state_.priority_add) & 7 : -1;
}

void I8259::take(int line) {
    const u8 bit = u8(1 << line);
    if (!state_.auto_eoi)
        state_.isr |= bit;
    else if (state_.rotate_on_auto_eoi)
        state_.priority_add = (line + 1) & 7;
    if (!(state_.elcr & bit)) state_.irr &= ~bit;
    update();
}

u8 I8259::acknowledge() {
    const int line = highest_request();
    if (line < 0) return u8(state_.irq_base + 7);
    u8 vector = u8(state_.irq_base + line);
    if (slave_ && line == cascade_line) vector = slave_->acknowledge();
    take(line);
    if (on_taken) on_taken(line);
    return vector;
}

void I8259::end_of_interrupt(int line, bool rotate) {
    state_.isr &= u8(~(1 << line));
    if (rotate) state_.priority_add = (line + 1) & 7;
    update();
}

void I8259::clear_for_initialization() {
    // ICW1 clears the edge sense circuit, so a held edge input must fall and rise again; what is
    // wired as level triggered stays requested.
    const u8 elcr = state_.elcr;
    const u8 irr = state_.irr & elcr;
    state_ = {};
    state_.elcr = elcr;
    state_.irr = irr;
}

void I8259::start_initialization(u8 icw1) {
    clear_for_initialization();
    update();
    state_.init_state = 1;
    state_.init4 = icw1 & icw1_ic4;
    state_.single_mode = icw1 & icw1_sngl;
}

void I8259::operation_command(u8 value) {
    if (value & ocw3_mark) {
        if (value & ocw3_p) state_.poll = 1;
        if (value & ocw3_rr) state_.read_reg_select = value & ocw3_ris;
        if (value & ocw3_esmm) state_.special_mask = (value & ocw3_smm) != 0;
        return;
    }
    const int line = value & 7;
    switch (const int rotate_specific_eoi = value >> 5) {  // OCW2: R, SL, EOI
        case 0b000:
        case 0b100: state_.rotate_on_auto_eoi = rotate_specific_eoi >> 2; break;
        case 0b001:
        case 0b101: {
            const int steps = priority(state_.isr);
            if (steps != no_priority)
                end_of_interrupt((steps + state_.priority_add) & 7, rotate_specific_eoi >> 2);
            break;
        }
        case 0b011: end_of_interrupt(line, false); break;
        case 0b111: end_of_interrupt(line, true); break;
        case 0b110:
            state_.priority_add = (line + 1) & 7;
            update();
            break;
        default: break;  // 010: no operation
    }
}

void I8259::io_write(u64 offset, u64 value, unsigned) {
    const u8 byte = u8(value);
    if (offset == 0) {
        if (byte & icw1_mark)
            start_initialization(byte);
        else
            operation_command(byte);
        return;
    }
    const u8 after_icw3 = state_.init4 ? 3 : 0;
    switch (state_.init_state) {
        case 0:  // OCW1
            state_.imr = byte;
            update();
            break;
        case 1:  // ICW2
            state_.irq_base = byte & 0xf8;
            state_.init_state = state_.single_mode ? after_icw3 : 2;
            break;
        case 2:  // ICW3: which lines have slaves; fixed by the board
            state_.init_state = after_icw3;
            break;
        default:  // ICW4
            state_.special_fully_nested_mode = (byte & icw4_sfnm) != 0;
            state_.auto_eoi = (byte & icw4_aeoi) != 0;
            state_.init_state = 0;
            break;
    }
}

u64 I8259::io_read(u64 offset, unsigned) {
    if (state_.poll) {
        // The poll word: what INTA would have taken, bit 7 = there was one.
        state_.poll = 0;
        const int line = highest_request();
        if (line < 0) return 0;
        take(line);
        return 0x80u | u64(line);
    }
    if (offset == 1) return state_.imr;
    return state_.read_reg_select ? state_.isr : state_.irr;
}

std::string I8259::describe() const {
    return fmt::format(
        "pic{}: irr={:02x} imr={:02x} isr={:02x} hprio={} irq_base={:02x} rr_sel={} elcr={:02x} "
        "fnm={}",
        config_.master ? 0 : 1, state_.irr, state_.imr, state_.isr, state_.priority_add,
        state_.irq_base, state_.read_reg_select, state_.elcr, state_.special_fully_nested_mode);
}

}  // namespace hw
