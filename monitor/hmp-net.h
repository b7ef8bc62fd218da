// SPDX-License-Identifier: GPL-2.0-or-later
//
// HMP commands about the network, for the tables.
#pragma once

#include "monitor/hmp-args.h"

namespace monitor {

class Hmp;

namespace network {

Result<void> info(Hmp&, const HmpArguments&);
Result<void> info_usernet(Hmp&, const HmpArguments&);
Result<void> hostfwd_add(Hmp&, const HmpArguments&);
Result<void> hostfwd_remove(Hmp&, const HmpArguments&);
Result<void> announce_self(Hmp&, const HmpArguments&);
Result<void> netdev_add(Hmp&, const HmpArguments&);
Result<void> netdev_del(Hmp&, const HmpArguments&);
Result<void> set_link(Hmp&, const HmpArguments&);

}  // namespace network
}  // namespace monitor
