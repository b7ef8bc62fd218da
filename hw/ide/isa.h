// SPDX-License-Identifier: GPL-2.0-or-later
//
// One ATA channel on the ISA bus: PIO at two port ranges and an interrupt, no bus mastering.
#pragma once

#include <memory>
#include <vector>

#include "hw/ide/ide-channel.h"
#include "hw/ide/ide-drive.h"
#include "hw/isa/isa-bus.h"

namespace hw {

struct IsaIdeConfig {
    u32 iobase = 0x1f0, iobase2 = 0x3f6;
    u32 irq = 14;
};

struct IsaIdeState {
    IdeBusState bus;
    std::array<IdeDriveState, IdeChannel::units> drives;
};

class IsaIde final : public DeviceOf<IsaIdeConfig, IsaIdeState> {
public:
    static const DeviceType device_type_;

    IsaIde() : DeviceOf(device_type_) {}
    explicit IsaIde(const IsaIdeConfig& config) : IsaIde() { config_ = config; }
    ~IsaIde() override { channel_.drain(); }

    const vmstate::Table& vmstate() const override;
    /// QEMU gives every one of them instance 0; in a stream they are told apart by their order.
    int saved_instance() const override { return 0; }
    std::span<const std::unique_ptr<Bus>> child_buses() const override { return buses_; }
    void hold_reset() override { channel_.reset(); }

protected:
    Result<void> realize(Platform&) override;
    void pre_save(IsaIdeState&) override;
    void post_load(int) override { channel_.loaded(); }

private:
    IdeChannel channel_{state_.bus, state_.drives};
    std::unique_ptr<exec::MemoryRegion> command_, control_;
    std::vector<std::unique_ptr<Bus>> buses_;
};

}  // namespace hw
