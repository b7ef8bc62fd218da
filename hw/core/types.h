// SPDX-License-Identifier: GPL-2.0-or-later
//
// The types of this room, for the type table.
#pragma once

#include <span>

namespace qom {
struct Type;
}

namespace hw {

std::span<const qom::Type* const> core_types();

}  // namespace hw
