// SPDX-License-Identifier: GPL-2.0-or-later
//
// One PCI function: its configuration space, base address registers, interrupt pin, capabilities,
// option ROM and bus mastering. A chip derives from PciDeviceOf<Config, State>, whose State begins
// with the PciState that QEMU's wire format calls "PCIDevice".
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>

#include "exec/address-space.h"
#include "exec/memory.h"
#include "hw/core/device.h"
#include "hw/core/irq.h"
#include "hw/pci/msix.h"
#include "hw/pci/pci-regs.h"

namespace hw {

class PciBus;

/// What never changes about a function; the data sheet's ID registers.
struct PciDeviceType : DeviceType {
    std::uint16_t vendor = 0, device = 0;
    std::uint8_t revision = 0;
    std::uint16_t device_class = 0;  // base class and sub-class
    std::uint8_t interface = 0;
    std::uint16_t subsystem_vendor = 0x1af4, subsystem = 0x1100;
    std::string_view romfile{};
};

/// "addr=": a slot, or slot.function; -1 = the first free slot.
struct PciAddress {
    std::int32_t devfn = -1;
};

/// The properties every function has. A chip's Config derives from it.
struct PciConfig {
    PciAddress addr;
    std::string romfile;
    std::uint32_t romsize = 0xffffffff;
    std::uint32_t rombar = 1;
    bool multifunction = false;
    bool x_pcie_lnksta_dllla = true;
    bool x_pcie_extcap_init = true;
    std::string failover_pair_id;
    std::uint32_t acpi_index = 0;
};

/// The parent of all PCI device types: carries the properties above.
extern const qom::Type pci_device_type;
/// It, the bus, and the abstract types between it and the chips.
std::span<const qom::Type* const> pci_base_types();

struct PciState {
    std::int32_t version_id = 2;
    std::array<std::uint8_t, 256> config{};
    /// 1 while the function asserts that pin.
    std::array<std::uint32_t, pci::interrupt_pins> irq_state{};
};
/// "PCIDevice", the first struct of every function's section.
extern const vmstate::Table pci_device_table;

class PciDevice : public Device {
public:
    explicit PciDevice(const PciDeviceType& type);
    ~PciDevice() override;

    const PciDeviceType& pci_type() const { return static_cast<const PciDeviceType&>(type()); }
    unsigned devfn() const { return devfn_; }
    PciBus& pci_bus() const;
    virtual PciConfig& pci_config() = 0;
    virtual PciState& pci_state() = 0;
    const PciState& pci_state() const { return const_cast<PciDevice*>(this)->pci_state(); }

    /// Configuration cycles of 1, 2 or 4 bytes inside the space.
    virtual std::uint32_t config_read(unsigned address, unsigned size);
    virtual void config_write(unsigned address, std::uint32_t value, unsigned size);

    /// Bus mastering; refused (MemTx::DecodeError) while the command register forbids it.
    exec::MemTx dma_read(exec::hwaddr, std::span<std::uint8_t>);
    exec::MemTx dma_write(exec::hwaddr, std::span<const std::uint8_t>);
    bool bus_master() const { return config16(pci::command) & pci::command_master; }

    struct Bar {
        std::uint8_t type = 0;  // the low bits of the register
        std::uint64_t size = 0;
        exec::MemoryRegion* region = nullptr;
        exec::MemoryRegion* space = nullptr;
        static constexpr std::uint64_t unmapped = ~std::uint64_t{0};
        std::uint64_t address = unmapped;
    };
    const Bar& bar(unsigned n) const { return bars_[n]; }

    void hold_reset() final;

    /// The bus behind it, if it is a bridge.
    virtual PciBus* secondary() const { return nullptr; }

    /// Drives the function's interrupt pin.
    void set_intx(int level);
    bool has_intx() const { return pci_state().config[pci::interrupt_pin] != 0; }

    /// MSI (section 6.8.1). True when the driver turned it on; send one of its messages then.
    bool msi_enabled() const;
    void msi_notify(unsigned vector);
    /// Message control of the MSI-X capability; 0: there is none.
    std::uint16_t msix_control() const { return msix_ ? config16(msix_at_ + 2u) : 0; }

protected:
    /// Announces a register window or memory behind BAR `n`; its size is the region's, a power of
    /// two.
    void add_bar(unsigned n, std::uint8_t type, exec::MemoryRegion& region);
    /// Links a capability of `length` bytes at `at` in front of the list; all of it read-only.
    void add_capability(pci::Capability id, unsigned at, unsigned length);
    void add_msi(unsigned at, unsigned vectors, bool address64, bool maskable);
    /// The chip keeps the Msix, and saves its state.
    void add_msix(Msix&, unsigned at, unsigned vectors, Msix::Place table, Msix::Place pba);

    /// Makes it a bridge, before its BARs: a header of type 1, which keeps room for two of them.
    void make_bridge_header();
    void reset_bridge_header();

    /// The chip's part of a reset, after the header was put back.
    virtual void chip_reset() {}
    /// Called after a configuration write changed something (or may have).
    virtual void config_written(unsigned /*address*/, unsigned /*size*/) {}
    /// Realize of the chip; BARs are added here.
    virtual Result<void> realize_chip(Platform&) = 0;
    Result<void> realize(Platform&) final;

    std::uint16_t config16(unsigned at) const;
    std::uint32_t config32(unsigned at) const;
    void set_config16(unsigned at, std::uint16_t);
    void set_config32(unsigned at, std::uint32_t);

    /// What a guest may write, what it clears by writing ones, and what a loaded state must agree
    /// on.
    std::array<std::uint8_t, 256> writable_{}, write_one_clears_{}, checked_{};

    /// The two halves of loading, called by PciDeviceOf.
    Result<void> check_loaded(const PciState& loaded) const;
    void after_load();
    void update_mappings();

private:
    friend class PciBus;
    void init_config();
    Result<void> add_option_rom(Platform&);
    std::uint64_t decoded_address(unsigned n) const;
    unsigned bar_register(unsigned n) const;
    void show_interrupt();
    void reset_config();
    void reset_msi();
    bool msi_masked(unsigned vector) const;
    void msi_written(unsigned address, unsigned size);

    unsigned devfn_ = 0;
    std::array<Bar, pci::bar_count> bars_{};
    std::unique_ptr<exec::MemoryRegion> rom_;
    exec::RamBlock* rom_block_ = nullptr;
    std::uint8_t msi_at_ = 0, msix_at_ = 0;
    Msix* msix_ = nullptr;
};

/// A chip: `struct Config : PciConfig {...}`, `struct State { PciState dev; ... }`.
template <class Config, class State>
class PciDeviceOf : public PciDevice, public vmstate::Stateful<State> {
public:
    explicit PciDeviceOf(const PciDeviceType& type) : PciDevice(type) {}
    void* config() override { return &config_; }
    PciConfig& pci_config() override { return config_; }
    PciState& pci_state() override { return this->state_.dev; }
    using PciDevice::pci_state;
    vmstate::Owner* saved_state() override { return this; }

protected:
    /// The chip's own halves of loading.
    virtual Result<void> check_chip(const State&, int /*version*/) const { return {}; }
    virtual void chip_loaded(int /*version*/) {}

    Result<void> check_state(const State& loaded, int version) const final {
        TRY(check_loaded(loaded.dev));
        return check_chip(loaded, version);
    }
    void post_load(int version) final {
        after_load();
        chip_loaded(version);
    }

    Config config_{};
};

}  // namespace hw
