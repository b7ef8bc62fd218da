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

std::span<const DeviceType* const> watchdog_types();

}  // namespace hw
