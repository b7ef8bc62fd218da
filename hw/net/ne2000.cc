// SPDX-License-Identifier: GPL-2.0-or-later
#include "hw/net/ne2000.h"

#include "migration/vmstate/fields.h"
#include "net/network.h"
#include "qapi/context.h"
#include "qom/property.h"

namespace hw {

namespace {

using qom::property;
constexpr char mac_help[] = "Ethernet 6-byte MAC Address, example: 52:54:00:12:34:56";
constexpr char netdev_help[] = "ID of a netdev to use as a backend";

using I = Ne2kIsaConfig;
constexpr auto isa_properties =
    qom::properties(property<&I::iobase>("iobase"), property<&I::irq>("irq"),
                    property<&I::mac>("mac", mac_help), property<&I::netdev>("netdev", netdev_help),
                    property<&I::bootindex>("bootindex").without_default());
using P = Ne2kPciConfig;
constexpr auto pci_properties =
    qom::properties(property<&P::mac>("mac", mac_help), property<&P::netdev>("netdev", netdev_help),
                    property<&P::bootindex>("bootindex").without_default());

constexpr auto isa_fields = vmstate::fields(vmstate::self<Dp8390State>("ne2000", dp8390_table));
constexpr vmstate::Table isa_table{
    .name = "ne2000", .version = 2, .minimum_version = 0, .fields = isa_fields};

using S = Ne2kPciState;
constexpr auto pci_fields = vmstate::fields(vmstate::structs<&S::dev>("dev", pci_device_table),
                                            vmstate::structs<&S::chip>("ne2000", dp8390_table));
static_assert(vmstate::covers<S>(pci_fields));
constexpr vmstate::Table pci_table{
    .name = "ne2000", .version = 3, .minimum_version = 3, .fields = pci_fields};

constexpr auto ops = exec::memory_ops<&Dp8390::port_read, &Dp8390::port_write>({.impl = {1, 4}});

}  // namespace

// ---- ISA --------------------------------------------------------------------------------------

const DeviceType Ne2kIsa::device_type_ =
    isa_type<Ne2kIsa>("ne2k_isa", isa_properties, Category::Network, true);

Ne2kIsa::Ne2kIsa() : DeviceOf(device_type_), Dp8390(state_) {}

const vmstate::Table& Ne2kIsa::vmstate() const {
    return isa_table;
}

Result<void> Ne2kIsa::realize(Platform& p) {
    if (config_.irq >= IsaBus::irq_count)
        return fail("ne2k_isa: irq {} is no line of the ISA bus", config_.irq);
    TRY(sign_in(p.services.find<net::Network>(), type_name(), id(), config_.mac, config_.netdev));
    const IsaBus& bus = isa_bus(*this);
    irq_.connect(bus.irq(config_.irq));
    ports_ = bus.add_io(config_.iobase, "ne2000", 0x20, ops, static_cast<Dp8390*>(this));
    return {};
}

// ---- PCI --------------------------------------------------------------------------------------

constinit const PciDeviceType ne2k_pci_type{
    {{.name = "ne2k_pci", .parent = "pci-device", .properties = pci_properties},
     "PCI",
     Category::Network,
     true,
     true,
     [] { return std::unique_ptr<Device>(new Ne2kPci); }},
    0x10ec,
    0x8029,
    0x00,
    0x0200,
    0x00,
    0x1af4,
    0x1100,
    "efi-ne2k_pci.rom"};

Ne2kPci::Ne2kPci() : PciDeviceOf(ne2k_pci_type), Dp8390(state_.chip) {}

const vmstate::Table& Ne2kPci::vmstate() const {
    return pci_table;
}

Result<void> Ne2kPci::realize_chip(Platform& p) {
    TRY(sign_in(p.services.find<net::Network>(), type_name(), id(), config_.mac, config_.netdev));
    state_.dev.config[pci::interrupt_pin] = 1;
    ports_ = exec::MemoryRegion::io(p.memory, "ne2000", 0x100, ops, static_cast<Dp8390*>(this));
    add_bar(0, pci::bar_io, *ports_);
    return {};
}

}  // namespace hw
