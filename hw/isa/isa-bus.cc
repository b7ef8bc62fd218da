// SPDX-License-Identifier: GPL-2.0-or-later
#include "hw/isa/isa-bus.h"

namespace hw {

constinit const qom::Type isa_device_type{
    .name = "isa-device", .parent = "device", .abstract = true};
constinit const qom::Type isa_bus_type{.name = "ISA", .parent = "bus"};

const DeviceType IsaBridge::device_type_{
    {.name = "isabus-bridge", .parent = "sys-bus-device"},
    "System",
    Category::Uncategorized,
    false,
    false,
    []() -> std::unique_ptr<Device> { return std::make_unique<IsaBridge>(); }};

IsaBus::IsaBus(Device* parent, exec::MemoryRegion& memory, exec::MemoryRegion& io, std::string name)
    : Bus(isa_bus_type, std::move(name), parent), memory_(memory), io_(io) {}

IsaBus::~IsaBus() = default;

std::unique_ptr<exec::MemoryRegion> IsaBus::add_io(u32 port, std::string name, u64 size,
                                                   const exec::MemoryOps& ops, void* device) const {
    auto region = exec::MemoryRegion::io(io_.map(), std::move(name), size, ops, device);
    io_.add_subregion(port, *region);
    return region;
}

}  // namespace hw
