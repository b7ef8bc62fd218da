// SPDX-License-Identifier: GPL-2.0-or-later
//
// "i82801b11-bridge": the PCI bridge of Intel's I/O controller hubs (ICH9 data sheet 316972,
// chapter 11).
#pragma once

#include "hw/pci/pci-bridge.h"

namespace hw {

struct I82801b11State {
    PciState dev;
};

class I82801b11 final : public PciBridgeOf<PciConfig, I82801b11State> {
public:
    I82801b11();
    const vmstate::Table& vmstate() const override;

protected:
    Result<void> realize_bridge(Platform&) override;
};

extern const PciDeviceType i82801b11_type;

}  // namespace hw
