// SPDX-License-Identifier: GPL-2.0-or-later
#include "hw/char/serial-pci.h"

#include "hw/char/connect.h"
#include "migration/vmstate/fields.h"

namespace hw {
namespace {

/// QEMU keeps these in an object inside, so they are in no `info qtree`.
consteval qom::Property of_the_chip(qom::Property p) {
    p.listed = false;
    return p;
}

constexpr auto properties = qom::properties(of_the_chip(qom::property<&PciSerialConfig::chardev>(
                                                "chardev", "ID of a chardev to use as a backend")),
                                            qom::property<&PciSerialConfig::prog_if>("prog_if"));

using S = PciSerialState;
constexpr auto fields = vmstate::fields(vmstate::structs<&S::dev>("dev", pci_device_table),
                                        vmstate::structs<&S::state>("state", serial_table));
static_assert(vmstate::covers<S>(fields));
constexpr vmstate::Table table{.name = "pci-serial", .fields = fields};

constexpr auto io_ops =
    exec::memory_ops<&PciSerial::io_read, &PciSerial::io_write>({.impl = {.min = 1, .max = 1}});

}  // namespace

constinit const PciDeviceType pci_serial_type = [] {
    PciDeviceType t{};
    t.name = "pci-serial";
    t.parent = "pci-device";
    t.properties = properties;
    t.bus = "PCI";
    t.category = Category::Input;
    t.create = []() -> std::unique_ptr<Device> { return std::make_unique<PciSerial>(); };
    t.vendor = 0x1b36;
    t.device = 0x0002;
    t.revision = 1;
    t.device_class = 0x0700;
    return t;
}();

PciSerial::PciSerial() : PciDeviceOf(pci_serial_type) {}

const vmstate::Table& PciSerial::vmstate() const {
    return table;
}

Result<void> PciSerial::realize_chip(Platform& platform) {
    state_.dev.config[pci::class_code] = config_.prog_if;
    state_.dev.config[pci::interrupt_pin] = 1;
    chardev::Chardev* line = TRY(find_chardev(platform, *this, config_.chardev));
    chip_.emplace(state_.state, platform.clocks.virt);
    TRY(chip_->connect(line));
    chip_->set_open(true);
    chip_->irq.connect(irq_in<&PciSerial::set_irq>(*this, 0));
    registers_ = exec::MemoryRegion::io(platform.memory, "serial", 8, io_ops, this);
    add_bar(0, pci::bar_io, *registers_);
    return {};
}

}  // namespace hw
