// SPDX-License-Identifier: GPL-2.0-or-later
//
// "isa-applesmc": as much of a Mac's system management controller as its operating system asks for
// at start: keys of four letters, read through a command and a data port (the protocol is that of
// Linux's drivers/hwmon/applesmc.c). Like QEMU's it saves nothing.
#pragma once

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "hw/isa/isa-bus.h"

namespace hw {

struct AppleSmcConfig {
    u32 iobase = 0x300;
    std::string osk;  // 64 characters, which the keys OSK0 and OSK1 answer with
};

struct AppleSmcState {
    u8 status = 0, error = 0, last_byte = 0;
    bool busy = false;  // a command is under way
    u8 key_length = 0;
    std::array<char, 4> key{};
    std::vector<u8> answer;
    u32 position = 0;
};

class AppleSmc final : public DeviceOf<AppleSmcConfig, AppleSmcState> {
public:
    static const DeviceType device_type_;
    AppleSmc() : DeviceOf(device_type_) {}
    const vmstate::Table& vmstate() const override;
    vmstate::Owner* saved_state() override { return nullptr; }
    void hold_reset() override { state_ = {}; }

    u64 data_read(u64, unsigned);
    void data_write(u64, u64 value, unsigned);
    u64 command_read(u64, unsigned) { return state_.status; }
    void command_write(u64, u64 value, unsigned);
    u64 error_read(u64, unsigned) { return state_.error; }
    void error_write(u64, u64, unsigned) {}

protected:
    Result<void> realize(Platform&) override;

private:
    void answer_key();

    std::unique_ptr<exec::MemoryRegion> data_, command_, error_;
};

}  // namespace hw
