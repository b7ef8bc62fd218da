// SPDX-License-Identifier: GPL-2.0-or-later
#include "hw/char/serial-isa.h"

#include "hw/char/connect.h"
#include "hw/core/system-requests.h"
#include "migration/vmstate/fields.h"
#include "qapi/context.h"

namespace hw {
namespace {

constexpr u32 ports[] = {0x3f8, 0x2f8, 0x3e8, 0x2e8};
constexpr u32 irqs[] = {4, 3, 4, 3};

/// QEMU keeps these in an object inside, so they are in no `info qtree`.
consteval qom::Property of_the_chip(qom::Property p) {
    p.listed = false;
    return p;
}

constexpr auto properties = qom::properties(
    qom::property<&IsaSerialConfig::index>("index"),
    qom::property<&IsaSerialConfig::iobase>("iobase"), qom::property<&IsaSerialConfig::irq>("irq"),
    of_the_chip(
        qom::property<&IsaSerialConfig::chardev>("chardev", "ID of a chardev to use as a backend")),
    of_the_chip(qom::property<&IsaSerialConfig::baudbase>("baudbase")),
    of_the_chip(qom::property<&IsaSerialConfig::wakeup>("wakeup")));

constexpr auto fields = vmstate::fields(vmstate::self<SerialState>("state", serial_table, 1));
constexpr vmstate::Table table{
    .name = "serial", .version = 3, .minimum_version = 2, .fields = fields};

constexpr auto io_ops =
    exec::memory_ops<&IsaSerial::io_read, &IsaSerial::io_write>({.impl = {.min = 1, .max = 1}});

}  // namespace

const DeviceType IsaSerial::device_type_ =
    isa_type<IsaSerial>("isa-serial", properties, Category::Input, true);

const vmstate::Table& IsaSerial::vmstate() const {
    return table;
}

Result<void> IsaSerial::realize(Platform& platform) {
    const IsaBus& bus = isa_bus(*this);
    if (config_.index == ~0u) {
        config_.index = 0;
        for (const auto& other : bus.devices())
            if (other.get() != this && &other->device_type() == &device_type_) config_.index++;
    }
    if (config_.index >= max_ports)
        return fail("Max. supported number of ISA serial ports is {}.", max_ports);
    if (config_.iobase == ~0u) config_.iobase = ports[config_.index];
    if (config_.irq == ~0u) config_.irq = irqs[config_.index];
    if (config_.irq >= IsaBus::irq_count)
        return fail("Maximum value for \"irq\" is: {}", IsaBus::irq_count - 1);

    chardev::Chardev* line = TRY(find_chardev(platform, *this, config_.chardev));
    chip_.emplace(state_, platform.clocks.virt, config_.baudbase);
    TRY(chip_->connect(line));
    chip_->set_open(true);
    chip_->irq.connect(bus.irq(config_.irq));
    if (config_.wakeup)
        if (auto* requests = platform.services.find<SystemRequests>())
            chip_->on_wakeup = [requests] { requests->request_wakeup(WakeupReason::other); };
    registers_ = bus.add_io(config_.iobase, "serial", 8, io_ops, this);
    return {};
}

}  // namespace hw
