// SPDX-License-Identifier: GPL-2.0-or-later
//
// A 24C02-like EEPROM of 256 bytes on the SMBus, as memory modules carry one (JEDEC SPD).
#pragma once

#include <array>

#include "hw/i2c/i2c-bus.h"

namespace hw {

struct SmbusEepromConfig {
    u8 address = 0;
};

struct SmbusEepromState {
    u8 address = 0;
    i32 mode = 0;  // of a transaction under way; there never is one
    i32 data_len = 0;
    std::array<u8, 34> data_buf{};
    std::array<u8, 256> data{};
    u8 offset = 0;
    bool accessed = false;
};

class SmbusEeprom final : public DeviceOf<SmbusEepromConfig, SmbusEepromState>, public SmbusDevice {
public:
    static const DeviceType device_type_;

    SmbusEeprom() : DeviceOf(device_type_) {}
    explicit SmbusEeprom(u8 address) : SmbusEeprom() { config_.address = address; }

    const vmstate::Table& vmstate() const override;
    /// Guests that never looked leave nothing to tell.
    bool needed() const override { return state_.accessed; }
    void hold_reset() override;
    /// What it holds after each reset.
    void set_contents(const std::array<u8, 256>& bytes) { contents_ = bytes; }

    u8 smbus_address() const override { return config_.address; }
    void write(std::span<const u8> bytes) override;
    u8 read_byte() override;

protected:
    Result<void> realize(Platform&) override;

private:
    std::array<u8, 256> contents_{};
};

}  // namespace hw
