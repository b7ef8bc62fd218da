// SPDX-License-Identifier: GPL-2.0-or-later
//
// "i2c-ddc": a monitor's EDID memory on an I2C bus (VESA E-DDC 1.3, DDC2B: a 24C02 at 50h).
#pragma once

#include "hw/display/edid.h"
#include "hw/i2c/i2c-bus.h"

namespace hw {

struct I2cDdcConfig {
    u8 address = 0;
    u32 xres = 0, yres = 0;  // 0: a Monitor's own
    u32 xmax = 0, ymax = 0, refresh_rate = 0;
};

struct I2cDdcState {
    bool firstbyte = false;  // the next byte written is an address
    u8 reg = 0;
};

class I2cDdc final : public DeviceOf<I2cDdcConfig, I2cDdcState>, public SmbusDevice {
public:
    static const DeviceType device_type_;
    I2cDdc() : DeviceOf(device_type_) {}
    const vmstate::Table& vmstate() const override;
    void hold_reset() override { state_ = {}; }

    u8 smbus_address() const override { return config_.address; }
    void write(std::span<const u8> bytes) override;
    u8 read_byte() override { return edid_[state_.reg++]; }

protected:
    Result<void> realize(Platform&) override;

private:
    Edid edid_{};
};

}  // namespace hw
