// SPDX-License-Identifier: GPL-2.0-or-later
//
// The standard VGA's PCI function and its windows (QEMU's docs/specs/standard-vga says where they
// are).
#include "hw/display/vga-pci.h"

#include <fmt/format.h>

#include <bit>

#include "hw/pci/pci-bus.h"
#include "migration/vmstate/fields.h"
#include "qapi/context.h"
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
constexpr auto properties = qom::properties(
    property<&P::vgamem_mb>("vgamem_mb"), property<&P::mmio>("mmio", "on/off"),
    property<&P::qemu_extended_regs>("qemu-extended-regs", "on/off"),
    property<&P::edid>("edid", "on/off"), property<&P::xres>("xres"), property<&P::yres>("yres"),
    property<&P::xmax>("xmax"), property<&P::ymax>("ymax"),
    property<&P::refresh_rate>("refresh_rate"), property<&P::global_vmstate>("global-vmstate"));

constexpr exec::MemoryOps bytes{.impl = {1, 1}};
struct PortRange {
    std::uint16_t first, count;
    exec::MemoryOps ops;
};
template <unsigned Base>
consteval exec::MemoryOps ports() {
    return exec::memory_ops<&VgaPci::port_read<Base>, &VgaPci::port_write<Base>>(bytes);
}
constexpr PortRange port_ranges[] = {
    {0x3b4, 2, ports<0x3b4>()}, {0x3ba, 1, ports<0x3ba>()}, {0x3c0, 16, ports<0x3c0>()},
    {0x3d4, 2, ports<0x3d4>()}, {0x3da, 1, ports<0x3da>()},
};
constexpr exec::MemoryOps mmio_port_ops = ports<0x3c0>();
constexpr auto low_ops = exec::memory_ops<&Vga::memory_read, &Vga::memory_write>(bytes);
constexpr auto vbe_ops =
    exec::memory_ops<&VgaPci::vbe_port_read, &VgaPci::vbe_port_write>({.impl = {1, 2, true}});
constexpr auto vbe_mmio_ops =
    exec::memory_ops<&VgaPci::vbe_mmio_read, &VgaPci::vbe_mmio_write>({.impl = {2, 2}});
constexpr auto extended_ops =
    exec::memory_ops<&VgaPci::extended_read, &VgaPci::extended_write>({.impl = {4, 4}});

// Offsets in BAR 2.
constexpr exec::hwaddr mmio_ports_at = 0x400, mmio_vbe_at = 0x500, mmio_extended_at = 0x600;
constexpr std::uint64_t mmio_ports_size = 0x20, mmio_vbe_size = 0x16, mmio_extended_size = 8;
constexpr std::uint32_t extended_little = 0x1e1e1e1e, extended_big = 0xbebebebe;

constexpr const DeviceType* types[] = {&vga_pci_type};

}  // namespace

constinit const PciDeviceType vga_pci_type{
    {{.name = "VGA", .parent = "pci-vga", .properties = properties},
     "PCI",
     Category::Display,
     true,
     false,
     [] { return std::unique_ptr<Device>(new VgaPci); }},
    0x1234,
    0x1111,
    0x02,
    0x0300,
    0x00,
    0x1af4,
    0x1100,
    "vgabios-stdvga.bin"};

std::span<const DeviceType* const> display_types() {
    return types;
}

std::span<const qom::Type* const> display_base_types() {
    static constexpr qom::Type base{.name = "pci-vga", .parent = "pci-device", .abstract = true};
    static constexpr const qom::Type* list[] = {&base};
    return list;
}

VgaPci::VgaPci() : PciDeviceOf(vga_pci_type) {}

VgaPci::~VgaPci() {
    if (consoles_) consoles_->remove(*this);
    vram_.reset();
    if (vram_block_) platform().memory.release_ram(*vram_block_);
}

const vmstate::Table& VgaPci::vmstate() const {
    return table;
}

