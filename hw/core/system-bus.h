// SPDX-License-Identifier: GPL-2.0-or-later
//
// The bus of everything that sits on the board's own address lines: no slots, no configuration.
#pragma once

#include "hw/core/bus.h"

namespace hw {

extern const qom::Type system_bus_type;
/// "sys-bus-device": the ancestor of what plugs in here.
extern const qom::Type system_bus_device_type;

/// Where a device's registers appear, for `info qtree`.
class MapsRegisters {
public:
    struct Window {
        std::uint64_t address, size;
    };
    virtual ~MapsRegisters() = default;
    virtual std::vector<Window> register_windows() const = 0;
};

/// "mmio ADDRESS/SIZE", a line a window.
std::vector<std::string> describe_windows(const Device&);

class SystemBus final : public Bus {
public:
    SystemBus() : Bus(system_bus_type, "main-system-bus", nullptr) {}
    std::string_view kind() const override { return "System"; }
    std::vector<std::string> describe(const Device& d) const override {
        return describe_windows(d);
    }
};

}  // namespace hw
