// SPDX-License-Identifier: GPL-2.0-or-later
//
// "edu": a PCI function for lessons in driver writing (docs/specs/edu): it inverts, computes
// factorials, copies by DMA and interrupts. Like QEMU's it saves nothing.
#pragma once

#include <array>
#include <memory>
#include <optional>

#include "hw/core/int.h"
#include "hw/pci/pci-device.h"
#include "util/timer.h"

namespace hw {

struct EduConfig : PciConfig {
    u64 dma_mask = (u64{1} << 28) - 1;
};

struct EduState {
    PciState dev;
    u32 alive = 0, factorial = 0, status = 0, irq_status = 0;
    u64 dma_source = 0, dma_destination = 0, dma_count = 0, dma_command = 0;
    std::array<u8, 4096> buffer{};
};

class Edu final : public PciDeviceOf<EduConfig, EduState> {
public:
    Edu();
    const vmstate::Table& vmstate() const override;
    vmstate::Owner* saved_state() override { return nullptr; }

    u64 read(u64 offset, unsigned size);
    void write(u64 offset, u64 value, unsigned size);

protected:
    Result<void> realize_chip(Platform&) override;
    void chip_reset() override;

private:
    void raise(u32 reasons);
    void acknowledge(u32 reasons);
    void compute(u32 n);
    void start_dma(u64 command);
    void finish_dma();
    u64* dma_register(u64 offset);

    std::unique_ptr<exec::MemoryRegion> registers_;
    std::optional<Timer> dma_timer_;
};

extern const PciDeviceType edu_type;

}  // namespace hw
