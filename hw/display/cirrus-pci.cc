// SPDX-License-Identifier: GPL-2.0-or-later
#include "hw/display/cirrus-pci.h"

#include <fmt/format.h>

#include "hw/pci/pci-bus.h"
#include "migration/vmstate/fields.h"
#include "qom/property.h"

namespace hw {

namespace {

using S = CirrusPciState;
constexpr auto fields = vmstate::fields(vmstate::structs<&S::dev>("dev", pci_device_table),
                                        vmstate::structs<&S::cirrus>("cirrus_vga", cirrus_table));
static_assert(vmstate::covers<S>(fields));
constexpr vmstate::Table table{
    .name = "cirrus_vga", .version = 2, .minimum_version = 2, .fields = fields};

using P = CirrusPciConfig;
using qom::property;
constexpr auto properties =
    qom::properties(property<&P::vgamem_mb>("vgamem_mb"), property<&P::blitter>("blitter"),
                    property<&P::global_vmstate>("global-vmstate"));

}  // namespace

constinit const PciDeviceType cirrus_pci_type{
    {{.name = "cirrus-vga",
      .parent = "pci-device",
      .properties = properties,
      .description = "Cirrus CLGD 54xx VGA"},
     "PCI",
     Category::Display,
     true,
     false,
     [] { return std::unique_ptr<Device>(new CirrusPci); }},
    0x1013,
    0x00b8,
    0x00,
    0x0300,
    0x00,
    0x1af4,
    0x1100,
    "vgabios-cirrus.bin"};

CirrusPci::CirrusPci() : PciDeviceOf(cirrus_pci_type) {}

const vmstate::Table& CirrusPci::vmstate() const {
    return table;
}

Result<void> CirrusPci::realize_chip(Platform& p) {
    if (config_.global_vmstate)
        return fail("{}: global-vmstate=on is for machine types before 2.0, not supported",
                    type_name());
    TRY(chip_.check(config_.vgamem_mb));
    TRY(vram_.allocate_mb(p, fmt::format("{}/vga.vram", pci_bus().device_path(*this)), "vga.vram",
                          config_.vgamem_mb));
    if (!config_.blitter) chip_.disable_blitter();
    const PciBus::Wiring& w = pci_bus().wiring();
    chip_.add_legacy(p.memory, vram_, w.memory, w.io);
    add_bar(0, pci::bar_memory | pci::bar_prefetchable, chip_.add_linear(p.memory));
    add_bar(1, pci::bar_memory, chip_.add_mmio(p.memory));
    vram_.show(p, *this);
    return {};
}

}  // namespace hw
