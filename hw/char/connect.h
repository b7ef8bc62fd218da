// SPDX-License-Identifier: GPL-2.0-or-later
//
// From the `chardev=` property of a device to the character device it names.
#pragma once

#include <string_view>

#include "hw/core/device.h"

namespace chardev {
class Chardev;
}

namespace hw {

/// Null for an empty name.
Result<chardev::Chardev*> find_chardev(Platform&, const Device&, std::string_view id);

}  // namespace hw
