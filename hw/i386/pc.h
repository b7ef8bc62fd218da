// SPDX-License-Identifier: GPL-2.0-or-later
//
// The PC: with i440FX and PIIX3 behind `-machine pc`, or with an ISA bus and nothing else behind
// `-machine isapc`. The order in which it makes its devices is the order of their sections in a
// stream, so it is part of the wire format.
//
// In files: pc.cc processors, interrupts and reset, pc-devices.cc the devices, pc-nics.cc network
// cards, pc-firmware.cc what
// the firmware finds, pc-types.cc the versions.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "exec/address-space.h"
#include "hw/acpi/acpi-build.h"
#include "hw/acpi/piix4.h"
#include "hw/core/devices.h"
#include "hw/core/firmware-files.h"
#include "hw/core/machine.h"
#include "hw/i386/kvmvapic.h"
#include "hw/i386/pc-memory.h"
#include "hw/i386/vmport.h"
#include "hw/i386/x86-cpu.h"
#include "hw/intc/apic-bus.h"
#include "hw/intc/i8259.h"
#include "hw/intc/ioapic.h"
#include "hw/intc/timer-path.h"
#include "hw/isa/isa-bus.h"
#include "hw/mem/device-memory.h"
#include "hw/nvram/fw_cfg.h"
#include "hw/pci-host/i440fx.h"
#include "hw/rtc/mc146818rtc.h"
#include "hw/timer/hpet.h"

namespace hw {

class I8042;
class IsaFdc;
class Piix3;
class Port92;

/// What differs between the boards and between their versions, beyond the properties of devices.
struct PcMachineType : MachineType {
    bool has_pci = true;
    std::string_view firmware = "bios-256k.bin";
    bool acpi_tables = true;
    bool smbios_files = true;
    /// Physical addresses just below 1 TiB are kept free, as AMD's processors want it.
    bool reserves_hypertransport = true;
    bool memory_hotplug = true;
    /// Room for each module to stand at a GiB boundary.
    bool slack_for_modules = true;
    /// The range for modules is what firmware must not use, not its beginning alone.
    bool reserves_device_memory = true;
    /// Slots, or room for more memory, make a NUMA node of what there is.
    bool numa_with_slots = true, numa_with_maxmem = true;
    /// The SMBus controller is part of the saved state.
    bool saves_smbus = true;
};

struct PcOptions : MachineOptions {
    qom::OnOffAuto acpi = qom::OnOffAuto::Auto;
    qom::OnOffAuto smm = qom::OnOffAuto::Auto;
    qom::OnOffAuto vmport = qom::OnOffAuto::Auto;
    qom::OnOffAuto pit = qom::OnOffAuto::Auto;
    qom::OnOffAuto pic = qom::OnOffAuto::Auto;
    bool hpet = true;
    bool smbus = true;
    bool sata = true;  // for boards that have it; accepted and without effect on this one
    bool i8042 = true;
    bool nvdimm = false;
    std::string nvdimm_persistence;
    bool hmat = false;  // a table about memory nodes, of which there are none
    bool default_bus_bypass_iommu = false;
    std::string pcspk_audiodev;
    std::uint64_t max_ram_below_4g = 0;  // 0: the board's own limit
};

class PcMachine final : public Machine, private FirmwareFiles, private CpuBoard {
public:
    explicit PcMachine(const PcMachineType& type);
    ~PcMachine() override;
    void* config() override { return &options_; }

    Result<void> assemble(Platform&, accel::Accelerator&, const MachineConfig&) override;
    Result<void> finish() override;
    void reset() override;
    std::vector<Bus*> buses() override;
    Result<void> set_boot_devices(const std::string& letters) override;
    bool press_power_button() override;
    void fall_asleep() override;
    bool may_wake(WakeupReason) const override;
    void wake_up(WakeupReason) override;
    void inject_nmi() override;
    Result<std::vector<u8>> read_rom(const std::string& name) override;

    const DeviceMemory& device_memory() const { return *device_memory_; }
    FwCfg& fw_cfg() { return *fw_cfg_; }

    // Ports that no chip has: the code display of the power-on self test, and the acknowledgement
    // of the coprocessor's error (IBM PC/AT Technical Reference, "I/O Address Map").
    u64 bare_port_read(u64, unsigned) { return ~u64{0}; }
    void display_code(u64, u64, unsigned) {}
    void clear_ferr(u64, u64, unsigned) { set_gsi(13, 0); }

private:
    static constexpr int gsi_count = IoApicState::pins;

