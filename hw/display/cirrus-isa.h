// SPDX-License-Identifier: GPL-2.0-or-later
//
// "isa-cirrus-vga": a GD5446 with the straps of the ISA bus, without a linear frame buffer.
#pragma once

#include "hw/display/cirrus.h"
#include "hw/isa/isa-bus.h"

namespace hw {

struct CirrusIsaConfig {
    std::uint32_t vgamem_mb = 4;
    bool blitter = true;
};

/// Its section is not the registers themselves; see isa-section.h.
class CirrusIsa final : public DeviceOf<CirrusIsaConfig, CirrusState>, public ui::Console {
public:
    static const DeviceType device_type_;
    CirrusIsa();
    const vmstate::Table& vmstate() const override { return cirrus_table; }
    void hold_reset() override { chip_.reset(); }

    ui::Image picture() override { return chip_.picture(platform().clocks.virt.now_ns()); }
    ui::TextScreen text() override { return chip_.text(); }
    const qom::Object* device() const override { return this; }

protected:
    Result<void> realize(Platform&) override;
    void pre_save(CirrusState&) override;
    void post_load(int) override;

private:
    CirrusState registers_;
    VideoMemory vram_;
    Cirrus chip_{registers_, cirrus_isa_card};
};

}  // namespace hw
