// SPDX-License-Identifier: GPL-2.0-or-later
//
// What a PC's firmware finds: CMOS, fw_cfg's files, tables, the kernel to start.
#include <algorithm>

#include "hw/acpi/vmgenid.h"
#include "hw/block/fdc.h"
#include "hw/char/serial-isa.h"
#include "hw/i386/boot-order.h"
#include "hw/i386/pc-cmos.h"
#include "hw/i386/pc-fw-cfg.h"
#include "hw/i386/pc.h"
#include "hw/ipmi/ipmi-isa.h"
#include "hw/misc/applesmc.h"
#include "hw/smbios/smbios.h"
#include "qapi/context.h"
#include "util/file.h"

namespace hw {

namespace {

// What SeaBIOS takes from the end of low memory for its tables, and a margin: an initrd goes below
// it.
constexpr std::uint32_t firmware_reserve = 0x28000;

/// The management interfaces on the ISA bus, by the numbers that ACPI has for their kinds.
struct IpmiInterfaceKind {
    std::string_view type;
    u8 interface, ports;
};
constexpr IpmiInterfaceKind ipmi_interfaces[] = {{"isa-ipmi-kcs", 1, 2}, {"isa-ipmi-bt", 3, 4}};

Result<Blob> open_image(const std::string& name, std::string_view what) {
    constexpr std::size_t limit = std::size_t{2} << 30;
    auto blob = Blob::open(name, limit);
    if (!blob)
        return std::move(blob).error().prepend(fmt::format("could not open {} '{}': ", what, name));
    return blob;
}

Result<std::vector<std::uint8_t>> read_image(const std::string& name, std::string_view what) {
    return TRY(open_image(name, what)).read_all();
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

}  // namespace

AcpiFacts PcMachine::acpi_facts() const {
    AcpiFacts f;
    for (unsigned i = 0; i < config_->smp.max_cpus; i++)
        f.processors.push_back({apic_id(i), processor(i) != nullptr});
    f.ram_below_4g = memory_.below_4g();
    f.ram_above_4g = memory_.above_4g();
    const DeviceMemory::Plan& modules = device_memory_->facts();
    f.device_memory = {modules.base, modules.size, modules.slots};
    f.numa = modules.nodes;
    f.nvdimm = modules.nvdimm;
    for (const MemoryModule* m : device_memory_->modules())
        if (m->nonvolatile()) f.nonvolatile.push_back({m->address(), m->size()});
    if (auto* nvdimm = pm_->nvdimm()) f.before_waet = nvdimm_tables(*nvdimm, modules.slots);
    // Room for 64-bit BARs above all memory.
    f.pci_hole64_start = end_of_memory();
    if (const u64 size = host_->settings().pci_hole64_size)
        f.pci_hole64_end = f.pci_hole64_start + size - 1;
    f.fixed_pci_slots = ~removable_slots(host_->bus());
    f.s3 = !pm_->settings().disable_s3;
    f.s4 = !pm_->settings().disable_s4;
    f.s4_type = pm_->settings().s4_val;
    f.hpet_id = hpet_ ? hpet_->block_id() : 0;
    f.keyboard = options_.i8042;
    if (auto* id = platform_->services.find<VmGenId>()) f.extra.push_back(id->table());
    for (const auto& device : isa_->devices()) {
        if (device->type_name() == "isa-serial") {
            const auto& port = *static_cast<const IsaSerialConfig*>(device->config());
            f.serial_ports.push_back({u16(port.iobase), u8(port.irq)});
        }
        if (device->type_name() == "isa-applesmc")
            f.applesmc_port = u16(static_cast<const AppleSmcConfig*>(device->config())->iobase);
        for (auto [type, interface, ports] : ipmi_interfaces)
            if (device->type_name() == type) {
                const auto& m = *static_cast<const IpmiIsaConfig*>(device->config());
                f.ipmi.push_back({interface, u16(m.ioport), ports, u8(m.irq)});
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
    if (auto* options = platform_->services.find<SmbiosOptions>()) f.options = *options;
    if (const auto id = f.options.fields.find({1, "uuid"}); id != f.options.fields.end()) {
        const auto bytes = uuid_bytes(id->second);
        std::copy_n(bytes.begin(), f.uuid.size(), f.uuid.begin());
    }
    SmbiosTables tables = build_smbios_tables(f);
    TRY(fw_cfg_->add_file("etc/smbios/smbios-tables", std::move(tables.tables)));
    return fw_cfg_->add_file("etc/smbios/smbios-anchor", std::move(tables.anchor));
}

Result<void> PcMachine::finish() {
    const PcMachineType& t = facts();
    TRY(fill_fw_cfg(*fw_cfg_, *config_, memory_,
                    {.hpet = hpet_.get(),
                     .s3 = pm_ && !pm_->settings().disable_s3,
                     .s4 = pm_ && !pm_->settings().disable_s4,
                     .system_states = pm_ != nullptr,
                     .nodes = device_memory_->facts().nodes,
                     .apic_ids = apic_id(config_->smp.max_cpus - 1) + 1,
                     .reserved_memory_end = device_memory_->facts().size ? end_of_memory() : 0,
                     .reserves_hypertransport = t.reserves_hypertransport}));
    count_processors();
    for (const std::string& order : {config_->boot_order, config_->boot_once})
        if (order.size() > most_boot_devices) return fail("Too many boot devices for PC");
    fill_cmos(rtc_->chip(), *config_, memory_,
              {bios_floppy_type(fdc_->drive_type(0)), bios_floppy_type(fdc_->drive_type(1))});
    if (t.smbios_files) {
        TRY(add_smbios());
    } else if (auto* o = platform_->services.find<SmbiosOptions>();
               o && !(o->fields.empty() && o->oem_strings.empty() && o->structures.empty())) {
        return fail("-smbios: the firmware of machine '{}' has no tables to put this in",
                    t.machine_name);
    }
    if (vapic_) TRY(fw_cfg_->add_file("genroms/kvmvapic.bin", KvmVapic::option_rom()));
    if (pm_ && t.acpi_tables) {
        TRY(fw_cfg_->add_file("etc/tpm/log", {}));
        acpi_build_.emplace(*fw_cfg_, [this] { return acpi_facts(); });
        TRY(acpi_build_->install(platform_->states));
    }
    if (options_.nvdimm)
        TRY(fw_cfg_->add_file(nvdimm_page_file, std::vector<u8>(NvdimmAcpi::page)));
    TRY(add_boot_splash());
    if (!options_.kernel.empty()) TRY(load_kernel());
    return set_boot_order();
}

/// The picture that SeaBIOS shows while it waits with its menu: a JPEG, or a bitmap of 24 bits a
/// pixel (BITMAPINFOHEADER, biBitCount).
Result<void> PcMachine::add_boot_splash() {
    const std::string& name = config_->boot_splash;
    if (name.empty()) return {};
    auto picture = TRY(read_image(name, "splash file"));
    constexpr std::size_t bit_count = 28;
    const bool jpeg = picture.size() > 2 && picture[0] == 0xff && picture[1] == 0xd8;
    const bool bitmap = picture.size() > bit_count && picture[0] == 'B' && picture[1] == 'M' &&
                        picture[bit_count] == 24;
    if (!jpeg && !bitmap)
        return fail("splash file '{}' format not recognized; must be JPEG or 24 bit BMP", name);
    return fw_cfg_->add_file(jpeg ? "bootsplash.jpg" : "bootsplash.bmp", std::move(picture));
}

Result<void> PcMachine::set_boot_order() {
    std::vector<BootEntry> others;
    if (!boot_rom_.empty()) others.push_back({0, fmt::format("/rom@genroms/{}", boot_rom_)});
    const auto entries = TRY(boot_entries(devices().types(), main_bus(), std::move(others)));
    fw_cfg_->set_file("bootorder", boot_order_file(entries, config_->boot_strict));
    return {};
}

Result<void> PcMachine::load_kernel() {
    const Blob file = TRY(open_image(options_.kernel, "kernel file"));
    auto named = [&](Error e) {
        return std::move(e).prepend(fmt::format("-kernel {}: ", options_.kernel));
    };
    std::vector<std::uint8_t>
        kernel;  // whole only for multiboot, whose pieces are put together here
    if (!TRY(is_linux_image(file))) kernel = TRY(file.read_all());
    if (is_multiboot_image(kernel)) {
        constexpr std::string_view rom = "multiboot_dma.bin";
        boot_rom_ = rom;
        std::vector<MultibootModule> modules;
        for (std::string& words : split_modules(options_.initrd)) {
            auto bytes = TRY(read_image(words.substr(0, words.find(' ')), "module"));
            modules.push_back({std::move(words), std::move(bytes)});
        }
        const std::string cmdline =
            options_.append.empty() ? options_.kernel : options_.kernel + ' ' + options_.append;
        const std::uint64_t free_memory =
            memory_.below_4g() - std::min<std::uint64_t>(memory_.below_4g(), firmware_reserve);
        auto image = prepare_multiboot_image(kernel, modules, cmdline, free_memory);
        if (!image) return named(std::move(image).error());
        return add_kernel(*fw_cfg_, *image, rom, TRY(read_firmware(*config_, std::string(rom))));
    }
    constexpr std::string_view rom = "linuxboot_dma.bin";
    boot_rom_ = rom;
    Blob initrd;
    if (!options_.initrd.empty()) initrd = TRY(open_image(options_.initrd, "initrd"));
    auto image = prepare_linux_image(file, std::move(initrd), options_.append, memory_.below_4g(),
                                     firmware_reserve);
    if (!image) return named(std::move(image).error());
    return add_kernel(*fw_cfg_, *std::move(image), rom,
                      TRY(read_firmware(*config_, std::string(rom))));
}

Result<std::vector<u8>> PcMachine::read_rom(const std::string& name) {
    return read_firmware(*config_, name);
}

}  // namespace hw
