// SPDX-License-Identifier: GPL-2.0-or-later
//
// The types of this room, for the type table.
#pragma once

#include <span>

namespace qom {
struct Type;
}

namespace hw {
struct DeviceType;

/// The abstract ones.
std::span<const qom::Type* const> hw_net_base_types();
std::span<const DeviceType* const> hw_net_types();

}  // namespace hw
