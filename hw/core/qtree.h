// SPDX-License-Identifier: GPL-2.0-or-later
//
// Buses and devices as text for a person, in the form of QEMU's `info qtree`.
#pragma once

#include <string>

namespace qom {
class TypeTable;
}

namespace hw {

class Bus;

std::string qtree(const qom::TypeTable&, const Bus& top);

}  // namespace hw
