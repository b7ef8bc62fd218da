// SPDX-License-Identifier: GPL-2.0-or-later
#include "hw/char/serial-pci-multi.h"

#include <algorithm>

#include "hw/char/connect.h"
#include "migration/vmstate/fields.h"

namespace hw {
namespace {

using C = PciMultiSerialConfig;
constexpr auto chardev_help = "ID of a chardev to use as a backend";
constexpr auto prog_if = qom::property<&C::prog_if>("prog_if");
constexpr auto chardev1 = qom::property<&C::chardev1>("chardev1", chardev_help);
constexpr auto chardev2 = qom::property<&C::chardev2>("chardev2", chardev_help);
constexpr auto two = qom::properties(chardev1, chardev2, prog_if);
constexpr auto four =
    qom::properties(chardev1, chardev2, qom::property<&C::chardev3>("chardev3", chardev_help),
                    qom::property<&C::chardev4>("chardev4", chardev_help), prog_if);
constexpr std::string C::*backends[] = {&C::chardev1, &C::chardev2, &C::chardev3, &C::chardev4};

using S = PciMultiSerialState;
constexpr auto fields = vmstate::fields(vmstate::structs<&S::dev>("dev", pci_device_table),
                                        vmstate::counted<S, [](const S& s) { return s.ports; }>(
                                            vmstate::structs<&S::state>("state", serial_table)),
                                        vmstate::field<&S::level>("level"));
static_assert(vmstate::covers<S>(fields, vmstate::not_saved<&S::ports>()));
constexpr vmstate::Table table{.name = "pci-serial-multi", .fields = fields};

constexpr u64 ports_each = 8;
constexpr auto io_ops = exec::memory_ops<&PciMultiSerial::io_read, &PciMultiSerial::io_write>(
    {.impl = {.min = 1, .max = 1}});

consteval PciMultiSerialType type(std::string_view name, std::uint16_t device, u32 ports,
                                  std::span<const qom::Property> properties,
                                  std::unique_ptr<Device> (*create)()) {
    PciMultiSerialType t{};
    t.name = name;
    t.parent = "pci-device";
    t.properties = properties;
    t.bus = "PCI";
    t.category = Category::Input;
    t.create = create;
    t.vendor = 0x1b36;
    t.device = device;
    t.revision = 1;
    t.device_class = 0x0700;
    t.ports = ports;
    return t;
}

std::unique_ptr<Device> create_2x() {
    return std::make_unique<PciMultiSerial>(pci_serial_2x_type);
}
std::unique_ptr<Device> create_4x() {
    return std::make_unique<PciMultiSerial>(pci_serial_4x_type);
}

}  // namespace

constinit const PciMultiSerialType pci_serial_2x_type =
    type("pci-serial-2x", 0x0003, 2, two, create_2x);
constinit const PciMultiSerialType pci_serial_4x_type =
    type("pci-serial-4x", 0x0004, 4, four, create_4x);

PciMultiSerial::PciMultiSerial(const PciMultiSerialType& type) : PciDeviceOf(type) {
    state_.ports = type.ports;
}

const vmstate::Table& PciMultiSerial::vmstate() const {
    return table;
}

Result<void> PciMultiSerial::realize_chip(Platform& platform) {
    state_.dev.config[pci::class_code] = config_.prog_if;
    state_.dev.config[pci::interrupt_pin] = 1;
    for (u32 n = 0; n < state_.ports; n++) {
        chardev::Chardev* line = TRY(find_chardev(platform, *this, config_.*backends[n]));
        Serial& chip = chips_[n].emplace(state_.state[n], platform.clocks.virt);
        TRY(chip.connect(line));
        chip.set_open(true);
        chip.irq.connect(irq_in<&PciMultiSerial::set_irq>(*this, static_cast<int>(n)));
    }
    registers_ = exec::MemoryRegion::io(platform.memory, "multiserial", ports_each * state_.ports,
                                        io_ops, this);
    add_bar(0, pci::bar_io, *registers_);
    return {};
}

u64 PciMultiSerial::io_read(u64 offset, unsigned size) {
    return chips_[offset / ports_each]->io_read(offset % ports_each, size);
}

void PciMultiSerial::io_write(u64 offset, u64 value, unsigned size) {
    chips_[offset / ports_each]->io_write(offset % ports_each, value, size);
}

void PciMultiSerial::set_irq(int port, int level) {
    state_.level[static_cast<std::size_t>(port)] = level != 0;
    set_intx(std::ranges::any_of(state_.level, [](u32 l) { return l != 0; }));
}

void PciMultiSerial::chip_reset() {
    for (auto& chip : chips_)
        if (chip) chip->reset();
}

void PciMultiSerial::pre_save(S&) {
    for (auto& chip : chips_)
        if (chip) chip->pre_save();
}

void PciMultiSerial::chip_loaded(int) {
    for (auto& chip : chips_)
        if (chip) chip->post_load();
}

}  // namespace hw
