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

/// The abstract ones and the bus.
std::span<const qom::Type* const> usb_base_types();
std::span<const DeviceType* const> usb_types();

}  // namespace hw
