// SPDX-License-Identifier: GPL-2.0-or-later
//
// Intel 82371SB PIIX3, function 0: the PCI-to-ISA bridge. It routes the four PCI interrupt wires
// to ISA interrupts and holds the reset control register at port 0xCF9.
// Data sheet: 82371FB (PIIX) and 82371SB (PIIX3), April 1997, order 290550.
#pragma once

#include <array>
#include <memory>
#include <vector>

#include "hw/pci/pci-bus.h"
#include "hw/pci/pci-device.h"

namespace hw {

class SystemRequests;

struct Piix3Config : PciConfig {
    Piix3Config() { multifunction = true; }
};

struct Piix3State {
    PciState dev;
    std::array<std::int32_t, 4> pci_irq_levels{};  // the bus's wires, as older machines need them
    std::uint8_t rcr = 0;
};

class Piix3 final : public PciDeviceOf<Piix3Config, Piix3State> {
public:
    Piix3();

    /// ISA interrupt `n` as the bridge drives it for PCI.
    IrqOut& isa_irq(unsigned n) { return isa_irq_[n]; }
    /// The ISA bus behind the bridge. Before bring_up().
    void carry(std::unique_ptr<Bus> isa) { buses_.push_back(std::move(isa)); }

    void set_pirq(int wire, int level);

    std::uint64_t reset_control_read(exec::hwaddr, unsigned size);
    void reset_control_write(exec::hwaddr, std::uint64_t value, unsigned size);

    std::span<const std::unique_ptr<Bus>> child_buses() const override { return buses_; }
    const vmstate::Table& vmstate() const override;

protected:
    Result<void> realize_chip(Platform&) override;
    void chip_reset() override;
    void config_written(unsigned address, unsigned size) override;
    void pre_save(Piix3State&) override;
    void chip_loaded(int) override { driven_ = routed_levels(); }

private:
    std::uint16_t routed_levels() const;
    void drive(std::uint16_t levels);

    SystemRequests* requests_ = nullptr;  // who carries out a reset through port 0xCF9
    std::vector<std::unique_ptr<Bus>> buses_;
    std::unique_ptr<exec::MemoryRegion> reset_control_;
    std::array<IrqOut, 16> isa_irq_;
    std::uint16_t driven_ = 0;  // the outputs; follows from the bus and the route registers
};

extern const PciDeviceType piix3_type;

}  // namespace hw
