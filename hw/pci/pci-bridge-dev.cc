// SPDX-License-Identifier: GPL-2.0-or-later
#include "hw/pci/pci-bridge-dev.h"

#include <bit>

#include "hw/core/devices.h"
#include "migration/vmstate/fields.h"
#include "qapi/context.h"

namespace hw {
namespace {

// Where the capabilities are.
constexpr unsigned shpc_at = 0x40, shpc_length = 8, slot_id_length = 4;
// A window onto the controller's registers (SHPC 1.0, section 4.10): which doubleword, and it.
constexpr unsigned dword_select = shpc_at + 2, dword_data = shpc_at + 4;
// Expansion slot register (bridge specification, section 13.2).
constexpr u8 first_in_chassis = 1 << 5;

using C = PciBridgeDevConfig;
constexpr qom::Property size_property(qom::Property p) {
    return p.as("size", qom::PropertyKind::Size);
}
constexpr auto properties =
    qom::properties(qom::property<&C::chassis_nr>("chassis_nr"), qom::property<&C::msi>("msi"),
                    qom::property<&C::shpc>("shpc"), qom::property<&C::bus_reserve>("bus-reserve"),
                    size_property(qom::property<&C::io_reserve>("io-reserve")),
                    size_property(qom::property<&C::mem_reserve>("mem-reserve")),
                    size_property(qom::property<&C::pref32_reserve>("pref32-reserve")),
                    size_property(qom::property<&C::pref64_reserve>("pref64-reserve")));

using S = PciBridgeDevState;
consteval vmstate::Field shpc_field() {
    vmstate::Field f = vmstate::buffer<&S::shpc>("shpc");
    f.type = "shpc";
    return f;
}
constexpr auto fields =
    vmstate::fields(vmstate::structs<&S::dev>("parent_obj", pci_device_table),
                    vmstate::only_if<S, [](const S& s, int) { return s.has_shpc; }>(shpc_field()));
static_assert(vmstate::covers<S>(fields, vmstate::not_saved<&S::has_shpc>()));
constexpr vmstate::Table table{
    .name = "pci_bridge", .version = 0, .minimum_version = 0, .fields = fields};

}  // namespace

constinit const PciDeviceType pci_bridge_dev_type = [] {
    PciDeviceType t{};
    t.name = "pci-bridge";
    t.parent = "base-pci-bridge";
    t.properties = properties;
    t.description = "Standard PCI Bridge";
    t.bus = "PCI";
    t.category = Category::Bridge;
    t.create = []() -> std::unique_ptr<Device> { return std::make_unique<PciBridgeDev>(); };
    t.vendor = 0x1b36;
    t.device = 0x0001;
    t.device_class = 0x0604;
    t.subsystem_vendor = t.subsystem = 0;
    return t;
}();

PciBridgeDev::PciBridgeDev() : PciBridgeOf(pci_bridge_dev_type) {}

const vmstate::Table& PciBridgeDev::vmstate() const {
    return table;
}

Result<void> PciBridgeDev::realize_bridge(Platform& platform) {
    if (!config_.chassis_nr)
        return fail(
            "Bridge chassis not specified. Each bridge is required to be assigned a unique "
            "chassis id > 0.");
    if (config_.bus_reserve != ~u32{0} || config_.io_reserve != ~u64{0} ||
        config_.mem_reserve != ~u64{0} || config_.pref32_reserve != ~u64{0} ||
        config_.pref64_reserve != ~u64{0})
        return fail("pci-bridge: reserving resources behind the bridge is not supported");
    state_.has_shpc = config_.shpc;
    unsigned at = shpc_at;
    if (config_.shpc) {
        add_shpc(platform);
        at += shpc_length;
    }
    add_capability(pci::Capability::SlotId, at, slot_id_length);
    state_.dev.config[at + 2] = first_in_chassis;
    state_.dev.config[at + 3] = config_.chassis_nr;
    writable_[at + 3] = 0xff;
    at += slot_id_length;
    if (config_.msi != qom::OnOffAuto::Off) add_msi(at, 1, true, true);
    return {};
}

void PciBridgeDev::add_shpc(Platform& platform) {
    shpc_.emplace(state_.shpc, *secondary(), platform.clocks.virt,
                  Shpc::Wiring{.remove = [this](unsigned slot) { remove(slot); },
                               .interrupt = [this](bool level) { set_hotplug_interrupt(level); }});
    bar_ = exec::MemoryRegion::container(platform.memory, "shpc-bar", std::bit_ceil(Shpc::size));
    registers_ = shpc_->make_region(platform.memory);
    bar_->add_subregion(0, *registers_);
    state_.dev.config[pci::interrupt_pin] = 1;
    add_bar(0, pci::bar_memory | pci::bar_64bit, *bar_);
    add_capability(pci::Capability::HotPlug, shpc_at, shpc_length);
    writable_[dword_select] = 0xff;
}

void PciBridgeDev::bridge_reset() {
    if (shpc_) shpc_->reset();
}

void PciBridgeDev::bridge_loaded() {
    if (shpc_) shpc_->post_load();
}

u32 PciBridgeDev::config_read(unsigned address, unsigned size) {
    const u64 at = u64{state_.dev.config[dword_select]} * 4;
    if (!shpc_ || address < dword_data || address >= shpc_at + shpc_length || at >= Shpc::size)
        return PciBridgeOf::config_read(address, size);
    return u32(shpc_->read(at + address - dword_data, size));
}

void PciBridgeDev::config_write(unsigned address, u32 value, unsigned size) {
    const u64 at = u64{state_.dev.config[dword_select]} * 4;
    PciBridgeOf::config_write(address, value, size);
    if (shpc_ && address >= dword_data && address < shpc_at + shpc_length && at < Shpc::size)
        shpc_->write(at + address - dword_data, value, size);
}

void PciBridgeDev::set_hotplug_interrupt(bool level) {
    if (!msi_enabled())
        set_intx(level);
    else if (level)
        msi_notify(0);
}

void PciBridgeDev::remove(unsigned slot) {
    auto* devices = platform().services.find<Devices>();
    for (unsigned function = pci::functions_per_slot; function-- > 0;)
        if (PciDevice* d = secondary()->function(pci::devfn(slot, function));
            devices && d && d->device_type().hotpluggable)
            devices->finish_removal(*d);
}

}  // namespace hw
