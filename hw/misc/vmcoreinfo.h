// SPDX-License-Identifier: GPL-2.0-or-later
//
// "vmcoreinfo": a file of fw_cfg into which a guest kernel writes where its crash notes are
// (docs/specs/vmcoreinfo), for those who dump its memory.
#pragma once

#include "hw/core/device.h"
#include "hw/core/int.h"

namespace hw {

struct VmcoreinfoState {
    bool has_vmcoreinfo = false;
    // As the guest wrote them: little endian.
    u16 host_format = 0;
    u16 guest_format = 0;
    u32 size = 0;
    u64 paddr = 0;
};

class Vmcoreinfo final : public DeviceOf<NoConfig, VmcoreinfoState> {
public:
    static const DeviceType device_type_;

    Vmcoreinfo() : DeviceOf(device_type_) {}
    const vmstate::Table& vmstate() const override;
    void hold_reset() override;

protected:
    Result<void> realize(Platform&) override;
};

}  // namespace hw
