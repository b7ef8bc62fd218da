// SPDX-License-Identifier: GPL-2.0-or-later
//
// The standard VGA on PCI (1234:1111): frame buffer in BAR 0, registers in BAR 2; "VGA" has the
// legacy ports and memory too, "secondary-vga" is a second screen without them.
#pragma once

#include "hw/display/vga-windows.h"
#include "hw/display/video-memory.h"
#include "hw/pci/pci-device.h"

namespace hw {

struct VgaPciConfig : PciConfig {
    std::uint32_t vgamem_mb = 16;
    bool mmio = true, qemu_extended_regs = true, edid = true;
    std::uint32_t xres = 0, yres = 0, xmax = 0, ymax = 0, refresh_rate = 0;
    bool global_vmstate = false;
};

struct VgaPciState {
    PciState dev;
    VgaState vga;
};

class VgaPci final : public PciDeviceOf<VgaPciConfig, VgaPciState>, public ui::Console {
public:
    explicit VgaPci(const PciDeviceType&);
    Vga& vga() { return vga_; }
    const vmstate::Table& vmstate() const override;

    ui::Image picture() override { return vga_.picture(platform().clocks.virt.now_ns()); }
    ui::TextScreen text() override { return vga_.text(); }
    const qom::Object* device() const override { return this; }

protected:
    Result<void> realize_chip(Platform&) override;
    void chip_reset() override { vga_.reset(); }

private:
    Vga vga_{state_.vga};
    VgaWindows windows_{vga_};
    VideoMemory vram_;
};

extern const PciDeviceType vga_pci_type, secondary_vga_type;

}  // namespace hw
