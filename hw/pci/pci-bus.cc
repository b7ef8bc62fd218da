// SPDX-License-Identifier: GPL-2.0-or-later
//
// Configuration cycles, places and interrupt wires of a PCI bus.
#include "hw/pci/pci-bus.h"

#include <fmt/format.h>

#include <cassert>

#include "hw/pci/pci-device.h"
#include "migration/vmstate/fields.h"

namespace hw {

using namespace pci;

namespace {

constexpr auto bus_fields =
    vmstate::fields(vmstate::field_equal<std::int32_t, &PciBusState::nirq>("nirq"),
                    vmstate::field<&PciBusState::irq_count>("irq_count"));
static_assert(vmstate::covers<PciBusState>(bus_fields));
constexpr vmstate::Table bus_table{.name = "PCIBUS", .fields = bus_fields};

}  // namespace

constinit const qom::Type pci_bus_type{.name = "PCI", .parent = "bus"};

PciBus::PciBus(std::string name, Device* parent, const Wiring& wiring)
    : Bus(pci_bus_type, std::move(name), parent), wiring_(wiring) {}

const vmstate::Table& PciBus::vmstate() const {
    return bus_table;
}

void PciBus::connect_interrupts(unsigned (*route)(unsigned, unsigned), unsigned count,
                                IrqIn::Handler handler, void* target) {
    route_ = route;
    handler_ = handler;
    target_ = target;
    state_.nirq = static_cast<std::int32_t>(count);
    state_.irq_count.assign(count, 0);
}

Result<unsigned> PciBus::free_devfn(std::string_view type_name) const {
    for (unsigned n = wiring_.first_devfn; n < functions_.size(); n += functions_per_slot)
        if (!functions_[n]) return n;
    return fail("PCI: no slot/function available for {}, all in use or reserved", type_name);
}

// A guest looks at functions 1 to 7 only when function 0 says that there are more (section 6.2.1),
// so every function of a slot but a lone function 0 needs that bit to be there.
Result<void> PciBus::check_multifunction(const PciDevice& d, unsigned at) const {
    const bool many = const_cast<PciDevice&>(d).pci_config().multifunction;
    const unsigned slot = slot_of(at), function = function_of(at);
    if (function) {
        const PciDevice* first = functions_[devfn(slot, 0)];
        if (first && !const_cast<PciDevice*>(first)->pci_config().multifunction)
            return fail("PCI: single function device can't be populated in function {:x}.{:x}",
                        slot, function);
        return {};
    }
    if (many) return {};
    for (unsigned f = 1; f < functions_per_slot; f++)
        if (functions_[devfn(slot, f)])
            return fail(
                "PCI: {:x}.0 indicates single function, but {:x}.{:x} is already "
                "populated.",
                slot, slot, f);
    return {};
}

Result<void> PciBus::attach(Device& device) {
    auto& d = static_cast<PciDevice&>(device);
    const std::int32_t wanted = d.pci_config().addr.devfn;
    const unsigned at = wanted < 0 ? TRY(free_devfn(d.type_name())) : static_cast<unsigned>(wanted);
    if (at >= functions_.size()) return fail("PCI: {:#x} is no slot and function of a bus", at);
    if (const PciDevice* other = functions_[at])
        return fail("PCI: slot {} function {} not available for {}, in use by {}{}{}", slot_of(at),
                    function_of(at), d.type_name(), other->type_name(),
                    other->id().empty() ? "" : ",id=", other->id());
    TRY(check_multifunction(d, at));
    d.pci_config().addr.devfn = static_cast<std::int32_t>(at);
    d.devfn_ = at;
    functions_[at] = &d;
    return {};
}

void PciBus::detach(Device& device) {
    auto& d = static_cast<PciDevice&>(device);
    for (unsigned pin = 0; pin < interrupt_pins; pin++)
        if (d.pci_state().irq_state[pin] && !(d.config16(command) & command_intx_disable))
            change_interrupt(d.devfn_, pin, -1);
    d.pci_state().irq_state = {};
    if (functions_[d.devfn_] == &d) functions_[d.devfn_] = nullptr;
}

Result<void> PciBus::request_unplug(Device& device, std::function<void(Device&)>) {
    hotplug_handler_->request_unplug(static_cast<PciDevice&>(device));
    return {};
}

std::string PciBus::device_path(const Device& device) const {
    const auto at = static_cast<const PciDevice&>(device).devfn();
    // Bus numbers are the guest's, so what is behind bridges is named by the way that leads there.
    const std::string way = wiring_.bridge ? wiring_.bridge->pci_bus().device_path(*wiring_.bridge)
                            : wiring_.short_paths ? std::string("0000")
                                                  : fmt::format("0000:{:02x}", wiring_.bus_number);
    return fmt::format("{}:{:02x}.{:x}", way, slot_of(at), function_of(at));
}

unsigned PciBus::bus_number() const {
    return wiring_.bridge ? wiring_.bridge->pci_state().config[secondary_bus] : wiring_.bus_number;
}

PciBus* PciBus::find(unsigned number) {
    if (number == bus_number()) return this;
    for (PciDevice* d : functions_) {
        PciBus* behind = d ? d->secondary() : nullptr;
        if (!behind) continue;
        // A type 1 cycle is passed on when it is for a bus in the bridge's range (section 3.1.2).
        const auto& config = d->pci_state().config;
        if (number < config[secondary_bus] || number > config[subordinate_bus]) continue;
        if (PciBus* found = behind->find(number)) return found;
    }
    return nullptr;
}

std::uint32_t PciBus::config_read(unsigned at, unsigned address, unsigned size) {
    PciDevice* d = function(at);
    if (!d || address + size > 256) return 0xffffffff >> (32 - 8 * size);
    return d->config_read(address, size);
}

void PciBus::config_write(unsigned at, unsigned address, std::uint32_t value, unsigned size) {
    if (PciDevice* d = function(at); d && address + size <= 256)
        d->config_write(address, value, size);
}

void PciBus::change_interrupt(unsigned at, unsigned pin, int change) {
    if (PciDevice* bridge = wiring_.bridge) {
        // A pin behind a bridge is one of the bridge's own pins (table 9-1 of the bridge
        // specification), on whatever bus that sits: the wires of the first bus are what counts.
        const unsigned out = (pin + slot_of(at)) % interrupt_pins;
        bridge->pci_bus().change_interrupt(bridge->devfn(), out, change);
        return;
    }
    if (!route_) return;
    const unsigned wire = route_(at, pin);
    auto& count = state_.irq_count[wire];
    count += change;
    handler_(target_, static_cast<int>(wire), count != 0);
}

bool PciBus::interrupt_level(unsigned wire) const {
    return state_.irq_count[wire] != 0;
}

}  // namespace hw
