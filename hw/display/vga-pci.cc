// SPDX-License-Identifier: GPL-2.0-or-later
#include "hw/display/vga-pci.h"

#include <fmt/format.h>

#include "hw/pci/pci-bus.h"
#include "migration/vmstate/fields.h"
#include "qom/property.h"

namespace hw {

namespace {

using S = VgaPciState;
constexpr auto fields = vmstate::fields(vmstate::structs<&S::dev>("dev", pci_device_table),
                                        vmstate::structs<&S::vga>("vga", vga_table));
static_assert(vmstate::covers<S>(fields));
constexpr vmstate::Table table{.name = "vga", .version = 2, .minimum_version = 2, .fields = fields};

using P = VgaPciConfig;
using qom::property;
constexpr auto vgamem = property<&P::vgamem_mb>("vgamem_mb");
constexpr auto mmio = property<&P::mmio>("mmio", "on/off");
constexpr auto extended = property<&P::qemu_extended_regs>("qemu-extended-regs", "on/off");
constexpr auto edid = property<&P::edid>("edid", "on/off");
constexpr auto xres = property<&P::xres>("xres"), yres = property<&P::yres>("yres"),
               xmax = property<&P::xmax>("xmax"), ymax = property<&P::ymax>("ymax"),
               refresh_rate = property<&P::refresh_rate>("refresh_rate");
constexpr auto vga_properties =
    qom::properties(vgamem, mmio, extended, edid, xres, yres, xmax, ymax, refresh_rate,
                    property<&P::global_vmstate>("global-vmstate"));
constexpr auto secondary_properties =
    qom::properties(vgamem, extended, edid, xres, yres, xmax, ymax, refresh_rate);

template <const PciDeviceType& type>
std::unique_ptr<Device> create() {
    return std::make_unique<VgaPci>(type);
}

}  // namespace

constinit const PciDeviceType vga_pci_type{
    {{.name = "VGA", .parent = "pci-vga", .properties = vga_properties},
     "PCI",
     Category::Display,
     true,
     false,
     create<vga_pci_type>},
    0x1234,
    0x1111,
    0x02,
    0x0300,
    0x00,
    0x1af4,
    0x1100,
    "vgabios-stdvga.bin"};
constinit const PciDeviceType secondary_vga_type{
    {{.name = "secondary-vga", .parent = "pci-vga", .properties = secondary_properties},
     "PCI",
     Category::Display,
     true,
     true,
     create<secondary_vga_type>},
    0x1234,
    0x1111,
    0x02,
    0x0380,
    0x00,
    0x1af4,
    0x1100};

VgaPci::VgaPci(const PciDeviceType& type) : PciDeviceOf(type) {}

const vmstate::Table& VgaPci::vmstate() const {
    return table;
}

Result<void> VgaPci::realize_chip(Platform& p) {
    if (config_.global_vmstate)
        return fail("{}: global-vmstate=on is for machine types before 2.0, not supported",
                    type_name());
    TRY(vram_.allocate_mb(p, fmt::format("{}/vga.vram", pci_bus().device_path(*this)), "vga.vram",
                          config_.vgamem_mb));
    vga_.connect(vram_.block());
    add_bar(0, pci::bar_memory | pci::bar_prefetchable, vram_.region());
    if (&pci_type() == &vga_pci_type) {
        const PciBus::Wiring& w = pci_bus().wiring();
        windows_.add_legacy(p.memory, w.memory, w.io);
    }
    if (config_.mmio) {
        VgaWindows::Mmio window{.edid = {}, .extended = config_.qemu_extended_regs};
        if (config_.edid) window.edid = make_edid_for(config_);
        // The revision tells drivers whether the byte order register is there.
        if (!config_.qemu_extended_regs) state_.dev.config[pci::revision_id] = 0;
        add_bar(2, pci::bar_memory, windows_.add_mmio(p.memory, window));
    }
    vram_.show(p, *this);
    return {};
}

}  // namespace hw
