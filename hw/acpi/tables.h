// SPDX-License-Identifier: GPL-2.0-or-later
//
// The ACPI tables of a PC with an i440FX, and the script that loads them. What varies between
// machines is in AcpiFacts; the DSDT is in dsdt.cc.
#pragma once

#include <string>
#include <vector>

#include "hw/core/int.h"

namespace hw {

struct AcpiFacts {
    struct Processor {
        u32 apic_id = 0;
        bool present = true;
    };
    struct SerialPort {
        u16 port;
        u8 irq;
    };
    std::vector<Processor> processors;
    u64 ram_below_4g = 0, ram_above_4g = 0;
    u64 pci_hole64_start = 0, pci_hole64_end = 0;  // inclusive; both 0: none
    u32 hpet_id = 0;                               // capabilities, low half; 0: no HPET
    std::vector<SerialPort> serial_ports;
    u16 applesmc_port = 0;  // 0: none
    struct Ipmi {
        u8 interface;  // as _IFT has it (IPMI 2.0, table C3-1): 1 KCS, 3 BT
        u16 port;
        u8 ports, irq;
    };
    std::vector<Ipmi> ipmi{};
    bool parallel_port = false, floppy = false, keyboard = true;
    bool s3 = true, s4 = true;
    u8 s4_type = 2;
    bool pci_hotplug = true;
    /// Where modules are plugged in, and how many slots there are; size 0: nowhere.
    struct DeviceMemory {
        u64 base = 0, size = 0;
        unsigned slots = 0;
    } device_memory{};
    bool numa = false;  // all is in proximity domain 0, which the tables tell of
    struct Range {
        u64 base, size;
    };
    std::vector<Range> nonvolatile{};
    bool nvdimm = false;  // modules may be nonvolatile
    /// Bit n: device n of bus 0 is soldered on and never unplugged.
    u32 fixed_pci_slots = 0x3;
    u16 memory_hotplug_port = 0xa00, pci_hotplug_port = 0xae00, cpu_hotplug_port = 0xaf00,
        gpe_port = 0xafe0;
    u16 pm_base = 0x600;
    u8 sci = 9;
    std::string oem_id = "BOCHS ", oem_table_id = "BXPC    ";
    /// Further tables, whole but for checksum and header; their place is after WAET.
    struct Extra {
        std::string signature;
        u8 revision;
        std::vector<u8> body;
        std::string oem_table_id;
        /// Where the body has the address of another file of fw_cfg, which firmware puts into
        /// memory; it writes the address plus an offset to a second file, for the emulator to know.
        struct Pointer {
            u32 at = 0;                      // four bytes of the body
            std::string file, address_file;  // the second may be empty
            u32 address_offset = 0, alignment = 0;
        } pointer;
    };
    std::vector<Extra> before_waet, extra;
};

/// The three files of fw_cfg.
struct AcpiTables {
    std::vector<u8> tables, rsdp, loader;
};

AcpiTables build_acpi_tables(const AcpiFacts&);

/// The definition block of the DSDT, without the table header.
std::vector<u8> build_dsdt(const AcpiFacts&);
/// Its device for memory hotplug, below \_SB.
std::vector<u8> build_memory_hotplug(const AcpiFacts&);
/// Local APIC entry of a MADT, which hotplug shows again as _MAT (5.2.12.2).
std::vector<u8> madt_local_apic(unsigned uid, u32 apic_id, bool enabled);

}  // namespace hw
