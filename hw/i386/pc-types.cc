// SPDX-License-Identifier: GPL-2.0-or-later
//
// The PC's machine types: a row a version, and what each version keeps as it was. The facts are
// those that QEMU 7.2 shows for its own versions of these machines (info qtree, qom-get, the files
// of fw_cfg and the saved sections, one version against the next).
#include <array>

#include "hw/i386/pc.h"
#include "qapi/json.h"

namespace hw {

namespace {

constexpr auto properties =
    qom::properties(qom::property<&PcOptions::acpi>("acpi", "ACPI tables and power management"),
                    qom::property<&PcOptions::smm>("smm", "system management mode"),
                    qom::property<&PcOptions::vmport>("vmport", "the VMware port 5658h"),
                    qom::property<&PcOptions::pit>("pit", "the 8254 timer"),
                    qom::property<&PcOptions::pic>("pic", "the 8259 interrupt controllers"),
                    qom::property<&PcOptions::hpet>("hpet", "the high precision event timer"),
                    qom::property<&PcOptions::smbus>("smbus", "the SMBus with its EEPROMs"),
                    qom::property<&PcOptions::sata>("sata", "SATA, on boards that have it"),
                    qom::property<&PcOptions::i8042>("i8042", "the keyboard controller"),
                    qom::property<&PcOptions::nvdimm>("nvdimm", "takes nonvolatile modules"),
                    qom::property<&PcOptions::nvdimm_persistence>(
                        "nvdimm-persistence", "what lasts when power fails: cpu or mem-ctrl")
                        .as("string", qom::PropertyKind::String),
                    qom::property<&PcOptions::hmat>("hmat", "ACPI HMAT, where there are nodes"),
                    qom::property<&PcOptions::default_bus_bypass_iommu>(
                        "default_bus_bypass_iommu", "no IOMMU for what sits on the first bus"),
                    qom::property<&PcOptions::pcspk_audiodev>(
                        "pcspk-audiodev", "ID of an audiodev to use as a backend"),
                    qom::property<&PcOptions::max_ram_below_4g>("max-ram-below-4g",
                                                                "where the hole for PCI may begin")
                        .as("size", qom::PropertyKind::Size));

constexpr qom::Computed values[]{
    {.name = "device-memory-region-size",
     .type = "int",
     .get = [](const qom::Object& o, std::string_view) {
         return qapi::Json(static_cast<const PcMachine&>(o).device_memory().facts().size);
     }}};

constexpr unsigned v(unsigned major, unsigned minor) {
    return major * 100 + minor;
}

/// Sorted by `until`, the newest first, so that a version's rows are the first ones of the table.
constexpr CompatProperty compatibility[] = {
    {v(6, 2), "PIIX4_PM", "x-not-migrate-acpi-index", "on"},
    {v(6, 0), "i8042", "extended-state", "off"},
    {v(6, 0), "qemu64-x86_64-cpu", "family", "6"},
    {v(6, 0), "qemu64-x86_64-cpu", "model", "6"},
    {v(6, 0), "qemu64-x86_64-cpu", "stepping", "3"},
    {v(5, 2), "PIIX4_PM", "smm-compat", "on"},
    {v(5, 0), "i440FX-pcihost", "x-config-reg-migration-enabled", "off"},
    {v(5, 0), "vmport", "x-read-set-eax", "off"},
    {v(5, 0), "vmport", "x-signal-unsupported-cmd", "off"},
    {v(5, 0), "vmport", "x-report-vmx-type", "off"},
    {v(5, 0), "vmport", "x-cmds-v2", "off"},
    {v(4, 2), "fw_cfg", "acpi-mr-restore", "off"},
    {v(2, 11), "hpet", "hpet-offset-saved", "off"},
    {v(2, 10), "i440FX-pcihost", "x-pci-hole64-fix", "off"},
    {v(2, 8), "pci-device", "x-pcie-extcap-init", "off"},
    {v(2, 8), "fw_cfg", "x-file-slots", "16"},
    {v(2, 7), "ioapic", "version", "17"},
    {v(2, 7), "isa-pcspk", "migrate", "off"},
    {v(2, 5), "isa-fdc", "fallback", "144"},
    {v(2, 4), "fw_cfg", "dma_enabled", "off"},
    {v(2, 4), "qemu64-x86_64-cpu", "model-id", "QEMU Virtual CPU version 2.4.0"},
    {v(2, 4), "qemu64-x86_64-cpu", "abm", "on"},
    {v(2, 4), "qemu64-x86_64-cpu", "popcnt", "on"},
    {v(2, 4), "qemu64-x86_64-cpu", "sse4a", "on"},
    {v(2, 3), "migration", "send-configuration", "off"},
    {v(2, 3), "migration", "send-section-footer", "off"},
    {v(2, 3), "migration", "store-global-state", "off"},
    {v(2, 3), "pci-device", "x-pcie-lnksta-dllla", "off"},
    {v(2, 3), "qemu64-x86_64-cpu", "model-id", "QEMU Virtual CPU version 2.3.0"},
    {v(2, 3), "qemu64-x86_64-cpu", "level", "4"},
    {v(2, 2), "qemu64-x86_64-cpu", "model-id", "QEMU Virtual CPU version 2.2.0"},
    {v(2, 1), "qemu64-x86_64-cpu", "model-id", "QEMU Virtual CPU version 2.1.0"},
    {v(2, 0), "PIIX4_PM", "memory-hotplug-support", "off"},
    {v(2, 0), "qemu64-x86_64-cpu", "model-id", "QEMU Virtual CPU version 2.0.0"},
    {v(1, 7), "PIIX4_PM", "acpi-pci-hotplug-with-bridge-support", "off"},
    {v(1, 7), "qemu64-x86_64-cpu", "model-id", "QEMU Virtual CPU version 1.7.0"},
    {v(1, 6), "i440FX-pcihost", "short_root_bus", "1"},
    {v(1, 6), "qemu64-x86_64-cpu", "model", "2"},
    {v(1, 6), "qemu64-x86_64-cpu", "model-id", "QEMU Virtual CPU version 1.6.0"},
    {v(1, 5), "i440FX-pcihost", "short_root_bus", "0"},
    {v(1, 5), "qemu64-x86_64-cpu", "model-id", "QEMU Virtual CPU version 1.5.0"},
    {v(1, 4), "isa-fdc", "fallback", "144"},
    {v(1, 4), "qemu64-x86_64-cpu", "model-id", "QEMU Virtual CPU version 1.4.0"},
};

constexpr std::span<const CompatProperty> compatibility_of(unsigned version) {
    std::size_t n = 0;
    while (n < std::size(compatibility) && compatibility[n].until >= version)
        n++;
    return {compatibility, n};
}

std::unique_ptr<Machine> create(const MachineType& type) {
    return std::make_unique<PcMachine>(static_cast<const PcMachineType&>(type));
}

struct Version {
    unsigned number;
    std::string_view qom_name;
};

constexpr PcMachineType pc(const Version& version) {
    constexpr std::string_view suffix = "-machine";
    const unsigned n = version.number;
    PcMachineType t{};
    t.name = version.qom_name;
    t.parent = "generic-pc-machine";
    t.description = "Standard PC (i440FX + PIIX, 1996)";
    t.machine_name = version.qom_name.substr(0, version.qom_name.size() - suffix.size());
    t.max_cpus = 255;
    t.hotpluggable_cpus = true;
    t.default_cpu_type = "qemu64-x86_64-cpu";
    t.default_ram_id = "pc.ram";
    t.default_display = "std";
    t.default_boot_order = "cad";
    t.create = create;
    if (n == v(7, 2)) {
        t.alias = "pc";
        t.is_default = true;
    }
    t.deprecated = n <= v(1, 7);
    t.compatibility = compatibility_of(n);
    t.firmware = n <= v(1, 7) ? "bios.bin" : "bios-256k.bin";
    t.acpi_tables = n >= v(1, 7);
    t.smbios_files = n >= v(2, 1);
    t.reserves_hypertransport = n >= v(7, 1);
    t.saves_smbus = n >= v(4, 0);
    t.memory_hotplug = n >= v(2, 1);
    t.slack_for_modules = n >= v(2, 2);
    t.reserves_device_memory = n >= v(2, 5);
    t.numa_with_slots = n >= v(2, 11);
    t.numa_with_maxmem = n >= v(5, 1);
    return t;
}

constexpr Version versions[] = {
    {v(7, 2), "pc-i440fx-7.2-machine"},   {v(7, 1), "pc-i440fx-7.1-machine"},
    {v(7, 0), "pc-i440fx-7.0-machine"},   {v(6, 2), "pc-i440fx-6.2-machine"},
    {v(6, 1), "pc-i440fx-6.1-machine"},   {v(6, 0), "pc-i440fx-6.0-machine"},
    {v(5, 2), "pc-i440fx-5.2-machine"},   {v(5, 1), "pc-i440fx-5.1-machine"},
    {v(5, 0), "pc-i440fx-5.0-machine"},   {v(4, 2), "pc-i440fx-4.2-machine"},
    {v(4, 1), "pc-i440fx-4.1-machine"},   {v(4, 0), "pc-i440fx-4.0-machine"},
    {v(3, 1), "pc-i440fx-3.1-machine"},   {v(3, 0), "pc-i440fx-3.0-machine"},
    {v(2, 12), "pc-i440fx-2.12-machine"}, {v(2, 11), "pc-i440fx-2.11-machine"},
    {v(2, 10), "pc-i440fx-2.10-machine"}, {v(2, 9), "pc-i440fx-2.9-machine"},
    {v(2, 8), "pc-i440fx-2.8-machine"},   {v(2, 7), "pc-i440fx-2.7-machine"},
    {v(2, 6), "pc-i440fx-2.6-machine"},   {v(2, 5), "pc-i440fx-2.5-machine"},
    {v(2, 4), "pc-i440fx-2.4-machine"},   {v(2, 3), "pc-i440fx-2.3-machine"},
    {v(2, 2), "pc-i440fx-2.2-machine"},   {v(2, 1), "pc-i440fx-2.1-machine"},
    {v(2, 0), "pc-i440fx-2.0-machine"},   {v(1, 7), "pc-i440fx-1.7-machine"},
    {v(1, 6), "pc-i440fx-1.6-machine"},   {v(1, 5), "pc-i440fx-1.5-machine"},
    {v(1, 4), "pc-i440fx-1.4-machine"},
};

constinit const std::array<PcMachineType, std::size(versions)> pc_types = [] {
    std::array<PcMachineType, std::size(versions)> types{};
    for (std::size_t i = 0; i < types.size(); i++)
        types[i] = pc(versions[i]);
    return types;
}();

constinit const PcMachineType isapc = [] {
    PcMachineType t{};
    t.name = "isapc-machine";
    t.parent = "generic-pc-machine";
    t.description = "ISA-only PC";
    t.machine_name = "isapc";
    t.max_cpus = 1;
    t.hotpluggable_cpus = true;
    t.default_cpu_type = "486-x86_64-cpu";
    t.default_ram_id = "pc.ram";
    t.default_display = "cirrus";
    t.default_boot_order = "cad";
    t.create = create;
    t.has_pci = false;
    t.firmware = "bios.bin";
    t.acpi_tables = t.smbios_files = t.reserves_hypertransport = t.memory_hotplug = false;
    return t;
}();

}  // namespace

constinit const qom::Type pc_machine_base_type{.name = "generic-pc-machine",
                                               .parent = "machine",
                                               .abstract = true,
                                               .properties = properties,
                                               .computed = values};

std::span<const MachineType* const> pc_machine_types() {
    static constexpr auto types = [] {
        std::array<const MachineType*, pc_types.size() + 1> list{};
        for (std::size_t i = 0; i < pc_types.size(); i++)
            list[i] = &pc_types[i];
        list.back() = &isapc;
        return list;
    }();
    return types;
}

}  // namespace hw
