// SPDX-License-Identifier: GPL-2.0-or-later
#include "hw/display/bochs-display.h"

#include <fmt/format.h>

#include "hw/display/pixels.h"
#include "hw/display/vga-windows.h"
#include "hw/pci/pci-bus.h"
#include "migration/vmstate/fields.h"
#include "qom/property.h"

namespace hw {

namespace {

using S = BochsDisplayState;
using vmstate::field;
constexpr auto fields =
    vmstate::fields(vmstate::structs<&S::dev>("pci", pci_device_table),
                    field<&S::vbe_regs>("vbe_regs"), field<&S::big_endian_fb>("big_endian_fb"));
static_assert(vmstate::covers<S>(fields));
constexpr vmstate::Table table{
    .name = "bochs-display", .version = 0, .minimum_version = 0, .fields = fields};

using P = BochsDisplayConfig;
using qom::property;
constexpr auto properties =
    qom::properties(property<&P::vgamem>("vgamem").as("size", qom::PropertyKind::Size),
                    property<&P::edid>("edid", "on/off"), property<&P::xres>("xres"),
                    property<&P::yres>("yres"), property<&P::xmax>("xmax"),
                    property<&P::ymax>("ymax"), property<&P::refresh_rate>("refresh_rate"));

constexpr std::uint16_t version = 0xb0c5, enabled = 0x01;
constexpr unsigned smallest_side = 64;
constexpr auto vbe_ops = exec::memory_ops<&BochsDisplay::vbe_read, &BochsDisplay::vbe_write>(
    {.valid = {1, 4}, .impl = {2, 2}});
constexpr auto extended_ops =
    exec::memory_ops<&BochsDisplay::extended_read, &BochsDisplay::extended_write>(
        {.valid = {4, 4}, .impl = {4, 4}});

}  // namespace

constinit const PciDeviceType bochs_display_type{
    {{.name = "bochs-display", .parent = "pci-device", .properties = properties},
     "PCI",
     Category::Display,
     true,
     true,
     [] { return std::unique_ptr<Device>(new BochsDisplay); }},
    0x1234,
    0x1111,
    0x02,
    0x0380,
    0x00,
    0x1af4,
    0x1100,
    "vgabios-bochs-display.bin"};

BochsDisplay::BochsDisplay() : PciDeviceOf(bochs_display_type) {}

const vmstate::Table& BochsDisplay::vmstate() const {
    return table;
}

Result<void> BochsDisplay::realize_chip(Platform& p) {
    using exec::MemoryRegion;
    constexpr std::uint64_t least = 4 << 20, most = 256 << 20;
    if (config_.vgamem < least || config_.vgamem > most)
        return fail("bochs-display: vgamem must be from 4 MiB to 256 MiB, not {} bytes",
                    config_.vgamem);
    TRY(vram_.allocate(p, fmt::format("{}/bochs-display-vram", pci_bus().device_path(*this)),
                       "bochs-display-vram", config_.vgamem));
    add_bar(0, pci::bar_memory | pci::bar_prefetchable, vram_.region());

    mmio_ = MemoryRegion::io(p.memory, "bochs-display-mmio", mmio_size, exec::floating_bus_ops,
                             nullptr);
    mmio_vbe_ = MemoryRegion::io(p.memory, "bochs dispi interface", mmio_vbe_size, vbe_ops, this);
    mmio_->add_subregion(mmio_vbe_at, *mmio_vbe_);
    mmio_extended_ =
        MemoryRegion::io(p.memory, "qemu extended regs", mmio_extended_size, extended_ops, this);
    mmio_->add_subregion(mmio_extended_at, *mmio_extended_);
    if (config_.edid) edid_.attach(*mmio_, make_edid_for(config_));
    add_bar(2, pci::bar_memory, *mmio_);
    vram_.show(p, *this);
    return {};
}

void BochsDisplay::chip_reset() {
    state_.vbe_regs = {};
    state_.big_endian_fb = false;
}

std::uint64_t BochsDisplay::vbe_read(exec::hwaddr offset, unsigned) {
    const auto n = offset >> 1;
    if (n == VBE_ID) return version;
    if (n == VBE_VIDEO_MEMORY_64K) return vram_.block().size() >> 16;
    return n < state_.vbe_regs.size() ? state_.vbe_regs[n] : 0;
}

void BochsDisplay::vbe_write(exec::hwaddr offset, std::uint64_t value, unsigned) {
    const auto n = offset >> 1;
    if (n < state_.vbe_regs.size()) state_.vbe_regs[n] = static_cast<std::uint16_t>(value);
}

std::uint64_t BochsDisplay::extended_read(exec::hwaddr offset, unsigned) {
    if (offset == 0) return mmio_extended_size;
    return state_.big_endian_fb ? order_big : order_little;
}

void BochsDisplay::extended_write(exec::hwaddr offset, std::uint64_t value, unsigned) {
    if (offset == 4 && (value == order_little || value == order_big))
        state_.big_endian_fb = value == order_big;
}

/// What is not a mode leaves the last picture where it is.
ui::Image BochsDisplay::picture() {
    const auto& r = state_.vbe_regs;
    const unsigned bytes = r[VBE_BPP] == 16 ? 2 : r[VBE_BPP] == 32 ? 4 : 0;
    const unsigned width = r[VBE_XRES], height = r[VBE_YRES];
    if (!(r[VBE_ENABLE] & enabled) || !bytes || width < smallest_side || height < smallest_side)
        return shown_;
    const std::uint64_t stride =
        std::uint64_t{std::max<unsigned>(r[VBE_VIRT_WIDTH], width)} * bytes;
    const std::uint64_t start = r[VBE_Y_OFFSET] * stride + std::uint64_t{r[VBE_X_OFFSET]} * bytes;
    if (start + stride * height > vram_.block().size()) return shown_;
    shown_ = ui::Image(width, height);
    for (unsigned y = 0; y < height; y++)
        (bytes == 2 ? draw_16 : draw_32)(shown_.row(y), width,
                                         vram_.block().host() + start + y * stride,
                                         bytes == 4 && state_.big_endian_fb);
    return shown_;
}

}  // namespace hw
