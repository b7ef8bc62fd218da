// SPDX-License-Identifier: GPL-2.0-or-later
//
// Intel 8259A programmable interrupt controller (data sheet 231468-003), with the edge/level
// control register that PC chip sets put beside it (82371AB PIIX4, 4.2.6). A PC has two: the
// slave's INT goes to the master's IR2.
#pragma once

#include <array>
#include <functional>
#include <string>

#include "hw/isa/isa-bus.h"

namespace hw {

struct I8259Config {
    u32 iobase = ~0u;
    u32 elcr_addr = ~0u;
    u8 elcr_mask = 0xff;
    bool master = false;
};

struct I8259State {
    u8 last_irr = 0;      // levels of the inputs, for edge detection
    u8 irr = 0;           // interrupt request register
    u8 imr = 0;           // interrupt mask register
    u8 isr = 0;           // in-service register
    u8 priority_add = 0;  // the highest priority level, moved by rotation
    u8 irq_base = 0;      // vector of IR0
    u8 read_reg_select = 0;
    u8 poll = 0;
    u8 special_mask = 0;
    u8 init_state = 0;  // the ICW that is expected next, 0 = operational
    u8 auto_eoi = 0;
    u8 rotate_on_auto_eoi = 0;
    u8 special_fully_nested_mode = 0;
    u8 init4 = 0;  // ICW4 comes
    u8 single_mode = 0;
    u8 elcr = 0;
};

class I8259 final : public DeviceOf<I8259Config, I8259State> {
public:
    static const DeviceType device_type_;

    I8259() : DeviceOf(device_type_) {}
    I8259(const I8259Config& config) : I8259() { config_ = config; }

    const vmstate::Table& vmstate() const override;
    void hold_reset() override;
    /// Once more: what other chips' pins did while they were held does not count.
    void leave_reset() override;

    /// IR0-IR7.
    IrqIn input(int line) { return irq_in<&I8259::set_irq>(*this, line); }
    IrqIn input_pin(std::string_view name, unsigned n) override {
        return name.empty() && n < 8 ? input(static_cast<int>(n)) : IrqIn();
    }
    std::vector<IrqOut*> output_pins(std::string_view name) override {
        return name.empty() ? std::vector<IrqOut*>{&int_} : std::vector<IrqOut*>();
    }
    std::vector<Pins> pins() const override { return {{"", 8, 1}}; }
    void set_irq(int line, int level);
    /// INT.
    IrqOut& output() { return int_; }
    /// CAS0-2: who answers for IR2 (master only).
    void connect_slave(I8259& slave) { slave_ = &slave; }
    /// The processor's INTA cycles: the vector of the highest request, which goes in service. A
    /// request that vanished reads as IR7.
    u8 acknowledge();
    bool pending() const { return highest_request() >= 0; }
    bool waiting(int line) const { return state_.irr & ~state_.imr & 1 << line; }
    /// A processor has taken the request of a line.
    std::function<void(int line)> on_taken;

    u64 io_read(u64 offset, unsigned size);
    void io_write(u64 offset, u64 value, unsigned size);
    u64 elcr_read(u64, unsigned) { return state_.elcr; }
    void elcr_write(u64, u64 value, unsigned) { state_.elcr = u8(value) & config_.elcr_mask; }

    /// One line of `info pic`.
    std::string describe() const;
    /// `info irq`: rising edges seen on each input.
    const std::array<u64, 8>& edge_counts() const { return edge_counts_; }

protected:
    Result<void> realize(Platform&) override;
    /// What the slave's INT has come to is in the master's state already.
    void post_load(int) override {
        if (config_.master) update();
    }

private:
    int priority(u8 lines) const;
    int highest_request() const;
    void take(int line);
    void end_of_interrupt(int line, bool rotate);
    void start_initialization(u8 icw1);
    void operation_command(u8 value);
    void clear_for_initialization();
    void update() { int_.set(pending()); }

    IrqOut int_;
    I8259* slave_ = nullptr;
    std::array<u64, 8> edge_counts_{};
    u8 levels_ = 0;
    std::unique_ptr<exec::MemoryRegion> registers_, elcr_;
};

}  // namespace hw
