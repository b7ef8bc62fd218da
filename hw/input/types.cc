// SPDX-License-Identifier: GPL-2.0-or-later
#include "hw/input/types.h"

#include "hw/input/i8042.h"

namespace hw {
namespace {

constexpr qom::Type ps2_device_type{
    .name = "ps2-device", .parent = "sys-bus-device", .abstract = true};

}  // namespace

std::span<const qom::Type* const> input_base_types() {
    static constexpr const qom::Type* types[] = {&ps2_device_type};
    return types;
}

std::span<const DeviceType* const> input_types() {
    static constexpr const DeviceType* types[] = {&I8042::device_type_, &Ps2Keyboard::device_type_,
                                                  &Ps2Mouse::device_type_};
    return types;
}

}  // namespace hw
