// SPDX-License-Identifier: GPL-2.0-or-later
//
// Intel 82371AB PIIX4, function 3: power management and SMBus, as the PC has it beside the PIIX3,
// with the ACPI hotplug blocks of the virtual board.
// Data sheet: 82371AB (PIIX4), April 1997, order 290562, chapter 7.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "hw/acpi/acpi-core.h"
#include "hw/acpi/cpu-hotplug.h"
#include "hw/acpi/memory-hotplug.h"
#include "hw/acpi/nvdimm-acpi.h"
#include "hw/acpi/ospm-status.h"
#include "hw/acpi/pci-hotplug.h"
#include "hw/i2c/pm-smbus.h"
#include "hw/pci/pci-bus.h"
#include "hw/pci/pci-device.h"

namespace hw {

class SystemRequests;

struct Piix4PmConfig : PciConfig {
    std::uint32_t smb_io_base = 0xb100;
    std::uint8_t disable_s3 = 0, disable_s4 = 0, s4_val = 2;
    bool pci_hotplug_with_bridges = true;
    bool root_pci_hotplug = true;
    bool memory_hotplug = true;
    bool smm_compat = false;
    bool smm_enabled = false;
    bool not_migrate_acpi_index = false;
    bool saves_smbus = true;  // the board's, no property
};

struct Piix4PmState {
    PciState dev;
    AcpiState ar;
    std::uint8_t apmc = 0, apms = 0;
    PmSmbusState smb;
    PciHotplugState pci_hotplug;
    MemoryHotplugState memory_hotplug;
    CpuHotplugState cpu_hotplug;
    // Which parts this machine's streams have; from the Config.
    bool has_bridges = true, has_memory_hotplug = true, has_acpi_index = true, has_smbus = true;
    bool has_memory_slots = false;
    // The CPU hotplug block still answers as it did before QEMU 2.7.
    bool cpu_hotplug_legacy = true;
};

/// Bit n: slot n of the bus is empty, or what is in it may be unplugged.
u32 removable_slots(const PciBus&);

class Piix4Pm final : public PciDeviceOf<Piix4PmConfig, Piix4PmState>,
                      private PciHotplugHandler,
                      private ModuleHandler,
                      private OspmStatus {
public:
    Piix4Pm();
    ~Piix4Pm() override;

    Piix4PmConfig& settings() { return config_; }
    /// The processors the board may have, for the hotplug block. Before bring_up().
    void connect_processors(std::vector<CpuHotplug::Processor> possible,
                            std::function<void(unsigned)> eject = {},
                            std::function<std::string(unsigned)> id = {}) {
        processors_ = std::move(possible);
        processor_id_ = std::move(id);
        eject_processor_ = std::move(eject);
    }
    /// Where memory modules are plugged in. Before bring_up().
    void connect_memory(DeviceMemory& memory, NvdimmPersistence persistence) {
        device_memory_ = &memory;
        persistence_ = persistence;
    }
    /// Null: this machine takes no nonvolatile modules.
    const NvdimmAcpi* nvdimm() const { return nvdimm_ ? &*nvdimm_ : nullptr; }
    /// The system control interrupt; connect it before bring_up().
    void connect_sci(IrqIn to) { sci_ = to; }
    AcpiCore& acpi() { return *acpi_; }
    IrqOut& smi() { return smi_; }
    std::vector<Pins> pins() const override { return {{"smi-irq", 0, 1}, {"", 0, 1}}; }
    /// Before a reset: devices that the guest was asked for and has not let go yet go now.
    void finish_unplugging();
    CpuHotplug& cpu_hotplug() { return *cpu_hotplug_; }
    I2cBus& smbus() { return static_cast<I2cBus&>(*buses_[0]); }
    std::span<const std::unique_ptr<Bus>> child_buses() const override { return buses_; }

    u64 event_read(u64 offset, unsigned);
    void event_write(u64 offset, u64 value, unsigned);
    u64 control_read(u64 offset, unsigned);
    void control_write(u64 offset, u64 value, unsigned);
    u64 timer_read(u64 offset, unsigned);
    void timer_write(u64, u64, unsigned) {}
    u64 gpe_read(u64 offset, unsigned);
    void gpe_write(u64 offset, u64 value, unsigned);
    u64 apm_read(u64 offset, unsigned);
    void apm_write(u64 offset, u64 value, unsigned);

    const vmstate::Table& vmstate() const override;
    std::unique_ptr<vmstate::Staged> blank() override;

protected:
    Result<void> realize_chip(Platform&) override;
    void chip_reset() override;
    void config_written(unsigned address, unsigned size) override;
    void pre_save(Piix4PmState&) override;
    void chip_loaded(int) override;

private:
    // PciHotplugHandler
    void plugged(PciDevice&) override;
    using Device::request_unplug;
    void request_unplug(PciDevice&) override;
    void eject(unsigned slot);
    // ModuleHandler
    void plugged(MemoryModule&) override;
    Result<void> request_unplug(MemoryModule&) override;
    void unplugged(MemoryModule&) override;
    void make_memory_hotplug(Platform&);
    // OspmStatus
    std::vector<qapi::ACPIOSTInfo> ospm_status() override;
    void tell(qapi::ACPIOSTInfo);
    qapi::ACPIOSTInfo processor_status(unsigned index) const;
    qapi::ACPIOSTInfo memory_slot_status(unsigned slot) const;
    void update_io_space();
    void make_regions(Platform&);
    bool port_taken(std::uint16_t port) const;

    std::vector<CpuHotplug::Processor> processors_;
    std::function<void(unsigned)> eject_processor_;
    std::function<std::string(unsigned)> processor_id_;  // empty: none
    IrqIn sci_;
    std::optional<AcpiCore> acpi_;
    std::optional<PmSmbus> smbus_;
    std::optional<PciHotplug> pci_hotplug_;
    std::optional<CpuHotplug> cpu_hotplug_;
    DeviceMemory* device_memory_ = nullptr;
    NvdimmPersistence persistence_ = NvdimmPersistence::Unsaid;
    std::optional<MemoryHotplug> memory_hotplug_;
    std::optional<NvdimmAcpi> nvdimm_;
    IrqOut smi_;
    SystemRequests* requests_ = nullptr;
    std::vector<std::unique_ptr<Bus>> buses_;
    std::unique_ptr<exec::MemoryRegion> pm_, event_, control_, timer_, gpe_, apm_, smb_, pci_,
        memory_, nvdimm_port_;
};

extern const PciDeviceType piix4_pm_type;
std::span<const DeviceType* const> piix4_types();

}  // namespace hw
