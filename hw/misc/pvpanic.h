// SPDX-License-Identifier: GPL-2.0-or-later
//
// "pvpanic": the guest reports that its kernel panicked (docs/specs/pvpanic). Reading says which
// reports the host understands; firmware learns the port from fw_cfg.
#pragma once

#include <memory>

#include "hw/isa/isa-bus.h"

namespace hw {

class SystemRequests;

struct PvpanicConfig {
    u16 ioport = 0x505;
    u8 events = 3;
};
struct PvpanicState {};

class Pvpanic final : public DeviceOf<PvpanicConfig, PvpanicState> {
public:
    static const DeviceType device_type_;

    Pvpanic() : DeviceOf(device_type_) {}
    const vmstate::Table& vmstate() const override;
    vmstate::Owner* saved_state() override { return nullptr; }

    u64 io_read(u64, unsigned) { return config_.events; }
    void io_write(u64, u64 value, unsigned);

protected:
    Result<void> realize(Platform&) override;

private:
    SystemRequests* requests_ = nullptr;
    Log* log_ = nullptr;
    std::unique_ptr<exec::MemoryRegion> registers_;
};

}  // namespace hw
