// SPDX-License-Identifier: GPL-2.0-or-later
//
// Intel 82441FX PMC ("440FX"): the host bridge of the PC. Two objects: the bridge on the system
// side, which carries PCI bus 0, and its PCI function 00.0, whose registers steer what lies between
// A0000h and FFFFFh.
// Data sheet: Intel 440FX PCIset, 82441FX PCI and memory controller (PMC), May 1996, order 290549.
#pragma once

#include <array>
#include <memory>
#include <vector>

#include "hw/pci/pci-bus.h"
#include "hw/pci/pci-device.h"
#include "hw/pci/pci-host.h"

namespace hw {

class I440fx;

struct I440fxHostConfig {
    std::uint64_t pci_hole64_size = std::uint64_t{2} << 30;
    std::uint32_t short_root_bus = 0;
    bool x_pci_hole64_fix = true;
    bool x_config_reg_migration_enabled = true;
    bool bypass_iommu = false;
};

class I440fxHost final : public Device {
public:
    I440fxHost();
    ~I440fxHost() override;
    void* config() override { return &config_; }
    I440fxHostConfig& settings() { return config_; }

    /// The board's memory: `ram` is the whole of guest RAM from address 0. Before bring_up().
    void connect_ram(exec::MemoryRegion& ram, std::uint64_t size) { ram_ = &ram, ram_size_ = size; }

    PciBus& bus() { return static_cast<PciBus&>(*buses_[0]); }
    I440fx& function() { return *function_; }
    /// What PCI memory cycles reach; firmware ROMs are put here too.
    exec::MemoryRegion& pci_memory() { return *pci_memory_; }
    /// What lies over system memory for a CPU in system management mode.
    exec::MemoryRegion& smram();

    void hold_reset() override { ports_.reset(); }
    std::span<const std::unique_ptr<Bus>> child_buses() const override { return buses_; }

protected:
    Result<void> realize(Platform&) override;

private:
    I440fxHostConfig config_;
    exec::MemoryRegion* ram_ = nullptr;
    std::uint64_t ram_size_ = 0;
    std::unique_ptr<exec::MemoryRegion> pci_memory_;
    PciConfigPorts ports_;
    std::vector<std::unique_ptr<Bus>> buses_;
    I440fx* function_ = nullptr;
};

struct I440fxState {
    PciState dev;
};

class I440fx final : public PciDeviceOf<PciConfig, I440fxState> {
public:
    I440fx();

    struct Wiring {
        exec::MemoryRegion* ram = nullptr;
        std::uint64_t ram_size = 0;
        exec::MemoryRegion* pci_memory = nullptr;
    };
    void connect(const Wiring& w) { wiring_ = w; }
    exec::MemoryRegion& smram() { return *smram_; }

    const vmstate::Table& vmstate() const override;

protected:
    Result<void> realize_chip(Platform&) override;
    void chip_reset() override;
    void config_written(unsigned address, unsigned size) override;
    void chip_loaded(int) override { update_memory(); }

private:
    /// One of the thirteen areas of BIOS shadow RAM.
    struct Shadow {
        std::unique_ptr<exec::MemoryRegion> ram, rom, pci;
    };
    void update_memory();

    Wiring wiring_;
    std::array<Shadow, 13> shadow_;
    std::unique_ptr<exec::MemoryRegion> low_pci_;            // VGA memory hides RAM at A0000h
    std::unique_ptr<exec::MemoryRegion> smram_, smram_low_;  // for SMM: RAM at A0000h
};

extern const DeviceType i440fx_host_type;
extern const PciDeviceType i440fx_type;
/// Every type of this folder.
std::span<const DeviceType* const> pci_host_types();

}  // namespace hw
