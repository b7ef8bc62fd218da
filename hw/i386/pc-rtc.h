// SPDX-License-Identifier: GPL-2.0-or-later
//
// -rtc: what the real-time clock shows at start, and what it runs on.
#pragma once

#include "hw/core/machine.h"
#include "hw/rtc/mc146818rtc.h"

namespace hw {

Result<RtcSource> rtc_source(const MachineConfig&, ClockSet&);

}  // namespace hw
