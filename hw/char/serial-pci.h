// SPDX-License-Identifier: GPL-2.0-or-later
//
// "pci-serial": a UART behind a PCI function of its own (docs/specs/pci-serial).
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "hw/char/serial.h"
#include "hw/pci/pci-device.h"

namespace hw {

struct PciSerialConfig : PciConfig {
    std::string chardev;
    u8 prog_if = 0x02;  // a 16550
};

struct PciSerialState {
    PciState dev;
    SerialState state;
};

class PciSerial final : public PciDeviceOf<PciSerialConfig, PciSerialState> {
public:
    PciSerial();
    const vmstate::Table& vmstate() const override;

    u64 io_read(u64 offset, unsigned size) { return chip_->io_read(offset, size); }
    void io_write(u64 offset, u64 value, unsigned size) { chip_->io_write(offset, value, size); }

protected:
    Result<void> realize_chip(Platform&) override;
    void chip_reset() override { chip_->reset(); }
    void pre_save(PciSerialState&) override {
        if (chip_) chip_->pre_save();
    }
    void chip_loaded(int) override { chip_->post_load(); }

private:
    void set_irq(int, int level) { set_intx(level); }
    std::optional<Serial> chip_;
    std::unique_ptr<exec::MemoryRegion> registers_;
};

extern const PciDeviceType pci_serial_type;

}  // namespace hw
