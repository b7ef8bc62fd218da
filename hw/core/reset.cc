// SPDX-License-Identifier: GPL-2.0-or-later
#include "hw/core/reset.h"

#include "hw/core/bus.h"

namespace hw {

namespace {

void collect(Bus& bus, std::vector<Device*>& order);

void collect(Device& device, std::vector<Device*>& order) {
    for (auto& bus : device.child_buses())
        collect(*bus, order);
    order.push_back(&device);
}

void collect(Bus& bus, std::vector<Device*>& order) {
    for (auto& device : bus.devices())
        if (device->realized()) collect(*device, order);
}

void run(const std::vector<Device*>& order) {
    for (Device* d : order)
        d->hold_reset();
    for (Device* d : order)
        d->leave_reset();
}

}  // namespace

void reset(Device& device) {
    std::vector<Device*> order;
    collect(device, order);
    run(order);
}

void reset(Bus& bus) {
    std::vector<Device*> order;
    collect(bus, order);
    run(order);
}

void reset(std::span<Device* const> devices, std::span<Bus* const> buses) {
    std::vector<Device*> order;
    for (Device* d : devices)
        collect(*d, order);
    for (Bus* b : buses)
        collect(*b, order);
    run(order);
}

}  // namespace hw
