// SPDX-License-Identifier: GPL-2.0-or-later
#include "hw/core/system-bus.h"

namespace hw {

constinit const qom::Type system_bus_type{.name = "System", .parent = "bus"};
constinit const qom::Type system_bus_device_type{
    .name = "sys-bus-device", .parent = "device", .abstract = true};

std::vector<std::string> describe_windows(const Device& device) {
    std::vector<std::string> lines;
    if (auto* mapped = dynamic_cast<const MapsRegisters*>(&device))
        for (auto [address, size] : mapped->register_windows())
            lines.push_back(fmt::format("mmio {:016x}/{:016x}", address, size));
    return lines;
}

}  // namespace hw
