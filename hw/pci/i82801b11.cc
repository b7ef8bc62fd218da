// SPDX-License-Identifier: GPL-2.0-or-later
#include "hw/pci/i82801b11.h"

#include "migration/vmstate/fields.h"

namespace hw {
namespace {

constexpr unsigned subsystem_capability = 0x50, subsystem_capability_length = 8;

using S = I82801b11State;
constexpr auto fields = vmstate::fields(vmstate::structs<&S::dev>("parent_obj", pci_device_table));
static_assert(vmstate::covers<S>(fields));
constexpr vmstate::Table table{
    .name = "i82801b11_bridge", .version = 0, .minimum_version = 0, .fields = fields};

}  // namespace

constinit const PciDeviceType i82801b11_type = [] {
    PciDeviceType t{};
    t.name = "i82801b11-bridge";
    t.parent = "base-pci-bridge";
    t.bus = "PCI";
    t.category = Category::Bridge;
    t.create = []() -> std::unique_ptr<Device> { return std::make_unique<I82801b11>(); };
    t.vendor = 0x8086;
    t.device = 0x244e;
    t.revision = 0x92;  // ICH9's A2 stepping
    t.device_class = 0x0604;
    t.interface = 0x01;  // subtractive decode
    t.subsystem_vendor = t.subsystem = 0;
    return t;
}();

I82801b11::I82801b11() : PciBridgeOf(i82801b11_type) {}

const vmstate::Table& I82801b11::vmstate() const {
    return table;
}

Result<void> I82801b11::realize_bridge(Platform&) {
    add_capability(pci::Capability::BridgeSubsystem, subsystem_capability,
                   subsystem_capability_length);
    return {};
}

}  // namespace hw
