// SPDX-License-Identifier: GPL-2.0-or-later
//
// The devices of the PC, in the order of their sections.
#include "hw/audio/pcspk.h"
#include "hw/block/fdc.h"
#include "hw/char/parallel.h"
#include "hw/char/serial-isa.h"
#include "hw/core/board-drives.h"
#include "hw/core/devices.h"
#include "hw/dma/i8257.h"
#include "hw/i2c/smbus-eeprom.h"
#include "hw/i386/pc-rtc.h"
#include "hw/i386/pc.h"
#include "hw/i386/vmmouse.h"
#include "hw/ide/isa.h"
#include "hw/ide/piix.h"
#include "hw/input/i8042.h"
#include "hw/isa/piix3.h"
#include "hw/misc/port92.h"
#include "hw/timer/i8254.h"
#include "hw/usb/uhci.h"
#include "qapi/context.h"

namespace hw {

namespace {

bool on(qom::OnOffAuto choice) {
    return choice != qom::OnOffAuto::Off;
}

/// -vga's words, and the device that each stands for on either bus.
struct Display {
    std::string_view word, pci, isa;
};
constexpr Display displays[] = {
    {"std", "VGA", "isa-vga"},
    {"cirrus", "cirrus-vga", "isa-cirrus-vga"},
};

Result<NvdimmPersistence> nvdimm_persistence(const std::string& word) {
    if (word.empty()) return NvdimmPersistence::Unsaid;
    if (word == "cpu") return NvdimmPersistence::Cpu;
    if (word == "mem-ctrl") return NvdimmPersistence::MemoryController;
    return fail("-machine nvdimm-persistence={}: unsupported option", word)
        .with_hint("it is cpu or mem-ctrl");
}

constexpr auto code_ops =
    exec::memory_ops<&PcMachine::bare_port_read, &PcMachine::display_code>({.impl = {1, 1}});
constexpr auto ferr_ops =
    exec::memory_ops<&PcMachine::bare_port_read, &PcMachine::clear_ferr>({.impl = {1, 1}});

}  // namespace

// ---- bridges ----------------------------------------------------------------------------------

Result<void> PcMachine::make_bridges() {
    std::unique_ptr<Piix3> piix3;
    if (facts().has_pci) {
        TRY(make_pci_host());
        piix3 = TRY(make<Piix3>());
        add_unattached(*piix3);
    } else {
        isa_bridge_ = TRY(make<IsaBridge>());
        add_unattached(*isa_bridge_);
    }
    Device* carrier = piix3 ? static_cast<Device*>(piix3.get()) : isa_bridge_.get();
    auto& memory = host_ ? host_->pci_memory() : platform_->system_memory;
    auto isa = std::make_unique<IsaBus>(carrier, memory, platform_->system_io);
    isa_ = isa.get();
    std::array<IrqIn, IsaBus::irq_count> lines;
    for (unsigned i = 0; i < lines.size(); i++) {
        lines[i] = gsi(static_cast<int>(i));
        if (piix3) piix3->isa_irq(i).connect(lines[i]);
    }
    isa_->connect_irqs(lines);
    platform_->services.provide<IsaBus>(*isa_);
    if (piix3)
        piix3->carry(std::move(isa));
    else
        isa_bridge_->carry(std::move(isa));
    // The DMA controllers are part of the bridge and come before its own section.
    auto* low = TRY(plug_isa<I8257>(DmaConfig{.base = 0x00, .page_base = 0x80, .dshift = 0}));
    auto* high = TRY(plug_isa<I8257>(DmaConfig{.base = 0xc0, .page_base = 0x88, .dshift = 1}));
    isa_->connect_dma(low, high);
    if (!piix3) return isa_bridge_->bring_up(*platform_);
    TRY(host_->bus().plug(std::move(piix3), *platform_));
    return {};
}

Result<void> PcMachine::make_pci_host() {
    host_ = TRY(make<I440fxHost>());
    add_child("i440fx", *host_);
    if (options_.default_bus_bypass_iommu) host_->settings().bypass_iommu = true;
    host_->connect_ram(memory_.ram(), config_->ram_size);
    TRY(host_->bring_up(*platform_));
    memory_.map_smram(*platform_, host_->smram());
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
    if (!host_) {
        timer_path_.emplace(*pic_master_, nullptr, apic_bus_);
        return {};
    }
    ioapic_ = TRY(make<IoApic>(apic_bus_));
    host_->add_child("ioapic", *ioapic_);
    TRY(ioapic_->bring_up(*platform_));
    ioapic_->connect_pic(*pic_master_);
    timer_path_.emplace(*pic_master_, ioapic_.get(), apic_bus_);
    return {};
}

Result<void> PcMachine::make_display(const MachineConfig& c) {
    const std::string_view word = !c.vga.empty()       ? std::string_view(c.vga)
                                  : !c.default_devices ? "none"
                                                       : facts().default_display;
    if (word == "none") return {};
    for (const Display& d : displays)
        if (d.word == word) {
            auto made = devices().make(host_ ? d.pci : d.isa);
            if (!made) return std::move(made).error().prepend(fmt::format("-vga {}: ", word));
            TRY(plug(main_bus(), std::move(*made)));
            return {};
        }
    return fail("-vga {}: this machine has no such display adapter", word);
}

// ---- on the ISA bus ---------------------------------------------------------------------------

Result<void> PcMachine::make_isa_devices(const MachineConfig& c) {
    make_bare_ports();
    if (host_ && options_.hpet) {
        hpet_ = TRY(make<Hpet>());
        TRY(hpet_->bring_up(*platform_));
        for (int i = 0; i < gsi_count; i++)
            hpet_->output(static_cast<unsigned>(i)).connect(gsi(i));
        hpet_->connect_ticks(*timer_path_);
    }
    auto rtc = TRY(make<Rtc>());
    rtc->set_source(TRY(rtc_source(c, platform_->clocks)));
    rtc_ = TRY(plug(*isa_, std::move(rtc)));
    rtc_->chip().irq.connect(hpet_ ? hpet_->rtc_input() : gsi(8));
    if (auto* requests = platform_->services.find<SystemRequests>())
        rtc_->chip().on_wakeup = [requests] { requests->request_wakeup(WakeupReason::rtc); };

    if (on(options_.pit)) {
        auto* pit = TRY(plug_isa<IsaPit>(IsaPitConfig{.iobase = 0x40}));
        pit->chip().irq.connect(gsi(0));
        pit->chip().connect_ticks(*timer_path_);
        if (hpet_) hpet_->pit_enable().connect(pit->irq_enable());
        auto speaker = TRY(make<PcSpeaker>());
        speaker->connect_pit(pit->chip());
        if (!options_.pcspk_audiodev.empty())
            speaker->settings().audiodev = options_.pcspk_audiodev;
        TRY(plug(*isa_, std::move(speaker)));
    }
    TRY(make_ports(c));
    fdc_ = TRY(plug_isa<IsaFdc>());
    TRY(make_drives("floppy"));
    return options_.i8042 ? make_keyboard() : Result<void>();
}

void PcMachine::make_bare_ports() {
    code_port_ = isa_->add_io(0x80, "ioport80", 1, code_ops, this);
    ferr_port_ = isa_->add_io(0xf0, "ioportF0", 1, ferr_ops, this);
}

Result<void> PcMachine::make_ports(const MachineConfig& c) {
    for (unsigned i = 0; i < IsaSerial::max_ports; i++) {
        const auto& label = i < c.serial_chardevs.size() ? c.serial_chardevs[i] : std::string();
        if (label.empty()) continue;
        auto serial = TRY(make<IsaSerial>());
        auto& port = *static_cast<IsaSerialConfig*>(serial->config());
        port.index = i;
        port.chardev = label;
        TRY(plug(*isa_, std::move(serial)));
    }
    for (unsigned i = 0; i < IsaParallel::max_ports; i++) {
        const auto& label = i < c.parallel_chardevs.size() ? c.parallel_chardevs[i] : std::string();
        if (label.empty()) continue;
        auto parallel = TRY(make<IsaParallel>());
        auto& port = *static_cast<ParallelConfig*>(parallel->config());
        port.index = i;
        port.chardev = label;
        TRY(plug(*isa_, std::move(parallel)));
    }
    return {};
}

Result<void> PcMachine::make_keyboard() {
    i8042_ = TRY(plug_isa<I8042>());
    i8042_->keyboard_irq().connect(gsi(1));
    i8042_->mouse_irq().connect(gsi(12));
    i8042_->a20().connect(irq_in<&PcMachine::set_a20>(*this, 0));
    i8042_->reset_request().connect(irq_in<&PcMachine::reset_pin>(*this, 0));
    if (on(options_.vmport)) {
        auto* vmport = TRY(plug_isa<Vmport>());
        vmport->set_ram_size(memory_.below_4g());
        auto vmmouse = TRY(make<Vmmouse>());
        vmmouse->connect(*vmport, *i8042_);
        TRY(plug(*isa_, std::move(vmmouse)));
    }
    port92_ = TRY(plug_isa<Port92>());
    port92_->a20().connect(irq_in<&PcMachine::set_a20>(*this, 1));
    port92_->reset_request().connect(irq_in<&PcMachine::reset_pin>(*this, 1));
    return {};
}

// ---- storage and power ------------------------------------------------------------------------

Result<void> PcMachine::make_drives(std::string_view kind) {
    auto* drives = platform_->services.find<BoardDrives>();
    if (!drives) return {};
    for (BoardDrives::Drive& d : drives->list) {
        const qapi::Json* driver = d.argument.value.object()->find("driver");
        if (d.made || !driver->string()->starts_with(kind)) continue;
        d.made = true;
        auto added = platform_->services.get<Devices>().add(d.argument, platform_->unattached);
        if (!added) return std::move(added).error().prepend(d.where + ": ");
    }
    return {};
}

Result<void> PcMachine::make_ide() {
    if (!host_) {
        for (const IsaIdeConfig& channel :
             {IsaIdeConfig{.iobase = 0x1f0, .iobase2 = 0x3f6, .irq = 14},
              IsaIdeConfig{.iobase = 0x170, .iobase2 = 0x376, .irq = 15}})
            TRY(plug_isa<IsaIde>(channel));
        return make_drives("ide-");
    }
    auto ide = TRY(make<PiixIde>(piix3_ide_type));
    ide->pci_config().addr.devfn = 1 << 3 | 1;
    TRY(plug(host_->bus(), std::move(ide)));
    return make_drives("ide-");
}

Result<void> PcMachine::make_usb() {
    auto usb = TRY(make<Uhci>(piix3_uhci_type));
    usb->pci_config().addr.devfn = 1 << 3 | 2;
    TRY(plug(host_->bus(), std::move(usb)));
    return {};
}

Result<void> PcMachine::make_power_management() {
    auto pm = TRY(make<Piix4Pm>());
    pm_ = pm.get();
    pm->pci_config().addr.devfn = 1 << 3 | 3;
    pm->settings().smm_enabled = on(options_.smm);
    pm->settings().saves_smbus = facts().saves_smbus;
    std::vector<CpuHotplug::Processor> processors;
    for (unsigned i = 0; i < config_->smp.max_cpus; i++)
        processors.push_back({apic_id(i), processor(i) != nullptr});
    pm->connect_processors(
        std::move(processors), [this](unsigned index) { eject_processor(index); },
        [this](unsigned index) {
            const X86Cpu* cpu = processor(index);
            return cpu ? cpu->id() : std::string();
        });
    pm->connect_memory(*device_memory_, TRY(nvdimm_persistence(options_.nvdimm_persistence)));
    pm->connect_sci(gsi(acpi_facts().sci));
    pm->smi().connect(irq_in<&PcMachine::smi_pin>(*this, 0));
    TRY(plug(host_->bus(), std::move(pm)));
    platform_->services.provide<AcpiCore>(pm_->acpi());
    // One EEPROM for each of eight memory modules that are not there: all zero.
    constexpr u8 first_eeprom = 0x50;
    for (u8 i = 0; i < 8; i++) {
        auto eeprom = TRY(make<SmbusEeprom>(u8(first_eeprom + i)));
        TRY(plug(pm_->smbus(), std::move(eeprom)));
    }
    return {};
}

}  // namespace hw
