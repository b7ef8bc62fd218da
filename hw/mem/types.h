// SPDX-License-Identifier: GPL-2.0-or-later
//
// The types of this room, for the type table.
#pragma once

#include <span>

namespace hw {
struct DeviceType;

std::span<const DeviceType* const> mem_types();

}  // namespace hw
