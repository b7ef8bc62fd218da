// SPDX-License-Identifier: GPL-2.0-or-later
//
// "isa-debugcon": what is written to a port (E9h, as Bochs has it) goes to a character device; the
// port reads as a mark by which software finds it.
#pragma once

#include <memory>
#include <string>

#include "chardev/char.h"
#include "hw/isa/isa-bus.h"

namespace hw {

struct DebugconConfig {
    u32 iobase = 0xe9;
    u32 readback = 0xe9;
    std::string chardev;
};
struct DebugconState {};

class IsaDebugcon final : public DeviceOf<DebugconConfig, DebugconState>, chardev::FrontEnd {
public:
    static const DeviceType device_type_;

    IsaDebugcon() : DeviceOf(device_type_) {}
    const vmstate::Table& vmstate() const override;
    vmstate::Owner* saved_state() override { return nullptr; }

    u64 io_read(u64, unsigned) { return config_.readback; }
    void io_write(u64, u64 value, unsigned);

protected:
    Result<void> realize(Platform&) override;

private:
    std::size_t can_receive() override { return 0; }
    void receive(std::span<const u8>) override {}
    std::unique_ptr<exec::MemoryRegion> registers_;
};

}  // namespace hw
