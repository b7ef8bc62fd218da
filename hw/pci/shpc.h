// SPDX-License-Identifier: GPL-2.0-or-later
//
// The Standard Hot-Plug Controller of a bridge: slots 1 to 31 of the bus behind it can be powered
// and switched off by software. Specification: PCI Standard Hot-Plug Controller and Subsystem 1.0;
// chapter and figure numbers below are its.
//
// A slot has a card when the machine starts or never: cards do not come while it runs. One goes
// when software has switched its slot off, power indicator and all.
#pragma once

#include <array>
#include <functional>
#include <memory>
#include <optional>

#include "exec/memory.h"
#include "hw/core/int.h"
#include "util/timer.h"

namespace hw {

class PciBus;

class Shpc {
public:
    static constexpr unsigned slots = 31;
    /// Working registers, one for each slot at the end (figure 4-2).
    static constexpr u64 size = 0x24 + 4 * slots;
    using Registers = std::array<u8, size>;

    /// `removed` is told of each card of a slot that was switched off, and takes it out;
    /// `interrupt` of the level of the controller's interrupt, an MSI when it rises.
    struct Wiring {
        std::function<void(unsigned pci_slot)> remove;
        std::function<void(bool level)> interrupt;
    };
    Shpc(Registers& state, PciBus& bus, Clock& clock, Wiring wiring);

    std::unique_ptr<exec::MemoryRegion> make_region(exec::MemoryMap&);
    u64 read(u64 offset, unsigned size);
    void write(u64 offset, u64 value, unsigned size);
    void reset();
    void post_load();

private:
    void set(unsigned at, u32 value, unsigned size);
    u32 get(unsigned at, unsigned size) const;
    void command();
    u16 carry_out(u8 code, unsigned slot);
    u16 operate(unsigned slot, unsigned state, unsigned power, unsigned attention);
    u16 operate_all(unsigned state);
    void update_interrupt();
    void remove_cards();
    bool occupied(unsigned slot) const;
    bool off(unsigned slot) const;

    Registers& state_;
    PciBus& bus_;
    Wiring wiring_;
    bool level_ = false;
    /// A card that switches itself off, by a bus master's write, is not taken out under its feet.
    Timer removal_;
};

}  // namespace hw
