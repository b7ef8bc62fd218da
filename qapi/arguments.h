// SPDX-License-Identifier: GPL-2.0-or-later
//
// For the generated commands that take no arguments.
#pragma once

#include "qapi/json.h"

namespace qapi {

Result<void> no_arguments(const JsonObject& arguments);

}  // namespace qapi
