// SPDX-License-Identifier: GPL-2.0-or-later
#include "hw/watchdog/types.h"

#include "hw/watchdog/i6300esb.h"
#include "hw/watchdog/ib700.h"

namespace hw {

std::span<const DeviceType* const> watchdog_types() {
    static constexpr const DeviceType* types[] = {&Ib700::device_type_, &i6300esb_type};
    return types;
}

}  // namespace hw
