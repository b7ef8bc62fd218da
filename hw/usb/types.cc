// SPDX-License-Identifier: GPL-2.0-or-later
#include "hw/usb/types.h"

#include "hw/usb/uhci.h"

namespace hw {

std::span<const qom::Type* const> usb_base_types() {
    static constexpr qom::Type uhci{
        .name = "pci-uhci-usb", .parent = "pci-device", .abstract = true};
    static constexpr const qom::Type* types[] = {&usb_bus_type, &uhci};
    return types;
}

std::span<const DeviceType* const> usb_types() {
    static constexpr const DeviceType* types[] = {&piix3_uhci_type, &piix4_uhci_type};
    return types;
}

}  // namespace hw
