// SPDX-License-Identifier: GPL-2.0-or-later
//
// The DSDT: the root bridge with its windows and interrupt routing, the links of the PIIX3, the ISA
// devices, the HPET, processors with hotplug, PCI slots with hotplug, sleep states.
#include <fmt/core.h>

#include <string>

#include "hw/acpi/aml.h"
#include "hw/acpi/tables.h"

namespace hw {
namespace {

using namespace aml;

constexpr unsigned slots = 32, pins = 4;
constexpr const char* links[] = {"LNKA", "LNKB", "LNKC", "LNKD"};
constexpr const char* link_registers[] = {"PRQ0", "PRQ1", "PRQ2", "PRQ3"};

std::string numbered(char letter, unsigned n) {
    return fmt::format("{}{:03X}", letter, n);
}

// ---- root bridge ------------------------------------------------------------------------------

Bytes windows(const AcpiFacts& f) {
    // 0CF8h-0CFFh are the bridge's own.
    Terms list{word_window(Window::Bus, 0, 0xff),
               io(0xcf8, 0xcf8, 1, 8),
               word_window(Window::Io, 0x0000, 0x0cf7),
               word_window(Window::Io, 0x0d00, 0xffff),
               dword_memory_window(0xa0000, 0xbffff, true),
               dword_memory_window(u32(f.ram_below_4g), 0xfebfffff, false)};
    if (f.pci_hole64_end) list.push_back(qword_memory_window(f.pci_hole64_start, f.pci_hole64_end));
    return name("_CRS", resources(list));
}

/// INTA-INTD of a slot reach the links in turn, one further for each slot. The power management
/// function in slot 1 interrupts on its fixed line instead.
Bytes routing() {
    Terms entries;
    for (unsigned slot = 0; slot < slots; slot++)
        for (unsigned pin = 0; pin < pins; pin++) {
            const bool power_management = slot == 1 && pin == 0;
            const char* link = power_management ? "LNKS" : links[(slot + pin + 3) % pins];
            entries.push_back(package({integer(u64(slot) << 16 | 0xffff), integer(pin),
                                       path(std::string("\\_SB.") + link), integer(0)}));
        }
    return name("_PRT", package(entries));
}

/// The slots that can be filled and emptied while the system runs, over the registers of
/// hw/acpi/pci-hotplug.h.
Terms hotplug_slots(const AcpiFacts& f) {
    Terms terms{operation_region("PHPR", Space::SystemIO, f.pci_hotplug_port, 0x14),
                field("PHPR", Access::DWord, Update::WriteAsZeros,
                      {{"PHUP", 32}, {"PHDN", 32}, {"PHEJ", 32}, {"PHRM", 32}, {"PHBS", 32}}),
                mutex("PHLK"),
                // Ejects the slot of bus 0 whose bit is given.
                method("PHEC", 1,
                       {acquire(path("PHLK")), store(integer(0), path("PHBS")),
                        store(shift_left(integer(1), arg(0)), path("PHEJ")), release(path("PHLK"))},
                       true)};
    Terms told;
    for (unsigned slot = 0; slot < slots; slot++) {
        if (f.fixed_pci_slots >> slot & 1) continue;
        const std::string s = numbered('S', slot);
        terms.push_back(
            device(s, {name("_ADR", integer(u64(slot) << 16)), name("_SUN", integer(slot)),
                       method("_EJ0", 1, {call("PHEC", {path("_SUN")})})}));
        told.push_back(if_(bit_and(arg(0), integer(u64{1} << slot)), {notify(path(s), arg(1))}));
    }
    terms.push_back(method("PHNT", 2, told));  // notifies the slots of a bitmap
    terms.push_back(
        method("PHSC", 0,
               {acquire(path("PHLK")), store(integer(0), path("PHBS")),
                store(path("PHUP"), local(0)), store(path("PHDN"), local(1)), release(path("PHLK")),
                call("PHNT", {local(0), integer(1)}),   // device check
                call("PHNT", {local(1), integer(3)})},  // eject request
               true));
    return terms;
}

Bytes isa_device(const char* n, const char* id, unsigned uid, const Terms& res) {
    return device(n, {name("_HID", eisa_id(id)), name("_UID", integer(uid)),
                      name("_STA", integer(0x0f)), name("_CRS", resources(res))});
}

Bytes isa_bridge(const AcpiFacts& f) {
    Terms body{name("_ADR", integer(0x00010000)),
               // PIRQRCA-PIRQRCD (82371SB, 3.5.6)
               operation_region("PIRC", Space::PciConfig, 0x60, 4),
               field("PIRC", Access::Byte, Update::Preserve,
                     {{"PRQ0", 8}, {"PRQ1", 8}, {"PRQ2", 8}, {"PRQ3", 8}})};
    if (f.keyboard) {
        body.push_back(
            isa_device("KBD", "PNP0303", 0, {io(0x60, 0x60, 1, 1), io(0x64, 0x64, 1, 1), irq(1)}));
        body.push_back(isa_device("MOU", "PNP0F13", 0, {irq(12)}));
    }
    if (f.floppy)
        body.push_back(
            isa_device("FDC0", "PNP0700", 0,
                       {io(0x3f2, 0x3f2, 1, 4), io(0x3f7, 0x3f7, 1, 1), irq(6), dma(2)}));
    if (f.parallel_port)
        body.push_back(isa_device("LPT1", "PNP0400", 1, {io(0x378, 0x378, 8, 8), irq(7)}));
    for (unsigned i = 0; i < f.serial_ports.size(); i++) {
        const auto& s = f.serial_ports[i];
        body.push_back(isa_device(fmt::format("COM{}", i + 1).c_str(), "PNP0501", i + 1,
                                  {io(s.port, s.port, 1, 8), irq(s.irq)}));
    }
    if (f.applesmc_port)
        body.push_back(
            isa_device("SMC", "APP0001", 0, {io(f.applesmc_port, f.applesmc_port, 1, 32), irq(6)}));
    for (unsigned i = 0; i < f.ipmi.size(); i++) {
        // IPMI 2.0, appendix C3: where a system interface is, and which revision it speaks.
        const auto& m = f.ipmi[i];
        body.push_back(
            device(fmt::format("MI{}", i),
                   {name("_HID", eisa_id("IPI0001")), name("_UID", integer(i)),
                    name("_IFT", integer(m.interface)), name("_SRV", integer(0x0200)),
                    name("_STA", integer(0x0f)),
                    name("_CRS", resources({io(m.port, m.port, 1, m.ports), irq(m.irq)}))}));
    }
    body.push_back(isa_device("RTC", "PNP0B00", 0, {io(0x70, 0x70, 1, 8), irq(8)}));
    return device("ISA", body);
}

/// Keeps ports from being given to others. The hotplug blocks belong to no device that a system
/// knows, yet their methods use them.
Bytes claimed_ports(const char* n, const char* purpose, u16 port, u8 count) {
    return device(
        n, {name("_HID", string("PNP0A06")), name("_UID", string(purpose)),
            name("_STA", integer(0x0b)), name("_CRS", resources({io(port, port, 1, count)}))});
}

Bytes root_bridge(const AcpiFacts& f) {
    Terms body{name("_HID", eisa_id("PNP0A03")),
               name("_ADR", integer(0)),
               name("_UID", integer(0)),
               windows(f),
               routing(),
               isa_bridge(f)};
    body.push_back(claimed_ports("CHPC", "CPU Hotplug resources", f.cpu_hotplug_port, 12));
    if (f.device_memory.slots)
        body.push_back(
            claimed_ports("MHPP", "Memory Hotplug resources", f.memory_hotplug_port, 0x18));
    body.push_back(claimed_ports("GPE0", "GPE0 resources", f.gpe_port, 4));
    if (f.pci_hotplug) {
        body.push_back(claimed_ports("PHPC", "PCI Hotplug resources", f.pci_hotplug_port, 0x18));
        body.push_back(concat(hotplug_slots(f)));
    }
    return device("PCI0", body);
}

// ---- interrupt links --------------------------------------------------------------------------

/// A link of the PIIX3: its register holds the line, bit 7 disconnects it.
Bytes link(unsigned n) {
    constexpr u64 disconnected = 0x80, line_at = 5;  // of the descriptor's first number
    const Bytes reg = path(std::string("\\_SB.PCI0.ISA.") + link_registers[n]);
    return device(
        links[n],
        {name("_HID", eisa_id("PNP0C0F")), name("_UID", integer(n)),
         name("_PRS", resources({interrupts({5, 10, 11})})),
         method(
             "_STA", 0,
             {if_(bit_and(reg, integer(disconnected)), {ret(integer(0x09))}), ret(integer(0x0b))}),
         method("_DIS", 0, {bit_or(reg, integer(disconnected), reg)}),
         method("_CRS", 0,
                {name("LINE", resources({interrupts({0})})),
                 create_dword_field(path("LINE"), line_at, "LNUM"), store(reg, local(0)),
                 if_(less(local(0), integer(disconnected)), {store(local(0), path("LNUM"))}),
                 ret(path("LINE"))},
                true),
         method("_SRS", 1, {create_dword_field(arg(0), line_at, "LNUM"), store(path("LNUM"), reg)},
                true)});
}

/// What the chip set wires by itself: it can only be reported.
Bytes fixed_link(const AcpiFacts& f) {
    const Bytes line = resources({interrupts({f.sci})});
    return device("LNKS", {name("_HID", eisa_id("PNP0C0F")), name("_UID", integer(4)),
                           name("_PRS", line), name("_CRS", line), name("_STA", integer(0x0b)),
                           method("_SRS", 1, {}), method("_DIS", 0, {})});
}

// ---- processors -------------------------------------------------------------------------------

/// Over the registers of hw/acpi/cpu-hotplug.h. _INI's write makes them the modern ones.
Bytes processors(const AcpiFacts& f) {
    constexpr u64 next_with_event = 0, ost_event = 1, ost_status = 2;
    Terms body{
        name("_HID", string("ACPI0010")),
        name("_UID", string("CPUS")),
        operation_region("CHPR", Space::SystemIO, f.cpu_hotplug_port, 12),
        field("CHPR", Access::Byte, Update::WriteAsZeros,
              {{"", 32}, {"CENA", 1}, {"CINS", 1}, {"CREM", 1}, {"CEJE", 1}, {"", 4}, {"CCMD", 8}}),
        field("CHPR", Access::DWord, Update::Preserve, {{"CSEL", 32}, {"", 32}, {"CDAT", 32}}),
        mutex("CLCK"),
        method("_INI", 0, {store(integer(0), path("CSEL"))}),
        method("CSTA", 1,
               {acquire(path("CLCK")), store(arg(0), path("CSEL")), store(integer(0), local(0)),
                if_(equal(path("CENA"), integer(1)), {store(integer(0x0f), local(0))}),
                release(path("CLCK")), ret(local(0))},
               true),
        method("CEJ0", 1,
               {acquire(path("CLCK")), store(arg(0), path("CSEL")), store(integer(1), path("CEJE")),
                release(path("CLCK"))},
               true),
        method("COST", 3,
               {acquire(path("CLCK")), store(arg(0), path("CSEL")),
                store(integer(ost_event), path("CCMD")), store(arg(1), path("CDAT")),
                store(integer(ost_status), path("CCMD")), store(arg(2), path("CDAT")),
                release(path("CLCK"))},
               true)};
    Terms told;
    for (unsigned i = 0; i < f.processors.size(); i++) {
        const std::string c = numbered('C', i);
        Terms cpu{method("_STA", 0, {ret(call("CSTA", {integer(i)}))}),
                  name("_MAT", buffer(madt_local_apic(i, f.processors[i].apic_id, true)))};
        if (i > 0) cpu.push_back(method("_EJ0", 1, {call("CEJ0", {integer(i)})}));
        cpu.push_back(method("_OST", 3, {call("COST", {integer(i), arg(0), arg(1)})}));
        if (f.numa) cpu.push_back(name("_PXM", integer(0)));
        if (i < 255) {
            body.push_back(processor(c, u8(i), cpu));
        } else {  // beyond what a Processor object can number
            cpu.insert(cpu.begin(), {name("_HID", string("ACPI0007")), name("_UID", integer(i))});
            body.push_back(device(c, cpu));
        }
        told.push_back(if_(equal(arg(0), integer(i)), {notify(path(c), arg(1))}));
    }
    body.push_back(method("CNTF", 2, told));
    // One pass for each event: the command moves the selector to a processor that has one.
    body.push_back(method(
        "CSCN", 0,
        {acquire(path("CLCK")), store(integer(1), local(0)),
         while_(equal(local(0), integer(1)),
                {store(integer(0), local(0)), store(integer(next_with_event), path("CCMD")),
                 if_(equal(path("CINS"), integer(1)),
                     {call("CNTF", {path("CDAT"), integer(1)}), store(integer(1), path("CINS")),
                      store(integer(1), local(0))}),
                 else_({if_(equal(path("CREM"), integer(1)),
                            {call("CNTF", {path("CDAT"), integer(3)}),
                             store(integer(1), path("CREM")), store(integer(1), local(0))})})}),
         release(path("CLCK"))},
        true));
    return device("CPUS", body);
}

// ---- the rest ---------------------------------------------------------------------------------

Bytes hpet() {
    return device("HPET", {name("_HID", eisa_id("PNP0103")), name("_UID", integer(0)),
                           name("_STA", integer(0x0f)),
                           name("_CRS", resources({memory32_fixed(0xfed00000, 0x400, false)}))});
}

/// fw_cfg, which guests' drivers find by this device (0510h-051Bh, DMA registers included).
Bytes firmware_configuration() {
    return device("FWCF", {name("_HID", string("QEMU0002")), name("_STA", integer(0x0b)),
                           name("_CRS", resources({io(0x510, 0x510, 1, 12)}))});
}

/// General-purpose events 1 to 4 are the chip set's for PCI, processors and memory.
Bytes events(const AcpiFacts& f) {
    Terms body{name("_HID", string("ACPI0006"))};
    if (f.pci_hotplug) body.push_back(method("_E01", 0, {call("\\_SB.PCI0.PHSC")}));
    body.push_back(method("_E02", 0, {call("\\_SB.CPUS.CSCN")}));
    if (f.device_memory.slots) {
        body.push_back(method("_E03", 0, {call("\\_SB.MEMS.MSCN")}));
        if (f.nvdimm)  // NFIT update (5.6.6)
            body.push_back(method("_E04", 0, {notify(path("\\_SB.NVDR"), integer(0x80))}));
    }
    return scope("\\_GPE", body);
}

/// SLP_TYP for the PM1a and PM1b control registers (7.4.2).
Bytes sleep_state(const char* n, u8 type) {
    return name(n, package({integer(type), integer(type), integer(0), integer(0)}));
}

}  // namespace

std::vector<u8> build_dsdt(const AcpiFacts& f) {
    Terms system_bus{root_bridge(f)};
    for (unsigned n = 0; n < pins; n++)
        system_bus.push_back(link(n));
    system_bus.push_back(fixed_link(f));
    if (f.hpet_id) system_bus.push_back(hpet());
    system_bus.push_back(processors(f));
    if (f.device_memory.slots) system_bus.push_back(build_memory_hotplug(f));
    system_bus.push_back(firmware_configuration());

    Terms all{scope("\\_SB", system_bus), events(f)};
    if (f.s3) all.push_back(sleep_state("\\_S3", 1));
    if (f.s4) all.push_back(sleep_state("\\_S4", f.s4_type));
    all.push_back(sleep_state("\\_S5", 0));
    return concat(all);
}

}  // namespace hw
