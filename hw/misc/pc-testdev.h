// SPDX-License-Identifier: GPL-2.0-or-later
//
// "pc-testdev": what kvm-unit-tests ask of a PC: a port that reads back what was written, ports
// that drive the interrupt lines, and a stretch of device memory.
#pragma once

#include <array>
#include <memory>
#include <vector>

#include "hw/isa/isa-bus.h"

namespace hw {

struct PcTestdevState {};

class PcTestdev final : public DeviceOf<NoConfig, PcTestdevState> {
public:
    static const DeviceType device_type_;

    PcTestdev() : DeviceOf(device_type_) {}
    const vmstate::Table& vmstate() const override;
    vmstate::Owner* saved_state() override { return nullptr; }

    u64 port_read(u64 offset, unsigned size);
    void port_write(u64 offset, u64 value, unsigned size);
    u64 line_read(u64, unsigned) { return 0; }
    void line_write(u64 line, u64 value, unsigned);
    u64 flush_read(u64, unsigned) { return 0; }
    /// Asks for a page of guest memory to be mapped anew on the host; nothing here depends on it.
    void flush_write(u64, u64, unsigned) {}
    u64 memory_read(u64 offset, unsigned size);
    void memory_write(u64 offset, u64 value, unsigned size);

protected:
    Result<void> realize(Platform&) override;

private:
    static constexpr u64 memory_size = 0x10000;
    u32 port_ = 0;
    std::vector<u8> bytes_;
    std::array<std::unique_ptr<exec::MemoryRegion>, 5> regions_;
};

}  // namespace hw
