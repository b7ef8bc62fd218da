// SPDX-License-Identifier: GPL-2.0-or-later
#include "hw/i2c/smbus-eeprom.h"

#include <algorithm>

#include "migration/vmstate/fields.h"

namespace hw {
namespace {

constexpr auto properties = qom::properties(qom::property<&SmbusEepromConfig::address>("address"));

// Three layers of one device, the wire has them nested.
using S = SmbusEepromState;
constexpr auto slave_fields = vmstate::fields(vmstate::field<&S::address>("address"));
constexpr vmstate::Table slave_table{.name = "I2CSlave", .fields = slave_fields};
constexpr auto device_fields = vmstate::fields(
    vmstate::self<S>("i2c", slave_table, 1), vmstate::field<&S::mode>("mode"),
    vmstate::field<&S::data_len>("data_len"), vmstate::field<&S::data_buf>("data_buf"));
constexpr vmstate::Table device_table{.name = "smbus-device", .fields = device_fields};
constexpr auto fields =
    vmstate::fields(vmstate::self<S>("smbusdev", device_table, 4), vmstate::field<&S::data>("data"),
                    vmstate::field<&S::offset>("offset"), vmstate::field<&S::accessed>("accessed"));
static_assert(vmstate::covers<S>(fields));
constexpr vmstate::Table table{.name = "smbus-eeprom", .fields = fields};

}  // namespace

const DeviceType SmbusEeprom::device_type_{
    {.name = "smbus-eeprom", .parent = "smbus-device", .properties = properties},
    "i2c-bus",
    Category::Uncategorized,
    false,
    false,
    []() -> std::unique_ptr<Device> { return std::make_unique<SmbusEeprom>(); }};

const vmstate::Table& SmbusEeprom::vmstate() const {
    return table;
}

Result<void> SmbusEeprom::realize(Platform&) {
    state_.address = config_.address;
    return {};
}

void SmbusEeprom::hold_reset() {
    state_ = {};
    state_.address = config_.address;
    state_.data = contents_;
}

void SmbusEeprom::write(std::span<const u8> bytes) {
    state_.accessed = true;
    if (bytes.empty()) return;  // a quick command
    // The last bytes received stay in the device's buffer, and in its section.
    std::copy_n(bytes.begin(), std::min(bytes.size(), state_.data_buf.size()),
                state_.data_buf.begin());
    state_.offset = bytes[0];
    for (const u8 byte : bytes.subspan(1))
        state_.data[state_.offset++] = byte;
}

u8 SmbusEeprom::read_byte() {
    state_.accessed = true;
    return state_.data[state_.offset++];
}

}  // namespace hw
