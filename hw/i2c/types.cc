// SPDX-License-Identifier: GPL-2.0-or-later
#include "hw/i2c/types.h"

#include "hw/i2c/smbus-eeprom.h"

namespace hw {
namespace {

constexpr qom::Type i2c_slave_type{.name = "i2c-slave", .parent = "device", .abstract = true};
constexpr qom::Type smbus_device_type{
    .name = "smbus-device", .parent = "i2c-slave", .abstract = true};

}  // namespace

std::span<const qom::Type* const> i2c_base_types() {
    static constexpr const qom::Type* types[] = {&i2c_bus_type, &i2c_slave_type,
                                                 &smbus_device_type};
    return types;
}

std::span<const DeviceType* const> i2c_types() {
    static constexpr const DeviceType* types[] = {&SmbusEeprom::device_type_};
    return types;
}

}  // namespace hw
