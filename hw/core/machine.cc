// SPDX-License-Identifier: GPL-2.0-or-later
#include "hw/core/machine.h"

#include "qapi/json.h"

namespace hw {

namespace {

constexpr auto properties = qom::properties(
    qom::property<&MachineOptions::suppress_vmdesc>("suppress-vmdesc",
                                                    "no JSON description after a stream"),
    qom::property<&MachineOptions::dump_guest_core>("dump-guest-core",
                                                    "include guest memory in a core dump"),
    qom::property<&MachineOptions::mem_merge>("mem-merge", "let the host merge equal pages"),
    qom::property<&MachineOptions::usb>("usb", "add a USB controller"),
    qom::property<&MachineOptions::graphics>("graphics", "add a display adapter"),
    qom::property<&MachineOptions::memory_backend>("memory-backend",
                                                   "id of the object that is the guest's memory"),
    qom::property<&MachineOptions::firmware>("firmware", "the firmware image, as -bios")
        .as("string", qom::PropertyKind::String),
    qom::property<&MachineOptions::kernel>("kernel", "boot this kernel, as -kernel")
        .as("string", qom::PropertyKind::String),
    qom::property<&MachineOptions::initrd>("initrd", "its initial RAM disk, as -initrd")
        .as("string", qom::PropertyKind::String),
    qom::property<&MachineOptions::append>("append", "its command line, as -append")
        .as("string", qom::PropertyKind::String));

const MachineConfig& config_of(const qom::Object& o) {
    return static_cast<const Machine&>(o).built_from();
}

/// What was said of the boot order; a member that was not said is not there.
qapi::Json boot_of(const qom::Object& o, std::string_view) {
    const MachineConfig& c = config_of(o);
    qapi::JsonObject boot{{"order", c.boot_order}};
    const auto said = [&](const char* name, const std::string& words) {
        if (!words.empty()) boot.set(name, words);
    };
    said("once", c.boot_once);
    said("splash", c.boot_splash);
    if (c.boot_menu) boot.set("menu", true);
    if (c.boot_strict) boot.set("strict", true);
    if (c.boot_splash_time >= 0) boot.set("splash-time", c.boot_splash_time);
    if (c.boot_reboot_timeout >= 0) boot.set("reboot-timeout", c.boot_reboot_timeout);
    return boot;
}

qapi::Json memory_of(const qom::Object& o, std::string_view) {
    const MachineConfig& c = config_of(o);
    qapi::JsonObject memory{{"size", c.ram_size}};
    if (c.ram_slots) {
        memory.set("slots", c.ram_slots);
        memory.set("max-size", c.max_ram_size);
    }
    return memory;
}

qapi::Json smp_of(const qom::Object& o, std::string_view) {
    const SmpTopology& t = config_of(o).smp;
    return qapi::JsonObject{{"cpus", t.cpus},       {"sockets", t.sockets}, {"dies", t.dies},
                            {"clusters", 1},        {"cores", t.cores},     {"threads", t.threads},
                            {"maxcpus", t.max_cpus}};
}

constexpr qom::Computed values[]{
    {.name = "boot", .type = "BootConfiguration", .get = boot_of, .help = "as -boot"},
    {.name = "memory", .type = "MemorySizeConfiguration", .get = memory_of, .help = "as -m"},
    {.name = "smp", .type = "SMPConfiguration", .get = smp_of, .help = "as -smp"},
};

}  // namespace

constinit const qom::Type machine_type{
    .name = "machine", .abstract = true, .properties = properties, .computed = values};

Machine::Machine(const MachineType& type) : Object(type) {
    add_child("peripheral", peripheral_);
    add_child("peripheral-anon", peripheral_anon_);
    add_child("unattached", unattached_);
}

Result<void> Machine::build(Platform& platform, accel::Accelerator& accelerator,
                            const MachineConfig& config) {
    config_ = &config;
    platform.unattached = &unattached_;
    return assemble(platform, accelerator, config);
}

void Machine::add_unattached(qom::Object& o) {
    if (!o.parent()) unattached_.add_child("device[*]", o);
}

Result<void> check_boot_order(std::string_view letters) {
    unsigned seen = 0;
    for (char c : letters) {
        if (c < 'a' || c > 'p') return fail("Invalid boot device '{}'", c);
        if (seen & 1u << (c - 'a')) return fail("Boot device '{}' was given twice", c);
        seen |= 1u << (c - 'a');
    }
    return {};
}

}  // namespace hw
