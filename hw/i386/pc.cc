// SPDX-License-Identifier: GPL-2.0-or-later
#include "hw/i386/pc.h"

#include <algorithm>
#include <fstream>
#include <iterator>

#include "hw/audio/pcspk.h"
#include "hw/block/fdc.h"
#include "hw/char/parallel.h"
#include "hw/char/serial-isa.h"
#include "hw/core/devices.h"
#include "hw/core/reset.h"
#include "hw/core/system-requests.h"
#include "hw/display/vga-pci.h"
#include "hw/dma/i8257.h"
#include "hw/i2c/smbus-eeprom.h"
#include "hw/i386/cpu-types.h"
#include "hw/i386/pc-cmos.h"
#include "hw/i386/pc-fw-cfg.h"
#include "hw/i386/pc-rtc.h"
#include "hw/i386/vmmouse.h"
#include "hw/i386/vmport.h"
#include "hw/ide/piix.h"
#include "hw/input/i8042.h"
#include "hw/isa/isa-bus.h"
#include "hw/isa/piix3.h"
#include "hw/misc/port92.h"
#include "hw/smbios/smbios.h"
#include "hw/timer/i8254.h"
#include "qapi/context.h"
#include "qapi/qapi-types-run-state.h"

namespace hw {

namespace {

// What SeaBIOS takes from the end of low memory for its tables, and a margin: an initrd goes below
// it.
constexpr std::uint32_t firmware_reserve = 0x28000;

Result<std::vector<std::uint8_t>> read_file(const std::string& name, std::string_view what) {
    std::ifstream in(name, std::ios::binary);
    if (!in)
        return fail("could not open {} '{}': {}", what, name,
                    fail_errno(errno, "").description().substr(2));
    return std::vector<std::uint8_t>(std::istreambuf_iterator<char>(in), {});
}

/// As CMOS byte 10h counts them.
std::uint8_t bios_floppy_type(FloppyType type) {
    switch (type) {
        case FloppyType::F144: return 4;
        case FloppyType::F288: return 5;
        case FloppyType::F120: return 2;
        default: return 0;
    }
}

bool on(qom::OnOffAuto choice) {
    return choice != qom::OnOffAuto::Off;
}

}  // namespace

PcMachine::PcMachine(const MachineType& type) : Machine(type) {}

PcMachine::~PcMachine() = default;

template <class D, class... A>
Result<D*> PcMachine::plug_isa(A&&... arguments) {
    auto device = std::make_unique<D>(std::forward<A>(arguments)...);
    D* plain = device.get();
    add_unattached(*device);
    TRY(isa_->plug(std::move(device), *platform_));
    return plain;
}

Result<void> PcMachine::build(Platform& platform, accel::Accelerator& accelerator,
                              const MachineConfig& config) {
    platform_ = &platform;
    accelerator_ = &accelerator;
    config_ = &config;
    if (options_.usb)
        return fail("usb=on is not supported: this program has no USB controller yet");
    TRY(memory_.build(platform, config, options_.max_ram_below_4g));
    TRY(make_cpus(config));
    fw_cfg_ = std::make_unique<FwCfg>();
    add_child("fw_cfg", *fw_cfg_);
    TRY(fw_cfg_->bring_up(platform));
    platform.services.provide<FwCfg>(*fw_cfg_);
    platform.services.provide<FirmwareFiles>(*this);
    TRY(make_bridges());
    TRY(memory_.map_firmware(platform, config, host_->pci_memory(), false));
    memory_.map_smram(platform, host_->smram());
    TRY(make_interrupt_controllers());
    if (config.vga == "std" || (config.vga.empty() && config.default_devices)) {
        auto vga = std::make_unique<VgaPci>();
        add_unattached(*vga);
        TRY(host_->bus().plug(std::move(vga), platform));
    }
    TRY(make_isa_devices(config));
    TRY(make_pci_devices(config));
    return {};
}

Result<void> PcMachine::make_cpus(const MachineConfig& c) {
    std::string warnings;
    auto model = TRY(i386::parse_cpu_model(
        c.cpu_model.empty() ? std::string(model_of_cpu_type(board().default_cpu_type))
                            : c.cpu_model,
        warnings));
    // What the default model lacks here is documented; what a user asked for is worth a line.
    if (!warnings.empty() && !c.cpu_model.empty()) platform_->log.write(warnings);
    model.cores = c.smp.cores;
    model.threads = c.smp.threads;
    model.cpus = c.smp.max_cpus;
    const DeviceType* type = cpu_type_of(model.name);
    for (unsigned i = 0; i < c.smp.cpus; i++) {
        X86Cpu::Wiring wiring{
            .index = i,
            .apic_id = i,
            .memory = &platform_->memory_space,
            .smm_memory = on(options_.smm) ? &memory_.smm_space() : nullptr,
            .apic_bus = model.features.has(i386::Feature::apic) ? &apic_bus_ : nullptr,
            .ferr = [this] { set_gsi(13, 1); },
            .polls_at_reset = on(options_.pit) && options_.hpet};
        if (i == 0)
            wiring.before_apic = [this]() -> Result<void> {
                vapic_ = std::make_unique<KvmVapic>();
                add_unattached(*vapic_);
                return vapic_->bring_up(*platform_);
            };
        auto cpu = std::make_unique<X86Cpu>(*type, *accelerator_, model, std::move(wiring));
        add_unattached(*cpu);
        TRY(cpu->bring_up(*platform_));
        cpus_.push_back(std::move(cpu));
    }
    apic_window_ = LocalApic::make_window(platform_->memory, apic_bus_);
    platform_->system_memory.add_subregion(0xfee00000, *apic_window_, 4096);
    accelerator_->on_device_access([this](unsigned index) {
        apic_bus_.set_current(cpus_[index]->apic());
        accessing_cpu_.cpu = cpus_[index].get();
    });
    platform_->services.provide<CurrentCpuRegisters>(accessing_cpu_);
    accelerator_->on_triple_fault([this] {
        platform_->services.get<SystemRequests>().request_reset(qapi::ShutdownCause::guest_reset);
    });
    return {};
}

bool PcMachine::AccessingCpu::get(Registers& r) {
    if (!cpu) return false;
    const auto& regs = cpu->cpu().s.regs;
    r = {u32(regs[i386::rax]), u32(regs[i386::rbx]), u32(regs[i386::rcx]),
         u32(regs[i386::rdx]), u32(regs[i386::rsi]), u32(regs[i386::rdi])};
    return true;
}

void PcMachine::AccessingCpu::set(const Registers& r) {
    auto& regs = cpu->cpu().s.regs;
    regs[i386::rbx] = r.ebx;
    regs[i386::rcx] = r.ecx;
    regs[i386::rdx] = r.edx;
    regs[i386::rsi] = r.esi;
    regs[i386::rdi] = r.edi;
}

Result<void> PcMachine::make_bridges() {
    host_ = std::make_unique<I440fxHost>();
    add_child("i440fx", *host_);
    host_->connect_ram(memory_.ram(), config_->ram_size);
    TRY(host_->bring_up(*platform_));
    auto piix3 = std::make_unique<Piix3>();
    piix3_ = piix3.get();
    auto isa = std::make_unique<IsaBus>(piix3_, host_->pci_memory(), platform_->system_io);
    isa_ = isa.get();
    std::array<IrqIn, IsaBus::irq_count> lines;
    for (unsigned i = 0; i < lines.size(); i++) {
        lines[i] = gsi(static_cast<int>(i));
        piix3_->isa_irq(i).connect(gsi(static_cast<int>(i)));
    }
    isa_->connect_irqs(lines);
    piix3_->carry(std::move(isa));
    add_unattached(*piix3_);
    // The DMA controllers are part of the bridge and come before its own section.
    auto* low = TRY(plug_isa<I8257>(DmaConfig{.base = 0x00, .page_base = 0x80, .dshift = 0}));
    auto* high = TRY(plug_isa<I8257>(DmaConfig{.base = 0xc0, .page_base = 0x88, .dshift = 1}));
    isa_->connect_dma(low, high);
    TRY(host_->bus().plug(std::move(piix3), *platform_));
    return {};
}

Result<void> PcMachine::make_interrupt_controllers() {
    if (!on(options_.pic)) return fail("pic=off is not supported");
    pic_master_ = TRY(plug_isa<I8259>(
        I8259Config{.iobase = 0x20, .elcr_addr = 0x4d0, .elcr_mask = 0xf8, .master = true}));
    pic_slave_ = TRY(plug_isa<I8259>(
        I8259Config{.iobase = 0xa0, .elcr_addr = 0x4d1, .elcr_mask = 0xde, .master = false}));
    pic_slave_->output().connect(pic_master_->input(2));
    pic_master_->connect_slave(*pic_slave_);
    pic_master_->output().connect(irq_in<&PcMachine::pic_interrupt>(*this, 0));
    for (auto& cpu : cpus_)
        cpu->connect_pic(*pic_master_);
    ioapic_ = std::make_unique<IoApic>(apic_bus_);
    host_->add_child("ioapic", *ioapic_);
    TRY(ioapic_->bring_up(*platform_));
    ioapic_->connect_pic(*pic_master_);
    return {};
}

Result<void> PcMachine::make_isa_devices(const MachineConfig& c) {
    if (options_.hpet) {
        hpet_ = std::make_unique<Hpet>();
        add_unattached(*hpet_);
        TRY(hpet_->bring_up(*platform_));
        for (int i = 0; i < gsi_count; i++)
            hpet_->output(static_cast<unsigned>(i)).connect(gsi(i));
    }
    auto rtc = std::make_unique<Rtc>();
    rtc_ = rtc.get();
    rtc_->set_source(TRY(rtc_source(c, platform_->clocks)));
    add_unattached(*rtc_);
    TRY(isa_->plug(std::move(rtc), *platform_));
    rtc_->chip().irq.connect(hpet_ ? hpet_->rtc_input() : gsi(8));

    if (on(options_.pit)) {
        auto* pit = TRY(plug_isa<IsaPit>(IsaPitConfig{.iobase = 0x40}));
        pit->chip().irq.connect(gsi(0));
        if (hpet_) hpet_->pit_enable().connect(pit->irq_enable());
        auto speaker = std::make_unique<PcSpeaker>();
        speaker->connect_pit(pit->chip());
        add_unattached(*speaker);
        TRY(isa_->plug(std::move(speaker), *platform_));
    }
    for (unsigned i = 0; i < IsaSerial::max_ports; i++) {
        const auto& label = i < c.serial_chardevs.size() ? c.serial_chardevs[i] : std::string();
        if (label.empty()) continue;
        auto serial = std::make_unique<IsaSerial>();
        auto& port = *static_cast<IsaSerialConfig*>(serial->config());
        port.index = i;
        port.chardev = label;
        add_unattached(*serial);
        TRY(isa_->plug(std::move(serial), *platform_));
    }
    for (unsigned i = 0; i < IsaParallel::max_ports; i++) {
        const auto& label = i < c.parallel_chardevs.size() ? c.parallel_chardevs[i] : std::string();
        if (label.empty()) continue;
        auto parallel = std::make_unique<IsaParallel>();
        auto& port = *static_cast<ParallelConfig*>(parallel->config());
        port.index = i;
        port.chardev = label;
        add_unattached(*parallel);
        TRY(isa_->plug(std::move(parallel), *platform_));
    }
    fdc_ = TRY(plug_isa<IsaFdc>());
    if (options_.i8042) {
        i8042_ = TRY(plug_isa<I8042>());
        i8042_->keyboard_irq().connect(gsi(1));
        i8042_->mouse_irq().connect(gsi(12));
        i8042_->a20().connect(irq_in<&PcMachine::set_a20>(*this, 0));
        i8042_->reset_request().connect(irq_in<&PcMachine::reset_pin>(*this, 0));
        if (on(options_.vmport)) {
            auto* vmport = TRY(plug_isa<Vmport>());
            vmport->set_ram_size(memory_.below_4g());
            auto vmmouse = std::make_unique<Vmmouse>();
            vmmouse->connect(*vmport, *i8042_);
            add_unattached(*vmmouse);
            TRY(isa_->plug(std::move(vmmouse), *platform_));
        }
        port92_ = TRY(plug_isa<Port92>());
        port92_->a20().connect(irq_in<&PcMachine::set_a20>(*this, 1));
        port92_->reset_request().connect(irq_in<&PcMachine::reset_pin>(*this, 1));
    }
    return {};
}

Result<void> PcMachine::make_pci_devices(const MachineConfig&) {
    auto ide = std::make_unique<PiixIde>(piix3_ide_type);
    ide->pci_config().addr.devfn = 1 << 3 | 1;
    ide->channel(0).irq().connect(gsi(14));
    ide->channel(1).irq().connect(gsi(15));
    add_unattached(*ide);
    TRY(host_->bus().plug(std::move(ide), *platform_));
    if (on(options_.acpi)) TRY(make_power_management());
    return {};
}

Result<void> PcMachine::make_power_management() {
    auto pm = std::make_unique<Piix4Pm>();
    pm_ = pm.get();
    pm->pci_config().addr.devfn = 1 << 3 | 3;
    pm->settings().smm_enabled = on(options_.smm);
    std::vector<CpuHotplug::Processor> processors;
    for (unsigned i = 0; i < config_->smp.max_cpus; i++)
        processors.push_back({i, i < config_->smp.cpus});
    pm->connect_processors(std::move(processors));
    pm->connect_sci(gsi(acpi_facts().sci));
    pm->smi().connect(irq_in<&PcMachine::smi_pin>(*this, 0));
    add_unattached(*pm);
    TRY(host_->bus().plug(std::move(pm), *platform_));
    // One EEPROM for each of eight memory modules that are not there: all zero.
    constexpr u8 first_eeprom = 0x50;
    for (u8 i = 0; i < 8; i++) {
        auto eeprom = std::make_unique<SmbusEeprom>(u8(first_eeprom + i));
        add_unattached(*eeprom);
        TRY(pm_->smbus().plug(std::move(eeprom), *platform_));
    }
    return {};
}

AcpiFacts PcMachine::acpi_facts() const {
    AcpiFacts f;
    for (unsigned i = 0; i < config_->smp.max_cpus; i++)
        f.processors.push_back({i, i < config_->smp.cpus});
    f.ram_below_4g = memory_.below_4g();
    f.ram_above_4g = memory_.above_4g();
    f.hpet_id = hpet_ ? hpet_->block_id() : 0;
    f.keyboard = options_.i8042;
    for (const auto& device : isa_->devices()) {
        if (device->type_name() == "isa-serial") {
            const auto& port = *static_cast<const IsaSerialConfig*>(device->config());
            f.serial_ports.push_back({u16(port.iobase), u8(port.irq)});
        }
        f.parallel_port |= device->type_name() == "isa-parallel";
        f.floppy |= device->type_name() == "isa-fdc";
    }
    return f;
}

/// What the BIOS shows of the machine to its guests.
Result<void> PcMachine::add_smbios() {
    SmbiosFacts f;
    f.product = board().description;
    f.version = board().machine_name;
    const auto& smp = config_->smp;
    f.sockets = std::max(1u, smp.sockets);
    f.cores_per_socket = std::max(1u, smp.cores * std::max(1u, smp.dies));
    f.threads_per_socket = f.cores_per_socket * std::max(1u, smp.threads);
    const auto leaf = cpus_[0]->cpu().cpuid(1, 0);
    f.cpuid_1_eax = leaf[0];
    f.cpuid_1_edx = leaf[3];
    const auto uuid = uuid_bytes(config_->uuid);
    std::copy_n(uuid.begin(), f.uuid.size(), f.uuid.begin());
    f.ram_below_4g = memory_.below_4g();
    f.ram_above_4g = memory_.above_4g();
    SmbiosTables tables = build_smbios_tables(f);
    TRY(fw_cfg_->add_file("etc/smbios/smbios-tables", std::move(tables.tables)));
    return fw_cfg_->add_file("etc/smbios/smbios-anchor", std::move(tables.anchor));
}

Result<void> PcMachine::finish() {
    TRY(fill_fw_cfg(*fw_cfg_, *config_, memory_, {.hpet = hpet_.get()}));
    fill_cmos(rtc_->chip(), *config_, memory_,
              {bios_floppy_type(fdc_->drive_type(0)), bios_floppy_type(fdc_->drive_type(1))});
    TRY(add_smbios());
    TRY(fw_cfg_->add_file("genroms/kvmvapic.bin", KvmVapic::option_rom()));
    if (pm_) {
        TRY(fw_cfg_->add_file("etc/tpm/log", {}));
        acpi_build_.emplace(*fw_cfg_, [this] { return acpi_facts(); });
        TRY(acpi_build_->install(platform_->states));
    }
    if (!config_->kernel.empty()) TRY(load_kernel());
    return {};
}

Result<void> PcMachine::load_kernel() {
    const auto kernel = TRY(read_file(config_->kernel, "kernel file"));
    std::vector<std::uint8_t> initrd;
    if (!config_->initrd.empty()) initrd = TRY(read_file(config_->initrd, "initrd"));
    auto image =
        prepare_linux_image(kernel, initrd, config_->append, memory_.below_4g(), firmware_reserve);
    if (!image)
        return std::move(image).error().prepend(fmt::format("-kernel {}: ", config_->kernel));
    auto rom = TRY(read_firmware(*config_, "linuxboot_dma.bin"));
    return add_kernel(*fw_cfg_, *image, std::move(rom));
}

void PcMachine::reset() {
    a20_sources_ = {1, 1};
    std::vector<Device*> devices{fw_cfg_.get(), host_.get(), ioapic_.get()};
    if (hpet_) devices.push_back(hpet_.get());
    if (vapic_) devices.push_back(vapic_.get());
    if (acpi_build_) acpi_build_->reset();
    hw::reset(devices, {});
    if (auto* others = platform_->services.find<Devices>()) others->reset_loose();
    for (auto& cpu : cpus_)
        cpu->hold_reset();
}

Result<std::vector<u8>> PcMachine::read_rom(const std::string& name) {
    return read_firmware(*config_, name);
}

std::vector<Bus*> PcMachine::buses() {
    // The whole tree, a bus before what hangs on it, and of siblings the last one first: so
    // QEMU 7.2 looks for a place.
    std::vector<Bus*> all;
    auto collect = [&](Bus& bus, auto& self) -> void {
        all.push_back(&bus);
        for (auto device = bus.devices().rbegin(); device != bus.devices().rend(); ++device) {
            const auto buses = (*device)->child_buses();
            for (std::size_t i = buses.size(); i-- > 0;)
                self(*buses[i], self);
        }
    };
    collect(host_->bus(), collect);
    return all;
}

bool PcMachine::press_power_button() {
    if (!pm_) return false;
    pm_->acpi().press_power_button();
    return true;
}

void PcMachine::wake_up() {
    if (pm_) pm_->acpi().wake_up(0);
}

void PcMachine::inject_nmi() {
    for (auto& cpu : cpus_)
        cpu->set_nmi_pin();
}

void PcMachine::set_gsi(int n, int level) {
    if (n < static_cast<int>(IsaBus::irq_count)) {
        if (n < 8)
            pic_master_->input(n).set(level);
        else
            pic_slave_->input(n - 8).set(level);
    }
    if (ioapic_) ioapic_->input(n).set(level);
}

void PcMachine::pic_interrupt(int, int level) {
    for (auto& cpu : cpus_)
        cpu->set_intr(level);
}

void PcMachine::set_a20(int source, int level) {
    // Either the keyboard controller or port 92h may open the gate; the last one to speak decides.
    a20_sources_[static_cast<std::size_t>(source)] = level;
    for (auto& cpu : cpus_)
        cpu->set_a20(level);
}

void PcMachine::smi_pin(int, int level) {
    if (level) cpus_[0]->cpu().request(i386::request_smi), cpus_[0]->vcpu().kick();
}

void PcMachine::reset_pin(int, int level) {
    if (level)
        platform_->services.get<SystemRequests>().request_reset(qapi::ShutdownCause::guest_reset);
}

}  // namespace hw
