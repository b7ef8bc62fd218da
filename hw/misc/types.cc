// SPDX-License-Identifier: GPL-2.0-or-later
#include "hw/misc/types.h"

#include "hw/misc/applesmc.h"
#include "hw/misc/debugexit.h"
#include "hw/misc/edu.h"
#include "hw/misc/pc-testdev.h"
#include "hw/misc/pci-testdev.h"
#include "hw/misc/port92.h"
#include "hw/misc/pvpanic-pci.h"
#include "hw/misc/pvpanic.h"
#include "hw/misc/vmcoreinfo.h"

namespace hw {

std::span<const DeviceType* const> misc_types() {
    static constexpr const DeviceType* types[] = {&Port92::device_type_,
                                                  &DebugExit::device_type_,
                                                  &Pvpanic::device_type_,
                                                  &Vmcoreinfo::device_type_,
                                                  &pvpanic_pci_type,
                                                  &PcTestdev::device_type_,
                                                  &edu_type,
                                                  &AppleSmc::device_type_,
                                                  &pci_testdev_type};
    return types;
}

}  // namespace hw
