// SPDX-License-Identifier: GPL-2.0-or-later
//
// Reset of a device with everything that hangs on it, in two passes: first every device goes back
// to its power-on state, then every device drives its pins. So no pin reaches a chip that will be
// reset after it. Within a pass what hangs on a device comes before it.
#pragma once

#include <span>

namespace hw {

class Bus;
class Device;

void reset(Device&);
void reset(Bus&);
/// Several trees as one: the passes go over all of them.
void reset(std::span<Device* const> devices, std::span<Bus* const> buses);

}  // namespace hw
