// SPDX-License-Identifier: GPL-2.0-or-later
//
// "cirrus-vga": a GD5446 on PCI (1013:00B8), frame buffer in BAR 0, registers in BAR 1.
#pragma once

#include "hw/display/cirrus.h"
#include "hw/pci/pci-device.h"

namespace hw {

struct CirrusPciConfig : PciConfig {
    std::uint32_t vgamem_mb = 4;
    bool blitter = true, global_vmstate = false;
};

struct CirrusPciState {
    PciState dev;
    CirrusState cirrus;
};

class CirrusPci final : public PciDeviceOf<CirrusPciConfig, CirrusPciState>, public ui::Console {
public:
    CirrusPci();
    const vmstate::Table& vmstate() const override;

    ui::Image picture() override { return chip_.picture(platform().clocks.virt.now_ns()); }
    ui::TextScreen text() override { return chip_.text(); }
    const qom::Object* device() const override { return this; }

protected:
    Result<void> realize_chip(Platform&) override;
    void chip_reset() override { chip_.reset(); }
    void chip_loaded(int) override { chip_.loaded(); }

private:
    VideoMemory vram_;
    Cirrus chip_{state_.cirrus, cirrus_pci_card};
};
extern const PciDeviceType cirrus_pci_type;

}  // namespace hw
