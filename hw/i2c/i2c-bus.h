// SPDX-License-Identifier: GPL-2.0-or-later
//
// SMBus: the two-wire bus on which a mainboard has its small chips, at the level of whole
// transactions (SMBus specification 2.0, 5.5).
#pragma once

#include <span>
#include <string>

#include "hw/core/bus.h"
#include "hw/core/int.h"

namespace hw {

class SmbusDevice {
public:
    virtual ~SmbusDevice() = default;
    virtual u8 smbus_address() const = 0;
    /// The bytes after the address; the first one is the command code of most protocols.
    virtual void write(std::span<const u8> bytes) = 0;
    virtual u8 read_byte() = 0;
};

struct I2cBusState {
    u8 saved_address = 0xff;  // of a transaction under way; there never is one
};

class I2cBus final : public Bus, public vmstate::Stateful<I2cBusState> {
public:
    I2cBus(Device* parent, std::string name);

    std::string_view kind() const override { return "i2c-bus"; }
    const vmstate::Table& vmstate() const override;
    /// Null: nobody acknowledges.
    SmbusDevice* find(u8 address) const;
};

extern const qom::Type i2c_bus_type;

}  // namespace hw
