// SPDX-License-Identifier: GPL-2.0-or-later
//
// -netdev, -nic and -net, and the network a machine has when none of them is given.
#pragma once

#include "net/network.h"
#include "vl/settings.h"

namespace vl {

/// Makes the back ends; the result is the cards that the board is to make.
Result<std::vector<hw::NicConfig>> make_network(const Settings&, const hw::MachineType&,
                                                net::Network&);
/// What is worth a warning once the board and its devices stand: loose ends, cards that the board
/// did not make.
std::vector<std::string> network_warnings(const Settings&, const std::vector<hw::NicConfig>&,
                                          const net::Network&);

}  // namespace vl
