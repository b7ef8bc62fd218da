// SPDX-License-Identifier: GPL-2.0-or-later
//
// Options that only ask: -help, -version, `-machine help`, `-device help`, `-device X,help` ...
#pragma once

#include <optional>
#include <string>

#include "qom/type-table.h"
#include "vl/settings.h"

namespace vl {

/// The text to print instead of running, if any option asked for one.
std::optional<std::string> answer_for(const Settings&, const qom::TypeTable&);

}  // namespace vl
