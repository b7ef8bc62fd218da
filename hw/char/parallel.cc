// SPDX-License-Identifier: GPL-2.0-or-later
#include "hw/char/parallel.h"

#include "hw/char/connect.h"
#include "migration/vmstate/fields.h"

namespace hw {
namespace {

enum : u64 { DATA = 0, STATUS = 1, CONTROL = 2 };
enum : u8 {
    sts_timeout = 0x01,
    sts_error = 0x08,
    sts_online = 0x10,
    sts_ack = 0x40,
    sts_busy = 0x80,  // inverted: 1 is "not busy"

    ctl_strobe = 0x01,
    ctl_init = 0x04,
    ctl_select = 0x08,
    ctl_irq_enable = 0x10,
    ctl_direction = 0x20,
    ctl_always = 0xc0,
};

constexpr u32 ports[] = {0x378, 0x278, 0x3bc};

using C = ParallelConfig;
constexpr auto properties =
    qom::properties(qom::property<&C::index>("index"), qom::property<&C::iobase>("iobase"),
                    qom::property<&C::irq>("irq"),
                    qom::property<&C::chardev>("chardev", "ID of a chardev to use as a backend"));

using S = ParallelState;
constexpr auto fields = vmstate::fields(
    vmstate::field<&S::dataw>("state.dataw"), vmstate::field<&S::datar>("state.datar"),
    vmstate::field<&S::status>("state.status"), vmstate::field<&S::control>("state.control"),
    vmstate::field<&S::irq_pending>("state.irq_pending"),
    vmstate::field<&S::epp_timeout>("state.epp_timeout"));
static_assert(vmstate::covers<S>(fields));
constexpr vmstate::Table table{.name = "parallel_isa", .fields = fields};

constexpr auto io_ops =
    exec::memory_ops<&IsaParallel::io_read, &IsaParallel::io_write>({.impl = {.min = 1, .max = 1}});

}  // namespace

const DeviceType IsaParallel::device_type_ =
    isa_type<IsaParallel>("isa-parallel", properties, Category::Input, true);

const vmstate::Table& IsaParallel::vmstate() const {
    return table;
}

Result<void> IsaParallel::realize(Platform& platform) {
    const IsaBus& bus = isa_bus(*this);
    if (config_.chardev.empty()) return fail("Can't create parallel device, empty char device");
    if (config_.index == ~0u) {
        config_.index = 0;
        for (const auto& other : bus.devices())
            if (other.get() != this && &other->device_type() == &device_type_) config_.index++;
    }
    if (config_.index >= max_ports)
        return fail("Max. supported number of parallel ports is {}.", max_ports);
    if (config_.iobase == ~0u) config_.iobase = ports[config_.index];
    if (config_.irq >= IsaBus::irq_count)
        return fail("Maximum value for \"irq\" is: {}", IsaBus::irq_count - 1);
    chardev::Chardev* line = TRY(find_chardev(platform, *this, config_.chardev));
    TRY(connect(line));
    set_open(true);
    irq_.connect(bus.irq(config_.irq));
    registers_ = bus.add_io(config_.iobase, "parallel", 8, io_ops, this);
    return {};
}

void IsaParallel::hold_reset() {
    state_ = {};
    state_.dataw = state_.datar = 0xff;
    state_.status = sts_busy | sts_ack | sts_online | sts_error | sts_timeout;
    state_.control = ctl_select | ctl_init | ctl_always;
    update_irq();
}

u64 IsaParallel::io_read(u64 offset, unsigned) {
    switch (offset) {
        case DATA: return state_.control & ctl_direction ? state_.datar : state_.dataw;
        case STATUS: {
            const u8 status = state_.status;
            state_.irq_pending = 0;
            // A byte was taken: acknowledge with a pulse, seen over two reads, then ready again.
            if (!(status & sts_busy) && !(state_.control & ctl_strobe))
                state_.status =
                    status & sts_ack ? status & u8(~sts_ack) : status | sts_ack | sts_busy;
            update_irq();
            return status;
        }
        case CONTROL: return state_.control;
        default: return 0xff;  // no EPP
    }
}

void IsaParallel::write_control(u8 value) {
    if (!(value & ctl_init)) {
        state_.status = sts_busy | sts_ack | sts_online | sts_error;
    } else if (value & ctl_select) {
        if (value & ctl_strobe) {
            state_.status &= u8(~sts_busy);
            if (!(state_.control & ctl_strobe)) write({&state_.dataw, 1});
        } else if (state_.control & ctl_irq_enable) {
            state_.irq_pending = 1;
        }
    }
    update_irq();
    state_.control = value;
}

void IsaParallel::io_write(u64 offset, u64 value, unsigned) {
    if (offset == DATA) {
        state_.dataw = u8(value);
        update_irq();
    } else if (offset == CONTROL) {
        write_control(u8(value | ctl_always));
    }
}

}  // namespace hw
