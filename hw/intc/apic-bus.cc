// SPDX-License-Identifier: GPL-2.0-or-later
#include "hw/intc/apic-bus.h"

#include <algorithm>

#include "hw/intc/apic.h"
#include "hw/intc/ioapic.h"

namespace hw {

void ApicBus::add(LocalApic& apic) {
    apics_.push_back(&apic);
}

void ApicBus::remove(LocalApic& apic) {
    std::erase(apics_, &apic);
    if (current_ == &apic) current_ = nullptr;
}

void ApicBus::send(const ApicMessage& m) {
    std::vector<LocalApic*> targets;
    for (LocalApic* a : apics_)
        if (a->addressed_by(m.destination, m.logical)) targets.push_back(a);
    send_to(targets, m);
}

bool ApicBus::waiting(const ApicMessage& m) const {
    return std::ranges::any_of(apics_, [&](const LocalApic* a) {
        return a->addressed_by(m.destination, m.logical) && a->requested(m.vector);
    });
}

void ApicBus::send_to(const std::vector<LocalApic*>& targets, const ApicMessage& m) {
    if (targets.empty()) return;
    if (m.delivery == Delivery::LowestPriority) {
        // Least busy wins; among equals the first, so that one processor's guest sees no change.
        (*std::ranges::min_element(targets, {}, [](const LocalApic* a) {
            return a->processor_priority() >> 4;
        }))->receive(m);
        return;
    }
    for (LocalApic* a : targets)
        a->receive(m);
}

void ApicBus::send_msi(u64 address, u32 data) {
    send({.destination = u8(address >> 12),
          .logical = (address & 4) != 0,
          .delivery = Delivery(data >> 8 & 7),
          .vector = u8(data),
          .level_triggered = (data & 0x8000) != 0});
}

void ApicBus::broadcast_eoi(u8 vector) {
    for (IoApic* io : ioapics_)
        io->end_of_interrupt(vector);
}

}  // namespace hw
