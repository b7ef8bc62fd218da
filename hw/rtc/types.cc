// SPDX-License-Identifier: GPL-2.0-or-later
#include "hw/rtc/types.h"

#include "hw/core/device.h"
#include "hw/rtc/mc146818rtc.h"

namespace hw {

std::span<const DeviceType* const> rtc_types() {
    static constexpr const DeviceType* types[] = {&Rtc::device_type_};
    return types;
}

}  // namespace hw
