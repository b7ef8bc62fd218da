// SPDX-License-Identifier: GPL-2.0-or-later
//
// `-machine none`: no CPU, no bus, no firmware. What capability probes start.
#pragma once

#include "hw/core/machine.h"

namespace hw {

extern const MachineType null_machine_type;

}  // namespace hw
