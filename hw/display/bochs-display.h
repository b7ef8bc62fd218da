// SPDX-License-Identifier: GPL-2.0-or-later
//
// "bochs-display": the Bochs display interface without a VGA below it. Registers that only hold
// what was written, and a frame buffer.
#pragma once

#include <memory>

#include "hw/display/edid.h"
#include "hw/display/vga.h"
#include "hw/display/video-memory.h"
#include "hw/pci/pci-device.h"

namespace hw {

struct BochsDisplayConfig : PciConfig {
    std::uint64_t vgamem = 16 << 20;
    bool edid = true;
    std::uint32_t xres = 0, yres = 0, xmax = 0, ymax = 0, refresh_rate = 0;
};

struct BochsDisplayState {
    PciState dev;
    std::array<std::uint16_t, 10> vbe_regs{};
    bool big_endian_fb = false;
};

class BochsDisplay final : public PciDeviceOf<BochsDisplayConfig, BochsDisplayState>,
                           public ui::Console {
public:
    BochsDisplay();
    const vmstate::Table& vmstate() const override;

    ui::Image picture() override;
    ui::TextScreen text() override { return {}; }
    const qom::Object* device() const override { return this; }

    std::uint64_t vbe_read(exec::hwaddr offset, unsigned size);
    void vbe_write(exec::hwaddr offset, std::uint64_t value, unsigned size);
    std::uint64_t extended_read(exec::hwaddr offset, unsigned size);
    void extended_write(exec::hwaddr offset, std::uint64_t value, unsigned size);

protected:
    Result<void> realize_chip(Platform&) override;
    void chip_reset() override;

private:
    VideoMemory vram_;
    std::unique_ptr<exec::MemoryRegion> mmio_, mmio_vbe_, mmio_extended_;
    EdidWindow edid_;
    ui::Image shown_{640, 480};
};

extern const PciDeviceType bochs_display_type;

}  // namespace hw
