// SPDX-License-Identifier: GPL-2.0-or-later
//
// The registers of PCI configuration space (PCI Local Bus Specification 3.0, chapter 6; capability
// IDs: appendix H; MSI and MSI-X: section 6.8).
#pragma once

#include <cstdint>

namespace hw::pci {

// Type 00h header (figure 6-1).
inline constexpr unsigned vendor_id = 0x00;
inline constexpr unsigned device_id = 0x02;
inline constexpr unsigned command = 0x04;
inline constexpr unsigned status = 0x06;
inline constexpr unsigned revision_id = 0x08;
inline constexpr unsigned class_code = 0x09;  // three bytes: interface, sub-class, base class
inline constexpr unsigned cache_line_size = 0x0c;
inline constexpr unsigned latency_timer = 0x0d;
inline constexpr unsigned header_type = 0x0e;
inline constexpr unsigned base_address = 0x10;
inline constexpr unsigned subsystem_vendor_id = 0x2c;
inline constexpr unsigned subsystem_id = 0x2e;
inline constexpr unsigned expansion_rom = 0x30;
inline constexpr unsigned capabilities_pointer = 0x34;
inline constexpr unsigned interrupt_line = 0x3c;
inline constexpr unsigned interrupt_pin = 0x3d;
inline constexpr unsigned header_size = 0x40;

// Type 01h header, where it differs (PCI-to-PCI Bridge Architecture 1.2, figure 3-1).
inline constexpr unsigned primary_bus = 0x18;
inline constexpr unsigned secondary_bus = 0x19;
inline constexpr unsigned subordinate_bus = 0x1a;
inline constexpr unsigned secondary_latency_timer = 0x1b;
inline constexpr unsigned io_base = 0x1c;
inline constexpr unsigned io_limit = 0x1d;
inline constexpr unsigned secondary_status = 0x1e;
inline constexpr unsigned memory_base = 0x20;
inline constexpr unsigned memory_limit = 0x22;
inline constexpr unsigned prefetchable_base = 0x24;
inline constexpr unsigned prefetchable_limit = 0x26;
inline constexpr unsigned prefetchable_base_upper = 0x28;
inline constexpr unsigned prefetchable_limit_upper = 0x2c;
inline constexpr unsigned io_base_upper = 0x30;
inline constexpr unsigned io_limit_upper = 0x32;
inline constexpr unsigned bridge_expansion_rom = 0x38;
inline constexpr unsigned bridge_control = 0x3e;
inline constexpr std::uint8_t header_bridge = 0x01;

// Command register (table 6-1).
inline constexpr std::uint16_t command_io = 1 << 0;
inline constexpr std::uint16_t command_memory = 1 << 1;
inline constexpr std::uint16_t command_master = 1 << 2;
inline constexpr std::uint16_t command_serr = 1 << 8;
inline constexpr std::uint16_t command_intx_disable = 1 << 10;

// Status register (table 6-2).
inline constexpr std::uint16_t status_interrupt = 1 << 3;
inline constexpr std::uint16_t status_capabilities = 1 << 4;
inline constexpr std::uint16_t status_66mhz = 1 << 5;
inline constexpr std::uint16_t status_fast_back = 1 << 7;
inline constexpr std::uint16_t status_devsel_medium = 1 << 9;
/// Master data parity error, the aborts, SERR and parity: written as one, they clear.
inline constexpr std::uint16_t status_write_one_to_clear = 0xf900;

inline constexpr std::uint8_t header_multifunction = 0x80;

// Base address registers (section 6.2.5.1).
inline constexpr std::uint8_t bar_io = 0x01;
inline constexpr std::uint8_t bar_memory = 0x00;
inline constexpr std::uint8_t bar_64bit = 0x04;
inline constexpr std::uint8_t bar_prefetchable = 0x08;
inline constexpr std::uint8_t rom_enable = 0x01;
inline constexpr unsigned rom_bar = 6;  // the expansion ROM, as the seventh region
inline constexpr unsigned bar_count = 7;

enum class Capability : std::uint8_t {
    PowerManagement = 0x01,
    SlotId = 0x04,
    Msi = 0x05,
    HotPlug = 0x0c,
    BridgeSubsystem = 0x0d,
    MsiX = 0x11,
};

inline constexpr unsigned interrupt_pins = 4;
inline constexpr unsigned slots_per_bus = 32;
inline constexpr unsigned functions_per_slot = 8;

/// Device and function number in one byte, as type 0 configuration cycles carry it.
constexpr unsigned devfn(unsigned slot, unsigned function) {
    return slot << 3 | function;
}
constexpr unsigned slot_of(unsigned devfn) {
    return devfn >> 3;
}
constexpr unsigned function_of(unsigned devfn) {
    return devfn & 7;
}

}  // namespace hw::pci
