// SPDX-License-Identifier: GPL-2.0-or-later
#include "hw/usb/usb-bus.h"

#include <algorithm>

namespace hw {

constinit const qom::Type usb_bus_type{.name = "usb-bus", .parent = "bus"};

UsbBus::UsbBus(Device& parent, UsbHost& host, unsigned ports)
    : Bus(usb_bus_type, next_bus_name(parent, "usb-bus", "usb-bus"), &parent),
      host_(host),
      ports_(ports) {}

bool UsbBus::full() const {
    return std::ranges::find(ports_, nullptr) == ports_.end();
}

Result<void> UsbBus::attach(Device& device) {
    const auto place = std::ranges::find(ports_, nullptr);
    if (place == ports_.end())
        return fail("{}: no free port on {}", device.type_name(), bus_name());
    *place = static_cast<UsbDevice*>(&device);
    host_.port_changed(static_cast<unsigned>(place - ports_.begin()), *place);
    return {};
}

void UsbBus::detach(Device& device) {
    const auto place = std::ranges::find(ports_, static_cast<UsbDevice*>(&device));
    if (place == ports_.end()) return;
    *place = nullptr;
    host_.port_changed(static_cast<unsigned>(place - ports_.begin()), nullptr);
}

}  // namespace hw
