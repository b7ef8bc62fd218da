// SPDX-License-Identifier: GPL-2.0-or-later
//
// What joins the local APICs, the I/O APICs and message-signalled interrupts: messages in, the
// APICs they are addressed to out (Intel SDM volume 3, 11.6.2 "Determining IPI Destination").
#pragma once

#include <functional>
#include <vector>

#include "hw/core/int.h"

namespace hw {

class IoApic;
class LocalApic;

enum class Delivery : u8 { Fixed, LowestPriority, Smi, Reserved, Nmi, Init, StartUp, ExtInt };

struct ApicMessage {
    u8 destination = 0;
    bool logical = false;
    Delivery delivery = Delivery::Fixed;
    u8 vector = 0;
    bool level_triggered = false;
};

class ApicBus {
public:
    void add(LocalApic& apic);
    void remove(LocalApic& apic);
    void add(IoApic& ioapic) { ioapics_.push_back(&ioapic); }

    void send(const ApicMessage&);
    /// A write to FEE0_0000h-FEEF_FFFFh as PCI devices make it (SDM 11.11).
    void send_msi(u64 address, u32 data);
    /// A processor that the message is for has it, and has not taken it.
    bool waiting(const ApicMessage&) const;
    /// A processor has taken an interrupt with this vector.
    std::function<void(u8 vector)> on_taken;
    void send_to(const std::vector<LocalApic*>& targets, const ApicMessage&);
    /// A level-triggered interrupt has ended: I/O APICs may send it again.
    void broadcast_eoi(u8 vector);

    const std::vector<LocalApic*>& apics() const { return apics_; }
    /// The local APIC registers lie at one address for all processors; this says whose access is
    /// under way. Null (a debugger, a device): nobody's.
    LocalApic* current() const { return current_; }
    void set_current(LocalApic* apic) { current_ = apic; }

private:
    std::vector<LocalApic*> apics_;
    std::vector<IoApic*> ioapics_;
    LocalApic* current_ = nullptr;
};

}  // namespace hw
