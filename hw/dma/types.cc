// SPDX-License-Identifier: GPL-2.0-or-later
#include "hw/dma/types.h"

#include "hw/core/device.h"
#include "hw/dma/i8257.h"

namespace hw {

std::span<const DeviceType* const> dma_types() {
    static constexpr const DeviceType* types[] = {&I8257::device_type_};
    return types;
}

}  // namespace hw
