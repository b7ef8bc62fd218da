// SPDX-License-Identifier: GPL-2.0-or-later
#include "hw/pci/types.h"

#include "hw/pci/i82801b11.h"
#include "hw/pci/pci-bridge-dev.h"

namespace hw {

std::span<const DeviceType* const> pci_bridge_types() {
    static constexpr const DeviceType* types[] = {&i82801b11_type, &pci_bridge_dev_type};
    return types;
}

}  // namespace hw
