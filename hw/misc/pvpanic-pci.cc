// SPDX-License-Identifier: GPL-2.0-or-later
#include "hw/misc/pvpanic-pci.h"

#include "hw/core/system-requests.h"
#include "migration/vmstate/fields.h"
#include "qapi/context.h"

namespace hw {
namespace {

enum : u8 { panicked = 1 << 0, crash_loaded = 1 << 1 };

constexpr auto properties = qom::properties(qom::property<&PvpanicPciConfig::events>("events"));

using S = PvpanicPciState;
constexpr auto fields = vmstate::fields(vmstate::structs<&S::dev>("dev", pci_device_table));
static_assert(vmstate::covers<S>(fields));
constexpr vmstate::Table table{.name = "pvpanic-pci", .fields = fields};

constexpr auto ops =
    exec::memory_ops<&PvpanicPci::read, &PvpanicPci::write>({.impl = {.min = 1, .max = 1}});

}  // namespace

constinit const PciDeviceType pvpanic_pci_type = [] {
    PciDeviceType t{};
    t.name = "pvpanic-pci";
    t.parent = "pci-device";
    t.properties = properties;
    t.bus = "PCI";
    t.category = Category::Misc;
    t.create = []() -> std::unique_ptr<Device> { return std::make_unique<PvpanicPci>(); };
    t.vendor = 0x1b36;
    t.device = 0x0011;
    t.revision = 1;
    t.device_class = 0x0880;
    return t;
}();

PvpanicPci::PvpanicPci() : PciDeviceOf(pvpanic_pci_type) {}

const vmstate::Table& PvpanicPci::vmstate() const {
    return table;
}

Result<void> PvpanicPci::realize_chip(Platform& platform) {
    requests_ = platform.services.find<SystemRequests>();
    registers_ = exec::MemoryRegion::io(platform.memory, "pvpanic", 2, ops, this);
    add_bar(0, pci::bar_memory, *registers_);
    return {};
}

void PvpanicPci::write(u64, u64 value, unsigned) {
    if (!requests_) return;
    if (value & config_.events & panicked)
        requests_->guest_panicked();
    else if (value & config_.events & crash_loaded)
        requests_->guest_crash_loaded();
}

}  // namespace hw
