// SPDX-License-Identifier: GPL-2.0-or-later
//
// HMP commands that look into the machine itself, for the tables.
#pragma once

#include "monitor/hmp-args.h"

namespace monitor {

class Hmp;

namespace machine {

Result<void> mtree(Hmp&, const HmpArguments&);
Result<void> qtree(Hmp&, const HmpArguments&);
Result<void> qom_tree(Hmp&, const HmpArguments&);
Result<void> dump_physical(Hmp&, const HmpArguments&);
Result<void> sum(Hmp&, const HmpArguments&);
Result<void> port_in(Hmp&, const HmpArguments&);
Result<void> port_out(Hmp&, const HmpArguments&);

}  // namespace machine
}  // namespace monitor
