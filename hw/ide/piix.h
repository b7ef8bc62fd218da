// SPDX-License-Identifier: GPL-2.0-or-later
//
// Function 1 of the PIIX3: two IDE channels at the PC's usual ports, with bus mastering.
// Data sheet: 82371FB (PIIX) and 82371SB (PIIX3), order 290550, section 2.3.
#pragma once

#include <array>
#include <memory>
#include <vector>

#include "hw/ide/bmdma.h"
#include "hw/ide/ide-channel.h"
#include "hw/ide/ide-drive.h"
#include "hw/pci/pci-device.h"

namespace hw {

struct PiixIdeState {
    PciState dev;
    std::array<BmdmaState, 2> bmdma;
    std::array<IdeBusState, 2> bus;
    std::array<IdeDriveState, 2> primary, secondary;
};

class PiixIde final : public PciDeviceOf<PciConfig, PiixIdeState> {
public:
    explicit PiixIde(const PciDeviceType& type);
    ~PiixIde() override;

    IdeChannel& channel(unsigned n) { return *channels_[n]; }
    /// "ide.0" and "ide.1".
    IdeBus& bus(unsigned n) { return static_cast<IdeBus&>(*buses_[n]); }
    std::span<const std::unique_ptr<Bus>> child_buses() const override { return buses_; }
    const vmstate::Table& vmstate() const override;

protected:
    Result<void> realize_chip(Platform&) override;
    void chip_reset() override;
    void pre_save(PiixIdeState&) override;
    void chip_loaded(int) override;

private:
    std::array<std::unique_ptr<IdeChannel>, 2> channels_;
    std::array<std::unique_ptr<Bmdma>, 2> engines_;
    std::array<std::unique_ptr<exec::MemoryRegion>, 2> command_, control_, registers_;
    std::unique_ptr<exec::MemoryRegion> bmiba_;
    std::vector<std::unique_ptr<Bus>> buses_;
};

extern const PciDeviceType piix3_ide_type, piix4_ide_type;
std::span<const DeviceType* const> ide_types();

}  // namespace hw
