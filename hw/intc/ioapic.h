// SPDX-License-Identifier: GPL-2.0-or-later
//
// Intel 82093AA I/O APIC (data sheet 290566-001), 24 pins; version 20h adds the EOI register of
// later chip sets (ICH, 12.5.5).
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>

#include "exec/memory.h"
#include "hw/core/device.h"
#include "hw/core/irq.h"
#include "hw/core/system-bus.h"
#include "hw/intc/apic-bus.h"

namespace hw {

class I8259;

struct IoApicConfig {
    u8 version = 0x20;
};

struct IoApicState {
    static constexpr unsigned pins = 24;
    u8 id = 0;
    u8 ioregsel = 0;
    u32 irr = 0;
    std::array<u64, pins> ioredtbl{};
};

class IoApic final : public DeviceOf<IoApicConfig, IoApicState>, public MapsRegisters {
public:
    static constexpr u64 default_address = 0xfec00000;
    static const DeviceType device_type_;

    explicit IoApic(ApicBus& bus);

    const vmstate::Table& vmstate() const override;
    void hold_reset() override;
    std::vector<Window> register_windows() const override { return {{default_address, 0x1000}}; }

    /// By global system interrupt: the PIT's 0 arrives on pin 2, the others on their own.
    IrqIn input(int gsi) { return irq_in<&IoApic::set_irq>(*this, gsi); }
    IrqIn input_pin(std::string_view name, unsigned n) override {
        return name.empty() && n < IoApicState::pins ? input(static_cast<int>(n)) : IrqIn();
    }
    std::vector<Pins> pins() const override { return {{"", IoApicState::pins, 0}}; }
    void set_irq(int gsi, int level);
    /// Whose INTA cycle an ExtINT entry answers with.
    void connect_pic(I8259& pic) { pic_ = &pic; }
    void end_of_interrupt(u8 vector);
    /// What an edge of a global system interrupt sends to local APICs; none if it is masked, or
    /// nothing that they keep until it is taken.
    std::optional<ApicMessage> edge_message(int gsi) const;

    u64 mmio_read(u64 offset, unsigned size);
    void mmio_write(u64 offset, u64 value, unsigned size);
    exec::MemoryRegion& mmio() { return *mmio_; }

    /// Its part of `info pic`.
    std::string describe() const;
    const std::array<u64, IoApicState::pins>& edge_counts() const { return edge_counts_; }

protected:
    /// Maps itself at default_address.
    Result<void> realize(Platform&) override;

private:
    u32 read_window() const;
    void write_window(u32 value);
    void service();

    ApicBus& bus_;
    I8259* pic_ = nullptr;
    u32 levels_ = 0;
    std::array<u64, IoApicState::pins> edge_counts_{};
    std::unique_ptr<exec::MemoryRegion> mmio_;
};

}  // namespace hw
