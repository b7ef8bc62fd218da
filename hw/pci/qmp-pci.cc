// SPDX-License-Identifier: GPL-2.0-or-later
//
// The commands of qapi/pci.json.
#include "hw/pci/pci-bridge.h"
#include "hw/pci/pci-bus.h"
#include "hw/pci/pci-device.h"
#include "hw/pci/pci-properties.h"
#include "qapi/context.h"
#include "qapi/qapi-commands-pci.h"
#include "qom/user-objects.h"

namespace qapi {

namespace {

using hw::PciBus;
using hw::PciDevice;
namespace pci = hw::pci;

PciMemoryRange range(hw::SecondaryBus::Range r) {
    PciMemoryRange range;
    range.base = static_cast<std::int64_t>(r.base);
    range.limit = static_cast<std::int64_t>(r.limit);
    return range;
}

std::vector<PciDeviceInfo> functions_of(const PciBus&);

PciBridgeInfo describe_bridge(const PciDevice& d) {
    const auto& config = d.pci_state().config;
    PciBridgeInfo info;
    info.bus.number = config[pci::primary_bus];
    info.bus.secondary = config[pci::secondary_bus];
    info.bus.subordinate = config[pci::subordinate_bus];
    info.bus.io_range = range(hw::SecondaryBus::io_range(d));
    info.bus.memory_range = range(hw::SecondaryBus::memory_range(d));
    info.bus.prefetchable_range = range(hw::SecondaryBus::prefetchable_range(d));
    // Before software has numbered it, nothing behind it can be named.
    if (info.bus.secondary) info.devices = functions_of(*d.secondary());
    return info;
}

PciDeviceInfo describe(const PciBus& bus, const PciDevice& d) {
    const auto& config = d.pci_state().config;
    auto word = [&](unsigned at) { return std::int64_t{config[at]} | config[at + 1] << 8; };
    PciDeviceInfo info;
    info.bus = bus.bus_number();
    info.slot = pci::slot_of(d.devfn());
    info.function = pci::function_of(d.devfn());
    info.class_info.q_class = word(pci::class_code + 1);
    if (const auto name = hw::pci_class_name(static_cast<std::uint16_t>(info.class_info.q_class));
        !name.empty())
        info.class_info.desc = std::string(name);
    info.id.device = word(pci::device_id);
    info.id.vendor = word(pci::vendor_id);
    if (!(config[pci::header_type] & ~pci::header_multifunction)) {
        info.id.subsystem = word(pci::subsystem_id);
        info.id.subsystem_vendor = word(pci::subsystem_vendor_id);
    }
    info.irq_pin = config[pci::interrupt_pin];
    if (info.irq_pin) info.irq = config[pci::interrupt_line];
    info.qdev_id = d.id();
    if (d.secondary()) info.pci_bridge = describe_bridge(d);
    for (unsigned n = 0; n < pci::bar_count; n++) {
        const PciDevice::Bar& bar = d.bar(n);
        if (!bar.size) continue;
        PciMemoryRegion& r = info.regions.emplace_back();
        r.bar = n;
        r.address = static_cast<std::int64_t>(bar.address);
        r.size = static_cast<std::int64_t>(bar.size);
        const bool io = n != pci::rom_bar && bar.type & pci::bar_io;
        r.type = io ? "io" : "memory";
        if (io) continue;
        r.prefetch = (bar.type & pci::bar_prefetchable) != 0;
        r.mem_type_64 = (bar.type & pci::bar_64bit) != 0;
    }
    return info;
}

std::vector<PciDeviceInfo> functions_of(const PciBus& bus) {
    std::vector<PciDeviceInfo> list;
    for (unsigned devfn = 0; devfn < 256; devfn++)
        if (const PciDevice* d = bus.function(devfn)) list.push_back(describe(bus, *d));
    return list;
}

void collect(const qom::Object& under, std::vector<PciInfo>& list) {
    if (auto* bus = dynamic_cast<const PciBus*>(&under); bus && !bus->bridge()) {
        PciInfo& info = list.emplace_back();
        info.bus = bus->bus_number();
        info.devices = functions_of(*bus);
    }
    for (const qom::Object* child : under.children())
        collect(*child, list);
}

}  // namespace

Result<std::vector<PciInfo>> qmp_query_pci(Context& cx) {
    std::vector<PciInfo> list;
    collect(cx.get<qom::Tree>().root, list);
    return list;
}

}  // namespace qapi
