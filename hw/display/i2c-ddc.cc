// SPDX-License-Identifier: GPL-2.0-or-later
#include "hw/display/i2c-ddc.h"

#include "migration/vmstate/fields.h"

namespace hw {
namespace {

using C = I2cDdcConfig;
constexpr auto properties = qom::properties(
    qom::property<&C::xres>("xres"), qom::property<&C::yres>("yres"),
    qom::property<&C::xmax>("xmax"), qom::property<&C::ymax>("ymax"),
    qom::property<&C::refresh_rate>("refresh_rate"), qom::property<&C::address>("address"));

using S = I2cDdcState;
constexpr auto fields =
    vmstate::fields(vmstate::field<&S::firstbyte>("firstbyte"), vmstate::field<&S::reg>("reg"));
static_assert(vmstate::covers<S>(fields));
constexpr vmstate::Table table{.name = "i2c-ddc", .fields = fields};

}  // namespace

const DeviceType I2cDdc::device_type_{
    {.name = "i2c-ddc", .parent = "i2c-slave", .properties = properties},
    "i2c-bus",
    Category::Uncategorized,
    true,
    false,
    []() -> std::unique_ptr<Device> { return std::make_unique<I2cDdc>(); }};

const vmstate::Table& I2cDdc::vmstate() const {
    return table;
}

Result<void> I2cDdc::realize(Platform&) {
    edid_ = make_edid_for(config_);
    return {};
}

// The memory is read-only: of what is written the first byte counts, an address.
void I2cDdc::write(std::span<const u8> bytes) {
    state_.firstbyte = bytes.empty();
    if (!bytes.empty()) state_.reg = bytes[0];
}

}  // namespace hw
