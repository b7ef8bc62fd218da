// SPDX-License-Identifier: GPL-2.0-or-later
//
// Configuration mechanism #1: an address register at port 0xCF8 and a window at 0xCFC (PCI Local
// Bus Specification 3.0, section 3.2.2.3.2).
#pragma once

#include <cstdint>
#include <memory>

#include "exec/memory.h"
#include "migration/vmstate/owner.h"

namespace hw {

class PciBus;

struct PciHostState {
    std::uint32_t config_reg = 0;
};

class PciConfigPorts : public vmstate::Stateful<PciHostState> {
public:
    /// CONFIG_ADDRESS and CONFIG_DATA, four ports each, for cycles on `bus`.
    void create(exec::MemoryMap&, exec::MemoryRegion& io, std::uint16_t address_port,
                std::uint16_t data_port, PciBus& bus);
    void reset() { state_ = {}; }
    /// Before QEMU 5.1 the address register was no part of a stream, though its section's number
    /// was taken.
    void set_saved(bool saved) { saved_ = saved; }
    bool needed() const override { return saved_; }

    const vmstate::Table& vmstate() const override;

    std::uint64_t address_read(exec::hwaddr, unsigned size);
    void address_write(exec::hwaddr, std::uint64_t value, unsigned size);
    std::uint64_t data_read(exec::hwaddr offset, unsigned size);
    void data_write(exec::hwaddr offset, std::uint64_t value, unsigned size);

private:
    PciBus* bus_ = nullptr;
    bool saved_ = true;
    std::unique_ptr<exec::MemoryRegion> address_port_, data_port_;
};

}  // namespace hw
