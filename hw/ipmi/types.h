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

std::span<const qom::Type* const> ipmi_base_types();
std::span<const DeviceType* const> ipmi_types();

}  // namespace hw
