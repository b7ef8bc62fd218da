// SPDX-License-Identifier: GPL-2.0-or-later
//
// Back ends as the command line and HMP describe them.
#pragma once

#include "qapi/keyval.h"
#include "qapi/qapi-types-net.h"

namespace net {

/// -netdev's three forms: JSON, keys with dots for the newer back ends, flat keys for the others.
Result<qapi::Argument> parse_netdev(std::string_view text);
/// What was parsed, as netdev_add takes it.
Result<qapi::Netdev> netdev_from(qapi::Argument);

}  // namespace net
