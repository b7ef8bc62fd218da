// SPDX-License-Identifier: GPL-2.0-or-later
//
// PS/2 mouse (IBM PS/2 Hardware Interface Technical Reference, "Mouse") with the wheel and five
// buttons of Microsoft's IntelliMouse.
#pragma once

#include "hw/core/device.h"
#include "hw/input/ps2.h"
#include "ui/input.h"

namespace hw {

class SystemRequests;

struct Ps2MouseState {
    Ps2CommonState common{};
    u8 mouse_status = 0;
    u8 mouse_resolution = 0;
    u8 mouse_sample_rate = 0;
    u8 mouse_wrap = 0;
    u8 mouse_type = 0;  // 0 PS/2, 3 IMPS/2, 4 IMEX
    u8 mouse_detect_state = 0;
    i32 mouse_dx = 0;
    i32 mouse_dy = 0;
    i32 mouse_dz = 0;
    u8 mouse_buttons = 0;
};

class Ps2Mouse final : public DeviceOf<NoConfig, Ps2MouseState>, public ui::InputHandler {
public:
    static const DeviceType device_type_;
    enum Button : u8 { left = 1, right = 2, middle = 4, side = 8, extra = 16 };

    Ps2Mouse() : DeviceOf(device_type_) {}
    ~Ps2Mouse() override;

    const vmstate::Table& vmstate() const override;
    std::vector<Pins> pins() const override { return {{"", 0, 1}}; }
    void hold_reset() override;

    Ps2Queue& port() { return port_; }
    void write(u8 value);
    /// Sends a packet though nothing moved: another device has news for the driver.
    void ring();

    std::string_view input_name() const override { return "QEMU PS/2 Mouse"; }
    bool takes(qapi::InputEventKind) const override;
    void button_event(qapi::InputButton, bool down) override;
    void relative_event(qapi::InputAxis, i32 by) override;
    void input_sync() override;

protected:
    Result<void> realize(Platform&) override;

private:
    bool enabled() const;
    void parameter(u8 command, u8 value);
    bool send_packet();
    Ps2Queue port_{state_.common};
    ui::Input* input_ = nullptr;
    SystemRequests* system_ = nullptr;
    i32 dw_ = 0;  // the wheel's movement to the side, which no version of the stream has
};

}  // namespace hw
