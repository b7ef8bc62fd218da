// SPDX-License-Identifier: GPL-2.0-or-later
//
// What the power management function has for memory modules that come and go: the register block
// and the general-purpose events; and what the guest said of those and of processors.
#include "hw/acpi/piix4.h"
#include "hw/core/devices.h"
#include "qapi/context.h"
#include "qapi/qapi-events-acpi.h"

namespace hw {

namespace {

constexpr u16 memory_hotplug_base = 0xa00;
constexpr unsigned gpe_memory_hotplug = 3, gpe_nvdimm = 4;

}  // namespace

void Piix4Pm::make_memory_hotplug(Platform& p) {
    device_memory_->set_handler(this);
    const DeviceMemory::Plan& facts = device_memory_->facts();
    if (facts.slots && config_.memory_hotplug) {
        state_.has_memory_slots = true;
        memory_hotplug_.emplace(
            state_.memory_hotplug, facts.slots,
            MemoryHotplug::Wiring{
                .module = [this](unsigned slot) -> std::optional<MemoryHotplug::Module> {
                    const MemoryModule* m = device_memory_->in_slot(slot);
                    if (!m || m->nonvolatile()) return {};
                    return MemoryHotplug::Module{m->address(), m->size(), m->node()};
                },
                .raise_gpe = [this] { acpi_->raise_gpe(gpe_memory_hotplug); },
                .eject =
                    [this](unsigned slot) {
                        auto* devices = platform().services.find<Devices>();
                        MemoryModule* m = device_memory_->in_slot(slot);
                        if (devices && m) devices->finish_removal(*m);
                    },
                .told = [this](unsigned slot) { tell(memory_slot_status(slot)); }});
        memory_ = memory_hotplug_->make_region(p.memory);
        p.system_io.add_subregion(memory_hotplug_base, *memory_);
    }
    if (facts.nvdimm) {
        nvdimm_.emplace(*device_memory_, p.memory_space, p.log, persistence_);
        nvdimm_port_ = nvdimm_->make_region(p.memory);
        p.system_io.add_subregion(NvdimmAcpi::port, *nvdimm_port_);
    }
}

void Piix4Pm::plugged(MemoryModule& m) {
    if (!m.nonvolatile()) {
        memory_hotplug_->plugged(m.slot(), m.hotplugged());
        return;
    }
    if (!m.hotplugged()) return;
    nvdimm_->changed();
    acpi_->raise_gpe(gpe_nvdimm);
}

Result<void> Piix4Pm::request_unplug(MemoryModule& m) {
    if (m.nonvolatile()) return fail("nvdimm device hot unplug is not supported yet.");
    memory_hotplug_->request_unplug(m.slot());
    return {};
}

void Piix4Pm::unplugged(MemoryModule& m) {
    if (!m.nonvolatile()) memory_hotplug_->unplugged(m.slot());
}

qapi::ACPIOSTInfo Piix4Pm::memory_slot_status(unsigned slot) const {
    qapi::ACPIOSTInfo info;
    const MemoryModule* m = device_memory_->in_slot(slot);
    if (m && !m->nonvolatile() && !m->id().empty()) info.device = m->id();
    info.slot = std::to_string(slot);
    info.slot_type = qapi::ACPISlotType::DIMM;
    info.source = state_.memory_hotplug.devs[slot].ost_event;
    info.status = state_.memory_hotplug.devs[slot].ost_status;
    return info;
}

qapi::ACPIOSTInfo Piix4Pm::processor_status(unsigned index) const {
    qapi::ACPIOSTInfo info;
    if (std::string id = processor_id_ ? processor_id_(index) : std::string(); !id.empty())
        info.device = std::move(id);
    info.slot = std::to_string(index);
    info.slot_type = qapi::ACPISlotType::CPU;
    info.source = state_.cpu_hotplug.devs[index].ost_event;
    info.status = state_.cpu_hotplug.devs[index].ost_status;
    return info;
}

void Piix4Pm::tell(qapi::ACPIOSTInfo info) {
    if (auto* events = platform().services.find<qapi::EventSink>())
        emit(*events, qapi::AcpiDeviceOstEvent{std::move(info)});
}

std::vector<qapi::ACPIOSTInfo> Piix4Pm::ospm_status() {
    std::vector<qapi::ACPIOSTInfo> list;
    for (unsigned slot = 0; slot < state_.memory_hotplug.devs.size(); slot++)
        list.push_back(memory_slot_status(slot));
    // The block's old form has no place for what a guest could say.
    for (unsigned index = 0; cpu_hotplug_->modern() && index < processors_.size(); index++)
        list.push_back(processor_status(index));
    return list;
}

}  // namespace hw
