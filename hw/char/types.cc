// SPDX-License-Identifier: GPL-2.0-or-later
#include "hw/char/types.h"

#include "hw/char/debugcon.h"
#include "hw/char/parallel.h"
#include "hw/char/serial-isa.h"
#include "hw/char/serial-pci-multi.h"
#include "hw/char/serial-pci.h"

namespace hw {

std::span<const DeviceType* const> char_types() {
    static constexpr const DeviceType* types[] = {
        &IsaSerial::device_type_, &IsaParallel::device_type_, &IsaDebugcon::device_type_,
        &pci_serial_type,         &pci_serial_2x_type,        &pci_serial_4x_type};
    return types;
}

}  // namespace hw
