// SPDX-License-Identifier: GPL-2.0-or-later
#include "hw/misc/types.h"

#include "hw/core/device.h"
#include "hw/misc/port92.h"

namespace hw {

std::span<const DeviceType* const> misc_types() {
    static constexpr const DeviceType* types[] = {&Port92::device_type_};
    return types;
}

}  // namespace hw
