// SPDX-License-Identifier: GPL-2.0-or-later
//
// "isa-vga": the standard VGA on the ISA bus, with a linear frame buffer where Bochs had it.
#pragma once

#include "hw/display/vga-windows.h"
#include "hw/display/video-memory.h"
#include "hw/isa/isa-bus.h"

namespace hw {

struct VgaIsaConfig {
    std::uint32_t vgamem_mb = 8;
};

/// Its section is not the registers themselves; see isa-section.h.
class VgaIsa final : public DeviceOf<VgaIsaConfig, VgaState>, public ui::Console {
public:
    static const DeviceType device_type_;
    VgaIsa();
    const vmstate::Table& vmstate() const override { return vga_table; }
    void hold_reset() override { vga_.reset(); }

    ui::Image picture() override;
    ui::TextScreen text() override { return vga_.text(); }
    const qom::Object* device() const override { return this; }
    VgaState& registers() { return registers_; }

protected:
    Result<void> realize(Platform&) override;
    void pre_save(VgaState&) override;
    void post_load(int) override;

private:
    VgaState registers_;
    Vga vga_{registers_};
    VgaWindows windows_{vga_};
    VideoMemory vram_;
};

}  // namespace hw
