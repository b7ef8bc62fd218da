// SPDX-License-Identifier: GPL-2.0-or-later
//
// "pvpanic-pci": pvpanic behind a byte of memory of a PCI function (docs/specs/pvpanic).
#pragma once

#include <memory>

#include "hw/core/int.h"
#include "hw/pci/pci-device.h"

namespace hw {

class SystemRequests;

struct PvpanicPciConfig : PciConfig {
    u8 events = 3;
};

struct PvpanicPciState {
    PciState dev;
};

class PvpanicPci final : public PciDeviceOf<PvpanicPciConfig, PvpanicPciState> {
public:
    PvpanicPci();
    const vmstate::Table& vmstate() const override;

    u64 read(u64, unsigned) { return config_.events; }
    void write(u64, u64 value, unsigned);

protected:
    Result<void> realize_chip(Platform&) override;

private:
    SystemRequests* requests_ = nullptr;
    std::unique_ptr<exec::MemoryRegion> registers_;
};

extern const PciDeviceType pvpanic_pci_type;

}  // namespace hw
