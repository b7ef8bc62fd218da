// SPDX-License-Identifier: GPL-2.0-or-later
//
// The bridges of this room, for the type table.
#pragma once

#include <span>

namespace hw {

struct DeviceType;
std::span<const DeviceType* const> pci_bridge_types();

}  // namespace hw
