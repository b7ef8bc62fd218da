// SPDX-License-Identifier: GPL-2.0-or-later
#include "hw/isa/types.h"

#include "hw/isa/isa-bus.h"
#include "hw/isa/piix3.h"

namespace hw {

std::span<const qom::Type* const> isa_base_types() {
    static constexpr const qom::Type* types[] = {&isa_device_type, &isa_bus_type};
    return types;
}

std::span<const DeviceType* const> isa_types() {
    static constexpr const DeviceType* types[] = {&IsaBridge::device_type_, &piix3_type};
    return types;
}

}  // namespace hw
