// SPDX-License-Identifier: GPL-2.0-or-later
//
// The NE2000 of the ISA bus ("ne2k_isa") and Realtek's RTL8029, an NE2000 on PCI ("ne2k_pci").
#pragma once

#include "hw/isa/isa-bus.h"
#include "hw/net/dp8390.h"
#include "hw/pci/pci-device.h"

namespace hw {

struct Ne2kIsaConfig {
    std::uint32_t iobase = 0x300, irq = 9;
    std::string mac, netdev;
    std::int32_t bootindex = -1;
};

class Ne2kIsa final : public DeviceOf<Ne2kIsaConfig, Dp8390State>, private Dp8390 {
public:
    static const DeviceType device_type_;
    Ne2kIsa();
    const vmstate::Table& vmstate() const override;
    void hold_reset() override { reset_chip(); }
    net::Card& card() { return *this; }

protected:
    Result<void> realize(Platform&) override;

private:
    void set_irq(bool up) override { irq_.set(up); }
    bool running() const override { return realized(); }
    IrqOut irq_;
    std::unique_ptr<exec::MemoryRegion> ports_;
};

struct Ne2kPciConfig : PciConfig {
    std::string mac, netdev;
    std::int32_t bootindex = -1;
};
struct Ne2kPciState {
    PciState dev;
    Dp8390State chip;
};

class Ne2kPci final : public PciDeviceOf<Ne2kPciConfig, Ne2kPciState>, private Dp8390 {
public:
    Ne2kPci();
    const vmstate::Table& vmstate() const override;
    net::Card& card() { return *this; }

protected:
    Result<void> realize_chip(Platform&) override;
    void chip_reset() override { reset_chip(); }

private:
    void set_irq(bool up) override { set_intx(up); }
    bool running() const override { return realized(); }
    std::unique_ptr<exec::MemoryRegion> ports_;
};
extern const PciDeviceType ne2k_pci_type;

}  // namespace hw
