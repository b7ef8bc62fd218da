// SPDX-License-Identifier: GPL-2.0-or-later
//
// The standard VGA on PCI (1234:1111): frame buffer in BAR 0, registers in BAR 2, and the legacy
// ports and memory.
#pragma once

#include <memory>

#include "hw/display/vga.h"
#include "hw/pci/pci-device.h"

namespace hw {

struct VgaPciConfig : PciConfig {
    std::uint32_t vgamem_mb = 16;
    bool mmio = true, qemu_extended_regs = true, edid = true;
    std::uint32_t xres = 1280, yres = 800, xmax = 0, ymax = 0, refresh_rate = 0;
    bool global_vmstate = false;
};

struct VgaPciState {
    PciState dev;
    VgaState vga;
};

class VgaPci final : public PciDeviceOf<VgaPciConfig, VgaPciState>, public ui::Console {
public:
    VgaPci();
    ~VgaPci() override;
    Vga& vga() { return vga_; }
    ui::Image picture() override { return vga_.picture(platform().clocks.virt.now_ns()); }
    ui::TextScreen text() override { return vga_.text(); }
    const qom::Object* device() const override { return this; }
    const vmstate::Table& vmstate() const override;

    template <unsigned Base>
    std::uint64_t port_read(exec::hwaddr offset, unsigned) {
        return vga_.port_read(Base + static_cast<unsigned>(offset));
    }
    template <unsigned Base>
    void port_write(exec::hwaddr offset, std::uint64_t value, unsigned) {
        vga_.port_write(Base + static_cast<unsigned>(offset), static_cast<std::uint8_t>(value));
    }
    std::uint64_t vbe_port_read(exec::hwaddr offset, unsigned size);
    void vbe_port_write(exec::hwaddr offset, std::uint64_t value, unsigned size);
    std::uint64_t vbe_mmio_read(exec::hwaddr offset, unsigned size);
    void vbe_mmio_write(exec::hwaddr offset, std::uint64_t value, unsigned size);
    std::uint64_t extended_read(exec::hwaddr offset, unsigned size);
    void extended_write(exec::hwaddr offset, std::uint64_t value, unsigned size);

protected:
    Result<void> realize_chip(Platform&) override;
    void chip_reset() override { vga_.reset(); }

private:
    Vga vga_{state_.vga};
    ui::Consoles* consoles_ = nullptr;
    exec::RamBlock* vram_block_ = nullptr;
    std::unique_ptr<exec::MemoryRegion> vram_, low_, mmio_, mmio_ports_, mmio_vbe_, mmio_extended_;
    std::unique_ptr<exec::MemoryRegion> ports_[5], vbe_;
};

extern const PciDeviceType vga_pci_type;
std::span<const DeviceType* const> display_types();
std::span<const qom::Type* const> display_base_types();

}  // namespace hw
