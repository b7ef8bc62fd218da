// SPDX-License-Identifier: GPL-2.0-or-later
//
// "isa-serial": a UART at COM1-COM4.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "hw/char/serial.h"
#include "hw/isa/isa-bus.h"

namespace hw {

struct IsaSerialConfig {
    u32 index = ~0u;   // 0-3; the next free one
    u32 iobase = ~0u;  // by index
    u32 irq = ~0u;     // by index
    std::string chardev;
    u32 baudbase = 115200;
    bool wakeup = false;
};

class IsaSerial final : public DeviceOf<IsaSerialConfig, SerialState> {
public:
    static const DeviceType device_type_;
    static constexpr unsigned max_ports = 4;

    IsaSerial() : DeviceOf(device_type_) {}

    const vmstate::Table& vmstate() const override;
    void hold_reset() override { chip_->reset(); }

    Serial& chip() { return *chip_; }
    u64 io_read(u64 offset, unsigned size) { return chip_->io_read(offset, size); }
    void io_write(u64 offset, u64 value, unsigned size) { chip_->io_write(offset, value, size); }

protected:
    Result<void> realize(Platform&) override;
    void pre_save(SerialState&) override {
        if (chip_) chip_->pre_save();
    }
    void post_load(int) override { chip_->post_load(); }

private:
    std::optional<Serial> chip_;
    std::unique_ptr<exec::MemoryRegion> registers_;
};

}  // namespace hw
