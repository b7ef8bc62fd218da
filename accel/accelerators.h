// SPDX-License-Identifier: GPL-2.0-or-later
//
// The accelerators there are, by name.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "accel/accel.h"
#include "hw/core/device.h"
#include "qapi/json.h"

namespace accel {

struct AcceleratorType {
    std::string_view name;
    Result<std::unique_ptr<Accelerator>> (*create)(const qapi::JsonObject& properties,
                                                   hw::Platform&);
};

std::span<const AcceleratorType> accelerator_types();

/// `-accel a -accel b`, `-machine accel=a:b`: the first that this host can run. One that is known
/// but cannot run here (kvm) is passed over with a warning on stderr when another follows.
Result<std::unique_ptr<Accelerator>> create_first_available(
    const std::vector<qapi::JsonObject>& wanted, hw::Platform&);

}  // namespace accel