    const PcMachineType& facts() const { return static_cast<const PcMachineType&>(type()); }
    Result<i386::CpuModel> cpu_model(const MachineConfig&) const;
    Result<void> make_device_memory(const MachineConfig&);
    /// The first address behind all memory that there is or may be, at a GiB boundary.
    u64 end_of_memory() const;
    Result<void> check_physical_bits() const;
    Result<void> make_cpus(const MachineConfig&);
    X86Cpu::Wiring wiring_of(unsigned index);
    unsigned apic_id(unsigned index) const;
    X86Cpu* processor(unsigned index) const;
    void count_processors();
    // CpuBoard
    Result<X86Cpu::Wiring> find_place(X86Cpu&) override;
    void plugged(X86Cpu&) override;
    Result<void> request_unplug(X86Cpu&) override;
    void unplugged(X86Cpu&) override;
    void eject_processor(unsigned index);
    void take_out_processor(unsigned index);
    Result<void> make_bridges();
    Result<void> make_pci_host();
    Result<void> make_display(const MachineConfig&);
    Result<void> make_interrupt_controllers();
    Result<void> make_isa_devices(const MachineConfig&);
    Result<void> make_nics(const MachineConfig&);
    Result<void> make_ports(const MachineConfig&);
    Result<void> make_keyboard();
    void make_bare_ports();
    Result<void> make_ide();
    /// Those of -drive that are of this kind.
    Result<void> make_drives(std::string_view kind);
    Result<void> make_usb();
    Result<void> make_power_management();
    Result<void> add_smbios();
    AcpiFacts acpi_facts() const;
    Result<void> load_kernel();
    Result<void> add_boot_splash();
    Result<void> set_boot_order();
    void set_gsi(int gsi, int level);
    void set_a20(int source, int level);
    void pic_interrupt(int, int level);
    void reset_pin(int, int level);
    void smi_pin(int, int level);
    IrqIn gsi(int n) { return irq_in<&PcMachine::set_gsi>(*this, n); }
    /// The root of what -device may plug into.
    Bus& main_bus() { return host_ ? static_cast<Bus&>(host_->bus()) : static_cast<Bus&>(*isa_); }
    /// A device of the board, with the globals for its type set.
    template <class D, class... A>
    Result<std::unique_ptr<D>> make(A&&... arguments) {
        auto device = std::make_unique<D>(std::forward<A>(arguments)...);
        TRY(devices().apply_globals(*device));
        return device;
    }
    template <class D>
    Result<D*> plug(Bus& bus, std::unique_ptr<D> device) {
        D* plain = device.get();
        add_unattached(*device);
        TRY(bus.plug(std::move(device), *platform_));
        return plain;
    }
    template <class D, class... A>
    Result<D*> plug_isa(A&&... arguments) {
        auto device = TRY(make<D>(std::forward<A>(arguments)...));
        return plug(*isa_, std::move(device));
    }
    const Devices& devices() const;

    PcOptions options_;
    const MachineConfig* config_ = nullptr;
    Platform* platform_ = nullptr;
    accel::Accelerator* accelerator_ = nullptr;

    PcMemory memory_;
    std::unique_ptr<DeviceMemory> device_memory_;
    /// For the VMware port: the processor whose access is under way.
    struct AccessingCpu final : CurrentCpuRegisters {
        X86Cpu* cpu = nullptr;
        bool get(Registers&) override;
        void set(const Registers&) override;
    } accessing_cpu_;

    ApicBus apic_bus_;
    std::unique_ptr<exec::MemoryRegion> apic_window_;
    i386::CpuModel cpu_model_;
    std::vector<std::unique_ptr<X86Cpu>> own_cpus_;  // those of -smp
    std::vector<X86Cpu*> cpus_;                      // all there are, by index
    std::unique_ptr<FwCfg> fw_cfg_;
    std::unique_ptr<I440fxHost> host_;       // either
    std::unique_ptr<IsaBridge> isa_bridge_;  // or
    IsaBus* isa_ = nullptr;
    I8259 *pic_master_ = nullptr, *pic_slave_ = nullptr;
    std::unique_ptr<IoApic> ioapic_;
    std::optional<TimerPath> timer_path_;
    std::unique_ptr<Hpet> hpet_;
    Rtc* rtc_ = nullptr;
    I8042* i8042_ = nullptr;
    Port92* port92_ = nullptr;
    IsaFdc* fdc_ = nullptr;
    Piix4Pm* pm_ = nullptr;
    std::unique_ptr<KvmVapic> vapic_;
    std::optional<AcpiBuild> acpi_build_;
    unsigned resets_ = 0;   // the second one ends what -boot once= says
    std::string boot_rom_;  // the option ROM that starts what -kernel names
    std::array<int, 2> a20_sources_{1, 1};
    std::unique_ptr<exec::MemoryRegion> code_port_, ferr_port_;
};

extern const qom::Type pc_machine_base_type;
std::span<const MachineType* const> pc_machine_types();

}  // namespace hw
