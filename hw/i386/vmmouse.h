// SPDX-License-Identifier: GPL-2.0-or-later
//
// VMware's absolute pointing device behind the back door (the protocol of the xf86-input-vmmouse
// driver, vmmouse_defs.h): packets of four words, announced by a PS/2 mouse byte.
#pragma once

#include <array>

#include "hw/i386/vmport.h"
#include "hw/input/i8042.h"

namespace hw {

struct VmmouseState {
    static constexpr i32 size = 1024;
    i32 queue_size = size;
    std::array<u32, size> queue{};
    u16 nb_queue = 0;
    u16 status = 0xffff;
    u8 absolute = 0;
};

class Vmmouse final : public DeviceOf<NoConfig, VmmouseState> {
public:
    static const DeviceType device_type_;

    Vmmouse() : DeviceOf(device_type_) {}
    const vmstate::Table& vmstate() const override;
    void hold_reset() override;

    /// Before realize: where commands come from, and the mouse that rings the bell.
    void connect(Vmport& port, I8042& controller) {
        port_ = &port;
        controller_ = &controller;
    }
    /// Positions run from 0 to FFFFh on each axis when absolute() and are movements otherwise.
    void event(int x, int y, int dz, u8 buttons);
    bool absolute() const { return state_.absolute; }
    bool wants_events() const { return state_.status == 0; }

protected:
    Result<void> realize(Platform&) override;

private:
    using Registers = CurrentCpuRegisters::Registers;
    u32 command(u32 what);
    u32 data(Registers&);
    void disable();

    Vmport* port_ = nullptr;
    I8042* controller_ = nullptr;
};

}  // namespace hw
