// SPDX-License-Identifier: GPL-2.0-or-later
//
// Configuration mechanism #1.
#include "hw/pci/pci-host.h"

#include "hw/pci/pci-bus.h"
#include "migration/vmstate/fields.h"

namespace hw {

namespace {

// CONFIG_ADDRESS: bit 31 enables, then bus, device and function, register number.
constexpr std::uint32_t enable = 1u << 31;
constexpr unsigned bus_of(std::uint32_t a) {
    return a >> 16 & 0xff;
}
constexpr unsigned devfn_of(std::uint32_t a) {
    return a >> 8 & 0xff;
}

constexpr auto host_fields =
    vmstate::fields(vmstate::field<&PciHostState::config_reg>("config_reg"));
static_assert(vmstate::covers<PciHostState>(host_fields));
constexpr vmstate::Table host_table{.name = "PCIHost", .fields = host_fields};

constexpr auto address_ops =
    exec::memory_ops<&PciConfigPorts::address_read, &PciConfigPorts::address_write>();
constexpr auto data_ops =
    exec::memory_ops<&PciConfigPorts::data_read, &PciConfigPorts::data_write>();

}  // namespace

const vmstate::Table& PciConfigPorts::vmstate() const {
    return host_table;
}

void PciConfigPorts::create(exec::MemoryMap& map, exec::MemoryRegion& io,
                            std::uint16_t address_port, std::uint16_t data_port, PciBus& bus) {
    bus_ = &bus;
    address_port_ = exec::MemoryRegion::io(map, "pci-conf-idx", 4, address_ops, this);
    data_port_ = exec::MemoryRegion::io(map, "pci-conf-data", 4, data_ops, this);
    io.add_subregion(address_port, *address_port_);
    io.add_subregion(data_port, *data_port_);
}

std::uint64_t PciConfigPorts::address_read(exec::hwaddr offset, unsigned size) {
    return state_.config_reg;
}

// Narrower writes belong to other chips' registers at the same ports (0xCF9).
void PciConfigPorts::address_write(exec::hwaddr offset, std::uint64_t value, unsigned size) {
    if (offset == 0 && size == 4) state_.config_reg = static_cast<std::uint32_t>(value);
}

std::uint64_t PciConfigPorts::data_read(exec::hwaddr offset, unsigned size) {
    const std::uint32_t a = state_.config_reg;
    PciBus* bus = a & enable ? bus_->find(bus_of(a)) : nullptr;
    if (!bus) return ~std::uint64_t{0};
    return bus->config_read(devfn_of(a), (a & 0xfc) + (offset & 3), size);
}

void PciConfigPorts::data_write(exec::hwaddr offset, std::uint64_t value, unsigned size) {
    const std::uint32_t a = state_.config_reg;
    PciBus* bus = a & enable ? bus_->find(bus_of(a)) : nullptr;
    if (bus)
        bus->config_write(devfn_of(a), (a & 0xfc) + (offset & 3), static_cast<std::uint32_t>(value),
                          size);
}

}  // namespace hw
