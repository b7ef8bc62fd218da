// SPDX-License-Identifier: GPL-2.0-or-later
//
// System control port A of the PS/2 (IBM PS/2 Hardware Interface Technical Reference): bit 0 is a
// fast reset, bit 1 opens address line 20.
#pragma once

#include <memory>

#include "hw/isa/isa-bus.h"

namespace hw {

class SystemRequests;

struct Port92State {
    u8 outport = 0;
};

class Port92 final : public DeviceOf<NoConfig, Port92State> {
public:
    static const DeviceType device_type_;

    Port92() : DeviceOf(device_type_) {}

    const vmstate::Table& vmstate() const override;
    void hold_reset() override { state_.outport &= u8(~1); }

    std::vector<Pins> pins() const override { return {{"a20", 0, 1}}; }
    IrqOut& a20() { return a20_; }
    /// Rises when the guest wants a reset; unconnected: the machine is asked.
    IrqOut& reset_request() { return reset_; }

    u64 io_read(u64, unsigned) { return state_.outport; }
    void io_write(u64, u64 value, unsigned);

protected:
    Result<void> realize(Platform&) override;

private:
    IrqOut a20_, reset_;
    std::unique_ptr<exec::MemoryRegion> registers_;
};

}  // namespace hw
