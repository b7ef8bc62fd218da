// SPDX-License-Identifier: GPL-2.0-or-later
//
// The PC's machine types: one board, a row a version.
#include <array>

#include "hw/i386/pc.h"

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
                    qom::property<&PcOptions::max_ram_below_4g>("max-ram-below-4g",
                                                                "where the hole for PCI may begin")
                        .as("size", qom::PropertyKind::Size));

constexpr MachineType pc(std::string_view qom_name, std::string_view name) {
    MachineType t{};
    t.name = qom_name;
    t.parent = "generic-pc-machine";
    t.description = "Standard PC (i440FX + PIIX, 1996)";
    t.machine_name = name;
    t.max_cpus = 255;
    t.hotpluggable_cpus = true;
    t.default_cpu_type = "qemu64-x86_64-cpu";
    t.default_ram_id = "pc.ram";
    t.default_display = "std";
    t.create = [](const MachineType& type) -> std::unique_ptr<Machine> {
        return std::make_unique<PcMachine>(type);
    };
    return t;
}

constexpr MachineType latest(MachineType t) {
    t.alias = "pc";
    t.is_default = true;
    return t;
}

constinit const MachineType pc_i440fx_7_2 = latest(pc("pc-i440fx-7.2-machine", "pc-i440fx-7.2"));

}  // namespace

constinit const qom::Type pc_machine_base_type{
    .name = "generic-pc-machine", .parent = "machine", .abstract = true, .properties = properties};

std::span<const MachineType* const> pc_machine_types() {
    static constexpr const MachineType* types[] = {&pc_i440fx_7_2};
    return types;
}

}  // namespace hw
