// SPDX-License-Identifier: GPL-2.0-or-later
#include "hw/i2c/i2c-bus.h"

#include "migration/vmstate/fields.h"

namespace hw {
namespace {

using S = I2cBusState;
constexpr auto fields = vmstate::fields(vmstate::field<&S::saved_address>("saved_address"));
static_assert(vmstate::covers<S>(fields));
constexpr vmstate::Table table{.name = "i2c_bus", .fields = fields};

}  // namespace

constinit const qom::Type i2c_bus_type{.name = "i2c-bus", .parent = "bus"};

I2cBus::I2cBus(Device* parent, std::string name) : Bus(i2c_bus_type, std::move(name), parent) {}

const vmstate::Table& I2cBus::vmstate() const {
    return table;
}

SmbusDevice* I2cBus::find(u8 address) const {
    // Of two at one address the one that was plugged last answers.
    for (auto d = devices().rbegin(); d != devices().rend(); ++d)
        if (auto* chip = dynamic_cast<SmbusDevice*>(d->get());
            chip && chip->smbus_address() == address)
            return chip;
    return nullptr;
}

}  // namespace hw
