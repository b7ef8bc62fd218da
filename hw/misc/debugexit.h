// SPDX-License-Identifier: GPL-2.0-or-later
//
// "isa-debug-exit": a guest program ends the emulator, with a status of its choice (always odd, so
// never success).
#pragma once

#include <memory>

#include "hw/isa/isa-bus.h"

namespace hw {

class SystemRequests;

struct DebugExitConfig {
    u32 iobase = 0x501;
    u32 iosize = 2;
};
struct DebugExitState {};

class DebugExit final : public DeviceOf<DebugExitConfig, DebugExitState> {
public:
    static const DeviceType device_type_;

    DebugExit() : DeviceOf(device_type_) {}
    const vmstate::Table& vmstate() const override;
    vmstate::Owner* saved_state() override { return nullptr; }

    u64 io_read(u64, unsigned) { return 0; }
    void io_write(u64, u64 value, unsigned);

protected:
    Result<void> realize(Platform&) override;

private:
    SystemRequests* requests_ = nullptr;
    std::unique_ptr<exec::MemoryRegion> registers_;
};

}  // namespace hw
