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

class Vmmouse final : public DeviceOf<NoConfig, VmmouseState>, public ui::InputHandler {
public:
    static const DeviceType device_type_;

    Vmmouse() : DeviceOf(device_type_) {}
    ~Vmmouse() override;
    const vmstate::Table& vmstate() const override;
    void hold_reset() override;

    /// Before realize: where commands come from, and the mouse that rings the bell.
    void connect(Vmport& port, I8042& controller) {
        port_ = &port;
        controller_ = &controller;
    }

    std::string_view input_name() const override { return "vmmouse"; }
    bool takes(qapi::InputEventKind) const override;
    void button_event(qapi::InputButton, bool down) override;
    void relative_event(qapi::InputAxis, i32 by) override;
    void absolute_event(qapi::InputAxis, i32 at) override;
    void input_sync() override;

protected:
    Result<void> realize(Platform&) override;
    void post_load(int) override;

private:
    using Registers = CurrentCpuRegisters::Registers;
    void command(u32 what);
    u32 data(Registers&);
    void disable();
    void choose(bool absolute);
    void listen(bool on);
    void queue_packet(i32 dz);

    Vmport* port_ = nullptr;
    I8042* controller_ = nullptr;
    ui::Input* input_ = nullptr;
    bool listening_ = false;
    // Since the last packet; positions stay.
    i32 x_ = 0, y_ = 0;
    u8 buttons_ = 0;
};

}  // namespace hw
