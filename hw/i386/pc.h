// SPDX-License-Identifier: GPL-2.0-or-later
//
// The PC with i440FX and PIIX3: the board behind `-machine pc`. The order in which it makes its
// devices is the order of their sections in a stream, so it is part of the wire format.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "exec/address-space.h"
#include "hw/acpi/acpi-build.h"
#include "hw/acpi/piix4.h"
#include "hw/core/firmware-files.h"
#include "hw/core/machine.h"
#include "hw/i386/kvmvapic.h"
#include "hw/i386/pc-memory.h"
#include "hw/i386/vmport.h"
#include "hw/i386/x86-cpu.h"
#include "hw/intc/apic-bus.h"
#include "hw/intc/i8259.h"
#include "hw/intc/ioapic.h"
#include "hw/nvram/fw_cfg.h"
#include "hw/pci-host/i440fx.h"
#include "hw/rtc/mc146818rtc.h"
#include "hw/timer/hpet.h"

namespace hw {

class I8042;
class IsaFdc;
class IsaBus;
class Piix3;
class Port92;

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
    std::uint64_t max_ram_below_4g = 0;  // 0: the board's own limit
};

class PcMachine final : public Machine, private FirmwareFiles {
public:
    explicit PcMachine(const MachineType& type);
    ~PcMachine() override;
    void* config() override { return &options_; }

    Result<void> build(Platform&, accel::Accelerator&, const MachineConfig&) override;
    Result<void> finish() override;
    void reset() override;
    std::vector<Bus*> buses() override;
    bool press_power_button() override;
    void wake_up() override;
    void inject_nmi() override;
    Result<std::vector<u8>> read_rom(const std::string& name) override;

    const std::vector<std::unique_ptr<X86Cpu>>& cpus() const { return cpus_; }
    FwCfg& fw_cfg() { return *fw_cfg_; }

private:
    static constexpr int gsi_count = IoApicState::pins;

    Result<void> make_cpus(const MachineConfig&);
    Result<void> make_bridges();
    Result<void> make_interrupt_controllers();
    Result<void> make_isa_devices(const MachineConfig&);
    Result<void> make_pci_devices(const MachineConfig&);
    Result<void> make_power_management();
    Result<void> add_smbios();
    AcpiFacts acpi_facts() const;
    Result<void> load_kernel();
    void set_gsi(int gsi, int level);
    void set_a20(int source, int level);
    void pic_interrupt(int, int level);
    void reset_pin(int, int level);
    void smi_pin(int, int level);
    IrqIn gsi(int n) { return irq_in<&PcMachine::set_gsi>(*this, n); }
    template <class D, class... A>
    Result<D*> plug_isa(A&&...);

    PcOptions options_;
    const MachineConfig* config_ = nullptr;
    Platform* platform_ = nullptr;
    accel::Accelerator* accelerator_ = nullptr;

    PcMemory memory_;
    /// For the VMware port: the processor whose access is under way.
    struct AccessingCpu final : CurrentCpuRegisters {
        X86Cpu* cpu = nullptr;
        bool get(Registers&) override;
        void set(const Registers&) override;
    } accessing_cpu_;

    ApicBus apic_bus_;
    std::unique_ptr<exec::MemoryRegion> apic_window_;
    std::vector<std::unique_ptr<X86Cpu>> cpus_;
    std::unique_ptr<FwCfg> fw_cfg_;
    std::unique_ptr<I440fxHost> host_;
    Piix3* piix3_ = nullptr;
    IsaBus* isa_ = nullptr;
    I8259 *pic_master_ = nullptr, *pic_slave_ = nullptr;
    std::unique_ptr<IoApic> ioapic_;
    std::unique_ptr<Hpet> hpet_;
    Rtc* rtc_ = nullptr;
    I8042* i8042_ = nullptr;
    Port92* port92_ = nullptr;
    IsaFdc* fdc_ = nullptr;
    Piix4Pm* pm_ = nullptr;
    std::unique_ptr<KvmVapic> vapic_;
    std::optional<AcpiBuild> acpi_build_;
    std::array<int, 2> a20_sources_{1, 1};
};

extern const qom::Type pc_machine_base_type;
std::span<const MachineType* const> pc_machine_types();

}  // namespace hw
