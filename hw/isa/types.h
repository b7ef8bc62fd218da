// SPDX-License-Identifier: GPL-2.0-or-later
//
// The types of this room, for the type table.
#pragma once

#include <span>

namespace qom {
struct Type;
}

namespace hw {

/// The abstract ones and the buses.
std::span<const qom::Type* const> isa_base_types();

}  // namespace hw
