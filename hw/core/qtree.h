// SPDX-License-Identifier: GPL-2.0-or-later
//
// Buses and devices as text for a person, in the form of QEMU's `info qtree`.
#pragma once

#include <string>

namespace qom {
class Object;
class TypeTable;
}  // namespace qom

namespace hw {

class Bus;

std::string qtree(const qom::TypeTable&, const Bus& top);
/// The whole machine: what hangs on no bus of its own stands on the "main-system-bus".
std::string qtree(const qom::TypeTable&, const qom::Object& machine);

}  // namespace hw
