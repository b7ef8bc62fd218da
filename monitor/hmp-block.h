// SPDX-License-Identifier: GPL-2.0-or-later
//
// HMP commands about disks and media, for the tables.
#pragma once

#include "monitor/hmp-args.h"

namespace monitor {

class Hmp;

namespace disks {

Result<void> info_block(Hmp&, const HmpArguments&);
Result<void> info_blockstats(Hmp&, const HmpArguments&);
Result<void> eject(Hmp&, const HmpArguments&);
Result<void> change(Hmp&, const HmpArguments&);
Result<void> resize(Hmp&, const HmpArguments&);
Result<void> drive_add(Hmp&, const HmpArguments&);
Result<void> drive_del(Hmp&, const HmpArguments&);

}  // namespace disks
}  // namespace monitor
