// SPDX-License-Identifier: GPL-2.0-or-later
//
// What QOM tells of a processor: its model's numbers and names, and for every CPUID feature whether
// the guest has it. libvirt lists and reads these of each vCPU that it started. They are set by
// -cpu, -global and the machine's version, before there is an object: here they are read only.
#pragma once

#include <span>

#include "qom/object.h"

namespace hw {

/// For objects that are X86Cpu; the same for every model.
std::span<const qom::Computed> cpu_properties();
/// Where it is, which device_add sets.
std::span<const qom::Property> cpu_place_properties();

}  // namespace hw
