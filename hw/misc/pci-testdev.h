// SPDX-License-Identifier: GPL-2.0-or-later
//
// "pci-testdev": measures how fast accesses reach a device (docs/specs/pci-testdev). Each BAR
// begins with a header that says where to write for the test that was chosen, and counts. Like
// QEMU's it saves nothing.
#pragma once

#include <memory>
#include <string_view>

#include "hw/core/int.h"
#include "hw/pci/pci-device.h"

namespace hw {

struct PciTestdevConfig : PciConfig {
    u64 membar = 0;  // size of a third BAR with nothing behind it
};

struct PciTestdevState {
    PciState dev;
    u32 test = 0;  // of both BARs, memory first; none when out of range
    u32 count = 0;
};

class PciTestdev final : public PciDeviceOf<PciTestdevConfig, PciTestdevState> {
public:
    static constexpr unsigned tests_per_bar = 3, no_test = 2 * tests_per_bar;
    PciTestdev();
    const vmstate::Table& vmstate() const override;
    vmstate::Owner* saved_state() override { return nullptr; }

    u64 read(u64 offset, unsigned size);
    template <unsigned FirstTest>
    void write(u64 offset, u64 value, unsigned size) {
        write_to(FirstTest, offset, value, size);
    }

protected:
    Result<void> realize_chip(Platform&) override;
    void chip_reset() override;

private:
    void write_to(unsigned first_test, u64 offset, u64 value, unsigned size);
    u8 header_byte(u64 offset) const;

    std::unique_ptr<exec::MemoryRegion> memory_, ports_, large_;
};

extern const PciDeviceType pci_testdev_type;

}  // namespace hw
