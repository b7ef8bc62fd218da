// SPDX-License-Identifier: GPL-2.0-or-later
//
// "pci-serial-2x" and "pci-serial-4x": several UARTs behind one PCI function, eight ports each, and
// one interrupt pin (docs/specs/pci-serial).
//
// QEMU 7.2 cannot save these (its process dies); here they are saved like "pci-serial", one UART
// after the other.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>

#include "hw/char/serial.h"
#include "hw/pci/pci-device.h"

namespace hw {

struct PciMultiSerialConfig : PciConfig {
    std::string chardev1, chardev2, chardev3, chardev4;
    u8 prog_if = 0x02;  // a 16550
};

struct PciMultiSerialState {
    static constexpr std::size_t most = 4;
    PciState dev;
    std::array<SerialState, most> state;
    std::array<u32, most> level{};  // of each UART's interrupt
    u32 ports = most;               // not saved: the type says
};

struct PciMultiSerialType : PciDeviceType {
    u32 ports = 0;
};

class PciMultiSerial final : public PciDeviceOf<PciMultiSerialConfig, PciMultiSerialState> {
public:
    explicit PciMultiSerial(const PciMultiSerialType& type);
    const vmstate::Table& vmstate() const override;

    u64 io_read(u64 offset, unsigned size);
    void io_write(u64 offset, u64 value, unsigned size);

protected:
    Result<void> realize_chip(Platform&) override;
    void chip_reset() override;
    void pre_save(PciMultiSerialState&) override;
    void chip_loaded(int) override;

private:
    void set_irq(int port, int level);

    std::array<std::optional<Serial>, PciMultiSerialState::most> chips_;
    std::unique_ptr<exec::MemoryRegion> registers_;
};

extern const PciMultiSerialType pci_serial_2x_type, pci_serial_4x_type;

}  // namespace hw
