// SPDX-License-Identifier: GPL-2.0-or-later
//
// HMP commands about sound, for the tables.
#pragma once

#include "monitor/hmp-args.h"

namespace monitor {

class Hmp;

namespace sound {

Result<void> info_capture(Hmp&, const HmpArguments&);
Result<void> wavcapture(Hmp&, const HmpArguments&);
Result<void> stopcapture(Hmp&, const HmpArguments&);

}  // namespace sound
}  // namespace monitor
