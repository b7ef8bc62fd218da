// SPDX-License-Identifier: GPL-2.0-or-later
//
// "ramfb": a frame buffer in guest memory. The guest says where by writing the file "etc/ramfb" of
// fw_cfg (QEMU's docs/specs/fw_cfg; the formats' names are those of Linux' drm_fourcc.h).
#pragma once

#include "hw/core/device.h"
#include "hw/core/int.h"
#include "hw/nvram/fw_cfg.h"
#include "ui/console.h"

namespace hw {

/// Nothing of it is in a stream, as in QEMU 7.2: a guest that moves sets its mode again.
struct RamfbState {};

class Ramfb final : public DeviceOf<NoConfig, RamfbState>, public ui::Console {
public:
    static const DeviceType device_type_;
    Ramfb() : DeviceOf(device_type_) {}
    ~Ramfb() override;
    const vmstate::Table& vmstate() const override;
    vmstate::Owner* saved_state() override { return nullptr; }
    void hold_reset() override { mode_ = {}; }

    ui::Image picture() override;
    ui::TextScreen text() override { return {}; }
    const qom::Object* device() const override { return this; }

protected:
    Result<void> realize(Platform&) override;

private:
    struct Mode {
        u64 address = 0;
        u32 fourcc = 0, width = 0, height = 0, stride = 0;
    };
    void set_mode(const FwCfg::Bytes&);
    Mode mode_;
    ui::Consoles* consoles_ = nullptr;
    ui::Image shown_{640, 480};
};

}  // namespace hw
