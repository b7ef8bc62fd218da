// SPDX-License-Identifier: GPL-2.0-or-later
//
// What `info qtree` says of a PCI function: its identity and where its base addresses are mapped.
#include <fmt/format.h>

#include "hw/pci/pci-bus.h"
#include "hw/pci/pci-device.h"
#include "hw/pci/pci-properties.h"

namespace hw {

namespace {

struct ClassName {
    std::uint16_t code;
    std::string_view name;
};
// The names QEMU 7.2 shows, by base class and sub-class (PCI Code and ID Assignment).
constexpr ClassName class_names[] = {
    {0x0100, "SCSI controller"},
    {0x0101, "IDE controller"},
    {0x0104, "RAID controller"},
    {0x0106, "SATA controller"},
    {0x0200, "Ethernet controller"},
    {0x0300, "VGA controller"},
    {0x0380, "Display controller"},
    {0x0401, "Audio controller"},
    {0x0403, "Audio controller"},
    {0x0500, "RAM controller"},
    {0x0600, "Host bridge"},
    {0x0601, "ISA bridge"},
    {0x0604, "PCI bridge"},
    {0x0680, "Bridge"},
    {0x0700, "Serial port"},
    {0x0900, "Keyboard"},
    {0x0902, "Mouse"},
    {0x0c03, "USB controller"},
    {0x0c05, "SMBus"},
};

}  // namespace

std::string_view pci_class_name(std::uint16_t code) {
    for (const ClassName& c : class_names)
        if (c.code == code) return c.name;
    return {};
}

std::vector<std::string> PciBus::describe(const Device& device) const {
    const auto& d = static_cast<const PciDevice&>(device);
    const auto& config = d.pci_state().config;
    auto word = [&](unsigned at) {
        return static_cast<std::uint16_t>(config[at] | config[at + 1] << 8);
    };
    const auto name = pci_class_name(word(0x0a));
    std::vector<std::string> lines{
        fmt::format("class {}, addr {:02x}:{:02x}.{:x}, pci id {:04x}:{:04x} (sub {:04x}:{:04x})",
                    name.empty() ? fmt::format("Class {:04x}", word(0x0a)) : std::string(name),
                    bus_number(), pci::slot_of(d.devfn()), pci::function_of(d.devfn()), word(0x00),
                    word(0x02), word(0x2c), word(0x2e))};
    for (unsigned n = 0; n < pci::bar_count; n++) {
        const PciDevice::Bar& bar = d.bar(n);
        if (!bar.size) continue;
        // The end of an unmapped one wraps, and is shown so.
        lines.push_back(fmt::format("bar {}: {} at {:#x} [{:#x}]", n, bar.type & 1 ? "i/o" : "mem",
                                    bar.address, bar.address + bar.size - 1));
    }
    return lines;
}

}  // namespace hw
