// SPDX-License-Identifier: GPL-2.0-or-later
//
// A device type for each CPU model: "qemu64" is "qemu64-x86_64-cpu" in the object tree.
#pragma once

#include <span>
#include <string_view>

#include "hw/core/device.h"

namespace hw {

/// The abstract ancestors.
std::span<const qom::Type* const> cpu_base_types();
std::span<const DeviceType* const> cpu_types();
/// By the model's name; null: there is no such model.
const DeviceType* cpu_type_of(std::string_view model);
/// The inverse: "qemu64-x86_64-cpu" to "qemu64".
std::string_view model_of_cpu_type(std::string_view type);

}  // namespace hw
