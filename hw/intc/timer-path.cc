// SPDX-License-Identifier: GPL-2.0-or-later
#include "hw/intc/timer-path.h"

#include "hw/intc/i8259.h"
#include "hw/intc/ioapic.h"

namespace hw {

namespace {
constexpr int irq0 = 0;
}

TimerPath::TimerPath(I8259& pic, IoApic* ioapic, ApicBus& bus)
    : pic_(pic), ioapic_(ioapic), bus_(bus) {
    pic_.on_taken = [this](int line) {
        if (line == irq0 && !(ioapic_ && ioapic_->edge_message(irq0))) taken();
    };
    if (!ioapic_) return;
    bus_.on_taken = [this](u8 vector) {
        const auto m = ioapic_->edge_message(irq0);
        if (m && m->vector == vector) taken();
    };
}

bool TimerPath::waiting() const {
    if (ioapic_)
        if (const auto m = ioapic_->edge_message(irq0)) return bus_.waiting(*m);
    return pic_.waiting(irq0);
}

}  // namespace hw
