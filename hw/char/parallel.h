// SPDX-License-Identifier: GPL-2.0-or-later
//
// "isa-parallel": a printer port (IBM PC Technical Reference, "Parallel Printer Adapter"; standard
// mode of IEEE 1284). The printer at the other end takes a byte at each strobe.
#pragma once

#include <memory>
#include <string>

#include "chardev/char.h"
#include "hw/isa/isa-bus.h"

namespace hw {

struct ParallelConfig {
    u32 index = ~0u;
    u32 iobase = ~0u;
    u32 irq = 7;
    std::string chardev;
};

struct ParallelState {
    u8 dataw = 0;
    u8 datar = 0;
    u8 status = 0;
    u8 control = 0;
    i32 irq_pending = 0;
    i32 epp_timeout = 0;
};

class IsaParallel final : public DeviceOf<ParallelConfig, ParallelState>, chardev::FrontEnd {
public:
    static const DeviceType device_type_;
    static constexpr unsigned max_ports = 3;

    IsaParallel() : DeviceOf(device_type_) {}
    const vmstate::Table& vmstate() const override;
    void hold_reset() override;

    u64 io_read(u64 offset, unsigned);
    void io_write(u64 offset, u64 value, unsigned);

protected:
    Result<void> realize(Platform&) override;

private:
    std::size_t can_receive() override { return 0; }
    void receive(std::span<const u8>) override {}
    void write_control(u8 value);
    void update_irq() { irq_.set(state_.irq_pending != 0); }

    IrqOut irq_;
    std::unique_ptr<exec::MemoryRegion> registers_;
};

}  // namespace hw