Result<void> VgaPci::realize_chip(Platform& p) {
    using exec::MemoryRegion;
    if (config_.vgamem_mb < 1 || config_.vgamem_mb > 512)
        return fail("Invalid video memory size: {} MiB; it is from 1 to 512", config_.vgamem_mb);
    const std::uint64_t size = std::bit_ceil(std::uint64_t{config_.vgamem_mb} << 20);
    vram_block_ =
        TRY(p.memory.allocate_ram(fmt::format("{}/vga.vram", pci_bus().device_path(*this)), size));
    vga_.connect(*vram_block_);
    vram_ = MemoryRegion::ram(p.memory, "vga.vram", *vram_block_);
    add_bar(0, pci::bar_memory | pci::bar_prefetchable, *vram_);

    const PciBus::Wiring& w = pci_bus().wiring();
    exec::Transaction changes(p.memory);
    low_ = MemoryRegion::io(p.memory, "vga-lowmem", 0x20000, low_ops, &vga_);
    w.memory.add_subregion(0xa0000, *low_, 1);
    for (unsigned n = 0; n < std::size(port_ranges); n++) {
        ports_[n] =
            MemoryRegion::io(p.memory, "vga", port_ranges[n].count, port_ranges[n].ops, this);
        w.io.add_subregion(port_ranges[n].first, *ports_[n]);
    }
    vbe_ = MemoryRegion::io(p.memory, "vbe", 4, vbe_ops, this);
    w.io.add_subregion(0x1ce, *vbe_);

    if (config_.mmio) {
        mmio_ = MemoryRegion::container(p.memory, "vga.mmio", 4096);
        mmio_ports_ = MemoryRegion::io(p.memory, "vga ioports remapped", mmio_ports_size,
                                       mmio_port_ops, this);
        mmio_vbe_ =
            MemoryRegion::io(p.memory, "bochs dispi interface", mmio_vbe_size, vbe_mmio_ops, this);
        mmio_->add_subregion(mmio_ports_at, *mmio_ports_);
        mmio_->add_subregion(mmio_vbe_at, *mmio_vbe_);
        if (config_.qemu_extended_regs) {
            mmio_extended_ = MemoryRegion::io(p.memory, "qemu extended regs", mmio_extended_size,
                                              extended_ops, this);
            mmio_->add_subregion(mmio_extended_at, *mmio_extended_);
        } else {
            state_.dev.config[pci::revision_id] = 0;
        }
        add_bar(2, pci::bar_memory, *mmio_);
    }
    if ((consoles_ = p.services.find<ui::Consoles>())) consoles_->add(*this);
    return {};
}

// Index at 0x1CE; data at 0x1CF, and at 0x1D0 for those who must not use odd word ports.
std::uint64_t VgaPci::vbe_port_read(exec::hwaddr offset, unsigned) {
    return offset == 0 ? vga_.vbe_index() : vga_.vbe_read();
}
void VgaPci::vbe_port_write(exec::hwaddr offset, std::uint64_t value, unsigned) {
    if (offset == 0)
        vga_.set_vbe_index(static_cast<std::uint16_t>(value));
    else
        vga_.vbe_write(static_cast<std::uint16_t>(value));
}
std::uint64_t VgaPci::vbe_mmio_read(exec::hwaddr offset, unsigned) {
    vga_.set_vbe_index(static_cast<std::uint16_t>(offset >> 1));
    return vga_.vbe_read();
}
void VgaPci::vbe_mmio_write(exec::hwaddr offset, std::uint64_t value, unsigned) {
    vga_.set_vbe_index(static_cast<std::uint16_t>(offset >> 1));
    vga_.vbe_write(static_cast<std::uint16_t>(value));
}

std::uint64_t VgaPci::extended_read(exec::hwaddr offset, unsigned) {
    if (offset == 0) return mmio_extended_size;
    return state_.vga.big_endian_fb ? extended_big : extended_little;
}
void VgaPci::extended_write(exec::hwaddr offset, std::uint64_t value, unsigned) {
    if (offset != 4) return;
    if (value == extended_little) state_.vga.big_endian_fb = false;
    if (value == extended_big) state_.vga.big_endian_fb = true;
}

}  // namespace hw
