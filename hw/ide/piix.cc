// SPDX-License-Identifier: GPL-2.0-or-later
//
// PIIX3 and PIIX4 IDE. Data sheets: order numbers 290550, section 2.3, and 290562, section 5.
#include "hw/ide/piix.h"

#include "hw/ide/isa.h"
#include "migration/vmstate/fields.h"
#include "qapi/context.h"

namespace hw {

namespace {

struct Ports {
    std::uint16_t command, control;
    unsigned irq;
};
constexpr Ports ports[2] = {{0x1f0, 0x3f6, 14}, {0x170, 0x376, 15}};
constexpr unsigned bmiba_bar = 4;

using S = PiixIdeState;
constexpr auto fields =
    vmstate::fields(vmstate::structs<&S::dev>("parent_obj", pci_device_table),
                    vmstate::structs<&S::bmdma>("bmdma", bmdma_table),
                    vmstate::structs<&S::bus>("bus", ide_bus_table),
                    vmstate::structs<&S::primary>("bus[0].ifs", ide_drive_table),
                    vmstate::structs<&S::secondary>("bus[1].ifs", ide_drive_table));
static_assert(vmstate::covers<S>(fields));
constexpr vmstate::Table table{.name = "ide", .version = 3, .minimum_version = 0, .fields = fields};

constexpr auto command_ops =
    exec::memory_ops<&IdeChannel::command_read, &IdeChannel::command_write>();
constexpr auto control_ops =
    exec::memory_ops<&IdeChannel::control_read, &IdeChannel::control_write>({.impl = {1, 1}});
constexpr auto engine_ops = exec::memory_ops<&Bmdma::read, &Bmdma::write>();

constexpr const DeviceType* types[] = {&piix3_ide_type, &piix4_ide_type, &IsaIde::device_type_,
                                       &ide_hd_type, &ide_cd_type};

constexpr PciDeviceType piix(std::string_view name, std::uint16_t device,
                             std::unique_ptr<Device> (*create)()) {
    return {{{.name = name, .parent = "pci-ide", .description = "IDE controller"},
             "PCI",
             Category::Storage,
             true,
             false,
             create},
            0x8086,
            device,
            0x00,
            0x0101,
            0x80};  // capable of bus mastering
}

}  // namespace

constinit const PciDeviceType piix3_ide_type =
    piix("piix3-ide", 0x7010, [] { return std::unique_ptr<Device>(new PiixIde(piix3_ide_type)); });
constinit const PciDeviceType piix4_ide_type =
    piix("piix4-ide", 0x7111, [] { return std::unique_ptr<Device>(new PiixIde(piix4_ide_type)); });

std::span<const DeviceType* const> ide_types() {
    return types;
}

PiixIde::PiixIde(const PciDeviceType& type) : PciDeviceOf(type) {
    for (unsigned n = 0; n < 2; n++) {
        channels_[n] =
            std::make_unique<IdeChannel>(state_.bus[n], n == 0 ? state_.primary : state_.secondary);
        engines_[n] = std::make_unique<Bmdma>(*this, state_.bmdma[n], *channels_[n], state_.bus[n]);
        channels_[n]->connect_dma(engines_[n].get());
    }
}

PiixIde::~PiixIde() {
    for (auto& c : channels_)
        c->drain();
}

const vmstate::Table& PiixIde::vmstate() const {
    return table;
}

Result<void> PiixIde::realize_chip(Platform& p) {
    using exec::MemoryRegion;
    const auto* isa = p.services.find<IsaBus>();
    bmiba_ = MemoryRegion::container(p.memory, "piix-bmdma-container", 16);
    for (unsigned n = 0; n < 2; n++) {
        command_[n] = MemoryRegion::io(p.memory, "ide", 8, command_ops, channels_[n].get());
        control_[n] = MemoryRegion::io(p.memory, "ide", 1, control_ops, channels_[n].get());
        p.system_io.add_subregion(ports[n].command, *command_[n]);
        p.system_io.add_subregion(ports[n].control, *control_[n]);
        registers_[n] = MemoryRegion::io(p.memory, "piix-bmdma", 8, engine_ops, engines_[n].get());
        bmiba_->add_subregion(8 * n, *registers_[n]);
        if (isa && !channels_[n]->irq().connected())
            channels_[n]->irq().connect(isa->irq(ports[n].irq));
        buses_.push_back(std::make_unique<IdeBus>(next_bus_name(*this, "IDE", "ide"), this,
                                                  *channels_[n],
                                                  2 * next_bus_number(*this, "IDE") + 1));
    }
    add_bar(bmiba_bar, pci::bar_io, *bmiba_);
    return {};
}

void PiixIde::chip_reset() {
    for (auto& c : channels_)
        c->reset();
    set_config16(pci::command, 0);
    set_config16(pci::status, pci::status_devsel_medium | pci::status_fast_back);
}

void PiixIde::pre_save(PiixIdeState&) {
    for (unsigned n = 0; n < 2; n++) {
        channels_[n]->drain();
        channels_[n]->prepare_save();
        engines_[n]->prepare_save();
    }
}

void PiixIde::chip_loaded(int) {
    for (unsigned n = 0; n < 2; n++) {
        engines_[n]->loaded();
        channels_[n]->loaded();
    }
}

}  // namespace hw
