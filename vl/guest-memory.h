// SPDX-License-Identifier: GPL-2.0-or-later
//
// Which memory the machine gets: an object of the user's (-machine memory-backend=), or one made
// for it by the options -m, -mem-path and -mem-prealloc.
#pragma once

#include "system/vm.h"
#include "vl/settings.h"

namespace vl {

/// After the user's objects, before the board.
Result<void> provide_guest_memory(const Settings&, vm::Foundation&, vm::Config&);

}  // namespace vl
