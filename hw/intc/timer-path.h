// SPDX-License-Identifier: GPL-2.0-or-later
//
// The way of IRQ 0 on a PC: through the I/O APIC where that has it, else through the PIC.
#pragma once

#include "hw/core/tick-path.h"

namespace hw {

class ApicBus;
class I8259;
class IoApic;

class TimerPath final : public TickPath {
public:
    /// `ioapic` may be null. Must outlive the others' use of their processors.
    TimerPath(I8259& pic, IoApic* ioapic, ApicBus& bus);
    bool waiting() const override;

private:
    I8259& pic_;
    IoApic* ioapic_;
    ApicBus& bus_;
};

}  // namespace hw
