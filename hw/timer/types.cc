// SPDX-License-Identifier: GPL-2.0-or-later
#include "hw/timer/types.h"

#include "hw/core/device.h"
#include "hw/timer/hpet.h"
#include "hw/timer/i8254.h"

namespace hw {
namespace {

constexpr qom::Type pit_common_type{.name = "pit-common", .parent = "isa-device", .abstract = true};

}  // namespace

std::span<const qom::Type* const> timer_base_types() {
    static constexpr const qom::Type* types[] = {&pit_common_type};
    return types;
}

std::span<const DeviceType* const> timer_types() {
    static constexpr const DeviceType* types[] = {&IsaPit::device_type_, &Hpet::device_type_};
    return types;
}

}  // namespace hw
