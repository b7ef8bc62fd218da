// SPDX-License-Identifier: GPL-2.0-or-later
//
// The RAM in a migration stream: counted and skipped. `pos` goes from a section's data to its end.
#pragma once

#include "document.h"

namespace devstate {

Result<RamContents> ram_start(const Decoder&, std::size_t& pos);
Result<RamContents> ram_part(const Decoder&, std::size_t& pos);

}  // namespace devstate
