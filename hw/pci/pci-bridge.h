// SPDX-License-Identifier: GPL-2.0-or-later
//
// What every PCI-to-PCI bridge has: the bus behind it, and the windows through which that bus's
// ports and memory show on the bus in front. Specification: PCI-to-PCI Bridge Architecture 1.2.
//
// Bus mastering behind it does not ask for the bridge's own Bus Master bit (section 3.2.4.3 lets a
// bridge refuse): QEMU 7.2 passes all of it on, and firmware that leaves the bit off counts on it.
#pragma once

#include <memory>
#include <vector>

#include "hw/pci/pci-bus.h"
#include "hw/pci/pci-device.h"

namespace hw {

/// The bus behind a bridge and its windows. The registers stay the function's.
class SecondaryBus {
public:
    SecondaryBus(PciDevice& bridge, Platform&);
    ~SecondaryBus();

    PciBus& bus() { return static_cast<PciBus&>(*buses_[0]); }
    std::span<const std::unique_ptr<Bus>> buses() const { return buses_; }
    void sign_in(vmstate::Registry&);

    /// Puts the windows where the registers say.
    void update();
    /// A configuration write: windows move, and the reset bit works on the bus.
    void config_written(unsigned address, unsigned size);
    /// Loaded, or reset: the registers are there as if they had always been.
    void registers_replaced();

    /// A window: `type` is 'io' of the ports; base above limit is a closed one.
    struct Range {
        std::uint64_t base = 0, limit = 0;
    };
    static Range io_range(const PciDevice&);
    static Range memory_range(const PciDevice&);
    static Range prefetchable_range(const PciDevice&);

private:
    enum Window { Io, Memory, Prefetchable, VgaIoLow, VgaIoHigh, VgaMemory, window_count };
    void place(Window, bool open, Range);
    bool holds_reset() const;

    PciDevice& bridge_;
    vmstate::Registry& states_;
    std::unique_ptr<exec::MemoryRegion> memory_, io_;
    std::array<std::unique_ptr<exec::MemoryRegion>, window_count> windows_;
    std::vector<std::unique_ptr<Bus>> buses_;
    bool in_reset_ = false;
};

/// A bridge chip: `struct State { PciState dev; ... }`.
template <class Config, class State>
class PciBridgeOf : public PciDeviceOf<Config, State> {
public:
    explicit PciBridgeOf(const PciDeviceType& type) : PciDeviceOf<Config, State>(type) {}

    PciBus* secondary() const override { return secondary_ ? &secondary_->bus() : nullptr; }
    std::span<const std::unique_ptr<Bus>> child_buses() const override {
        return secondary_ ? secondary_->buses() : std::span<const std::unique_ptr<Bus>>();
    }
    /// What is behind a bridge needs it loaded first.
    vmstate::Priority saved_priority() const override { return vmstate::Priority::PciBus; }
    void sign_in_buses(vmstate::Registry& states) override { secondary_->sign_in(states); }

protected:
    /// The chip's own realize, with the header and the bus in place.
    virtual Result<void> realize_bridge(Platform&) = 0;
    virtual void bridge_reset() {}
    virtual void bridge_loaded() {}

    Result<void> realize_chip(Platform& platform) final {
        this->make_bridge_header();
        secondary_ = std::make_unique<SecondaryBus>(*this, platform);
        return realize_bridge(platform);
    }
    void chip_reset() final {
        SecondaryBus& s = *secondary_;
        this->reset_bridge_header();
        s.registers_replaced();
        bridge_reset();
    }
    void config_written(unsigned address, unsigned size) override {
        secondary_->config_written(address, size);
    }
    void chip_loaded(int) final {
        secondary_->registers_replaced();
        bridge_loaded();
    }

private:
    std::unique_ptr<SecondaryBus> secondary_;
};

}  // namespace hw
