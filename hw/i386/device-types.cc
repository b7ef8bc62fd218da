// SPDX-License-Identifier: GPL-2.0-or-later
#include "hw/i386/device-types.h"

#include "hw/i386/kvmvapic.h"
#include "hw/i386/vmmouse.h"
#include "hw/i386/vmport.h"

namespace hw {

std::span<const DeviceType* const> i386_device_types() {
    static constexpr const DeviceType* types[] = {&KvmVapic::device_type_, &Vmmouse::device_type_,
                                                  &Vmport::device_type_};
    return types;
}

}  // namespace hw
