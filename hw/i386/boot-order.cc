// SPDX-License-Identifier: GPL-2.0-or-later
#include "hw/i386/boot-order.h"

#include <fmt/format.h>

#include <algorithm>

#include "hw/block/fdc.h"
#include "hw/ide/isa.h"
#include "hw/pci/pci-bus.h"
#include "hw/pci/pci-device.h"
#include "qapi/json.h"
#include "qom/access.h"

namespace hw {

namespace {

struct ClassName {
    std::uint16_t code;
    std::string_view name;
};
// What functions are called by their base class and sub-class (PCI Bus Binding to IEEE 1275).
constexpr ClassName class_names[] = {
    {0x0100, "scsi"},    {0x0101, "ide"}, {0x0200, "ethernet"},
    {0x0300, "display"}, {0x0601, "isa"}, {0x0604, "pci-bridge"},
};

std::string pci_name(const PciDevice& d) {
    const auto& config = d.pci_state().config;
    const unsigned code = config[0x0a] | config[0x0b] << 8;
    std::string name = fmt::format("pci{:04x},{:04x}", d.pci_type().vendor, d.pci_type().device);
    for (const ClassName& c : class_names)
        if (c.code == code) name = c.name;
    const unsigned function = pci::function_of(d.devfn());
    name += fmt::format("@{:x}", pci::slot_of(d.devfn()));
    return function ? name + fmt::format(",{:x}", function) : name;
}

std::string isa_name(const Device& d) {
    auto at = [&](std::string_view name, unsigned port) {
        return fmt::format("{}@{:04x}", name, port);
    };
    auto* config = const_cast<Device&>(d).config();
    if (d.type_name() == "isa-ide") return at("ide", static_cast<IsaIdeConfig*>(config)->iobase);
    if (d.type_name() == "isa-fdc") return at("fdc", static_cast<FdcConfig*>(config)->iobase);
    return std::string(d.type_name());
}

/// "drive@1/disk@0": which of its controller's channels, and of that the drive.
std::string ide_name(const Device& d, const Bus& bus, std::int64_t unit) {
    const auto channels = bus.parent_device()->child_buses();
    const auto channel = std::find_if(channels.begin(), channels.end(),
                                      [&](const auto& c) { return c.get() == &bus; });
    return fmt::format("drive@{}/disk@{}", channel - channels.begin(), unit);
}

class Search {
public:
    Search(const qom::TypeTable& types, std::vector<BootEntry>& found)
        : types_(types), found_(found) {}

    void look(const Bus& bus, const std::string& way) {
        for (const auto& d : bus.devices())
            look(*d, bus, way);
    }

private:
    std::int64_t number(const Device& d, std::string_view property, std::int64_t otherwise) {
        const auto value = qom::get(types_, d, property);
        return value ? value->integer().value_or(otherwise) : otherwise;
    }
    void add(const Device& d, std::string_view property, std::string path) {
        if (const std::int64_t index = number(d, property, -1); index >= 0)
            found_.push_back({static_cast<int>(index), std::move(path)});
    }
    void look(const Device& d, const Bus& bus, const std::string& way) {
        const std::string_view kind = bus.kind();
        const std::string here = way + '/' +
                                 (kind == "PCI"   ? pci_name(static_cast<const PciDevice&>(d))
                                  : kind == "IDE" ? ide_name(d, bus, number(d, "unit", 0))
                                                  : isa_name(d));
        const bool network = here.find("/ethernet@", way.size()) == way.size();
        add(d, "bootindex", network ? here + "/ethernet-phy@0" : here);
        add(d, "bootindexA", here + "/floppy@0");
        add(d, "bootindexB", here + "/floppy@1");
        for (const auto& behind : d.child_buses())
            look(*behind, here);
    }

    const qom::TypeTable& types_;
    std::vector<BootEntry>& found_;
};

}  // namespace

Result<std::vector<BootEntry>> boot_entries(const qom::TypeTable& types, const Bus& root,
                                            std::vector<BootEntry> entries) {
    Search(types, entries).look(root, root.kind() == "PCI" ? "/pci@i0cf8" : "/isa");
    std::stable_sort(entries.begin(), entries.end(),
                     [](const BootEntry& a, const BootEntry& b) { return a.index < b.index; });
    const auto twice = std::adjacent_find(
        entries.begin(), entries.end(),
        [](const BootEntry& a, const BootEntry& b) { return a.index == b.index; });
    if (twice != entries.end()) return fail("The bootindex {} has already been used", twice->index);
    return entries;
}

std::vector<std::uint8_t> boot_order_file(const std::vector<BootEntry>& entries, bool strict) {
    std::string text;
    for (const BootEntry& e : entries)
        text += (text.empty() ? "" : "\n") + e.path;
    // SeaBIOS's word for "no further".
    if (strict && !text.empty()) text += "\nHALT";
    std::vector<std::uint8_t> bytes(text.begin(), text.end());
    if (!bytes.empty()) bytes.push_back(0);
    return bytes;
}

}  // namespace hw
