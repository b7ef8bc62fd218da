// SPDX-License-Identifier: GPL-2.0-or-later
//
// HMP commands that look into the machine itself, for the tables.
#pragma once

#include "monitor/hmp-args.h"

namespace monitor {

class Hmp;

namespace machine {

Result<void> mtree(Hmp&, const HmpArguments&);
Result<void> pic(Hmp&, const HmpArguments&);
Result<void> qtree(Hmp&, const HmpArguments&);
Result<void> registers(Hmp&, const HmpArguments&);
Result<void> qom_tree(Hmp&, const HmpArguments&);
Result<void> dump_physical(Hmp&, const HmpArguments&);
Result<void> sum(Hmp&, const HmpArguments&);
Result<void> port_in(Hmp&, const HmpArguments&);
Result<void> port_out(Hmp&, const HmpArguments&);

/// Of the CPU that is looked at, for expressions.
std::optional<std::uint64_t> register_value(Hmp&, std::string_view name);

}  // namespace machine
}  // namespace monitor
