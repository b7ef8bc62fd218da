// SPDX-License-Identifier: GPL-2.0-or-later
#include "hw/display/types.h"

#include "hw/display/bochs-display.h"
#include "hw/display/cirrus-isa.h"
#include "hw/display/cirrus-pci.h"
#include "hw/display/i2c-ddc.h"
#include "hw/display/ramfb.h"
#include "hw/display/vga-isa.h"
#include "hw/display/vga-pci.h"

namespace hw {

std::span<const qom::Type* const> display_base_types() {
    static constexpr qom::Type base{.name = "pci-vga", .parent = "pci-device", .abstract = true};
    static constexpr const qom::Type* list[] = {&base};
    return list;
}

std::span<const DeviceType* const> display_types() {
    static constexpr const DeviceType* types[] = {
        &VgaIsa::device_type_, &vga_pci_type,    &secondary_vga_type,      &bochs_display_type,
        &Ramfb::device_type_,  &cirrus_pci_type, &CirrusIsa::device_type_, &I2cDdc::device_type_};
    return types;
}

}  // namespace hw
