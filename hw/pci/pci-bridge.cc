// SPDX-License-Identifier: GPL-2.0-or-later
#include "hw/pci/pci-bridge.h"

#include <fmt/format.h>

#include <algorithm>

#include "hw/core/reset.h"

namespace hw {

using namespace pci;

namespace {

// Bridge control (section 3.2.5.18).
constexpr std::uint16_t vga_enable = 1 << 3, bus_reset = 1 << 6;
constexpr std::uint16_t control_writable = 0x0bff, control_write_one_clears = 0x0400;
constexpr std::uint8_t type_64bit = 0x01;  // of the prefetchable window

// A window is compared down to its granularity: the low bits of a limit count as ones.
constexpr std::uint64_t io_granularity = 4096, memory_granularity = 1 << 20;

// What VGA enable opens, whatever the windows say (section 4.5.1).
constexpr SecondaryBus::Range vga_io_low{0x3b0, 0x3bb}, vga_io_high{0x3c0, 0x3df},
    vga_memory{0xa0000, 0xbffff};

constexpr std::string_view window_names[] = {
    "pci_bridge_io",        "pci_bridge_mem",       "pci_bridge_pref_mem",
    "pci_bridge_vga_io_lo", "pci_bridge_vga_io_hi", "pci_bridge_vga_mem",
};

std::uint32_t config(const PciDevice& d, unsigned at, unsigned size) {
    std::uint32_t v = 0;
    for (unsigned i = 0; i < size; i++)
        v |= std::uint32_t{d.pci_state().config[at + i]} << 8 * i;
    return v;
}

bool touches(unsigned address, unsigned size, unsigned first, unsigned last) {
    return address <= last && first < address + size;
}

}  // namespace

// ---- the header -------------------------------------------------------------------------------

void PciDevice::make_bridge_header() {
    auto& c = pci_state().config;
    c[header_type] =
        static_cast<std::uint8_t>((c[header_type] & header_multifunction) | header_bridge);
    set_config16(status, status_66mhz | status_fast_back);
    set_config16(secondary_status, status_66mhz | status_fast_back);
    c[prefetchable_base] = c[prefetchable_limit] = type_64bit;

    std::fill(writable_.begin() + primary_bus, writable_.begin() + io_base, 0xff);
    writable_[io_base] = writable_[io_limit] = 0xf0;
    for (unsigned at : {memory_base, memory_limit, prefetchable_base, prefetchable_limit}) {
        writable_[at] = 0xf0;
        writable_[at + 1] = 0xff;
    }
    std::fill_n(writable_.begin() + prefetchable_base_upper, 8, 0xff);
    for (unsigned i = 0; i < 2; i++) {
        const unsigned bits = 8 * i;
        writable_[bridge_control + i] = static_cast<std::uint8_t>(control_writable >> bits);
        write_one_clears_[bridge_control + i] =
            static_cast<std::uint8_t>(control_write_one_clears >> bits);
        write_one_clears_[secondary_status + i] =
            static_cast<std::uint8_t>(status_write_one_to_clear >> bits);
    }
}

void PciDevice::reset_bridge_header() {
    auto& c = pci_state().config;
    for (unsigned at = primary_bus; at < header_size; at++) {
        if (at == capabilities_pointer || at == interrupt_line || at == interrupt_pin) continue;
        c[at] &= static_cast<std::uint8_t>(~(writable_[at] | write_one_clears_[at]));
    }
}

// ---- windows ----------------------------------------------------------------------------------

SecondaryBus::Range SecondaryBus::io_range(const PciDevice& d) {
    return {(config(d, pci::io_base, 1) & 0xf0u) << 8,
            (config(d, pci::io_limit, 1) & 0xf0u) << 8 | (io_granularity - 1)};
}

SecondaryBus::Range SecondaryBus::memory_range(const PciDevice& d) {
    return {
        std::uint64_t{config(d, pci::memory_base, 2) & 0xfff0u} << 16,
        std::uint64_t{config(d, pci::memory_limit, 2) & 0xfff0u} << 16 | (memory_granularity - 1)};
}

SecondaryBus::Range SecondaryBus::prefetchable_range(const PciDevice& d) {
    auto bound = [&](unsigned low, unsigned high) {
        return std::uint64_t{config(d, high, 4)} << 32 | (config(d, low, 2) & 0xfff0u) << 16;
    };
    return {bound(prefetchable_base, prefetchable_base_upper),
            bound(prefetchable_limit, prefetchable_limit_upper) | (memory_granularity - 1)};
}

namespace {

bool has_bus(const qom::Object& under, std::string_view name) {
    if (auto* bus = dynamic_cast<const PciBus*>(&under); bus && bus->bus_name() == name)
        return true;
    return std::ranges::any_of(under.children(),
                               [&](const qom::Object* child) { return has_bus(*child, name); });
}

/// Its bridge's id; without one, the first number that no other bus has.
std::string name_of_bus(PciDevice& bridge) {
    if (!bridge.id().empty()) return bridge.id();
    for (unsigned n = 0;; n++)
        if (std::string name = fmt::format("pci.{}", n); !has_bus(bridge.root(), name)) return name;
}

}  // namespace

SecondaryBus::SecondaryBus(PciDevice& bridge, Platform& platform)
    : bridge_(bridge), states_(platform.states) {
    using exec::MemoryRegion;
    memory_ = MemoryRegion::container(platform.memory, "pci_bridge_pci", MemoryRegion::whole);
    io_ = MemoryRegion::container(platform.memory, "pci_bridge_io", 0x10000);
    const PciBus::Wiring& front = bridge.pci_bus().wiring();
    exec::Transaction changes(platform.memory);
    for (unsigned n = 0; n < window_count; n++) {
        const bool ports = n == Io || n == VgaIoLow || n == VgaIoHigh;
        windows_[n] = MemoryRegion::alias(platform.memory, std::string(window_names[n]),
                                          ports ? *io_ : *memory_, 0, io_granularity);
        windows_[n]->set_enabled(false);
        (ports ? front.io : front.memory).add_subregion(0, *windows_[n], 1);
    }
    buses_.push_back(std::make_unique<PciBus>(name_of_bus(bridge), &bridge,
                                              PciBus::Wiring{.memory = *memory_,
                                                             .io = *io_,
                                                             .master_space = front.master_space,
                                                             .bridge = &bridge}));
}

SecondaryBus::~SecondaryBus() {
    // Unplugged from a machine that goes on: nobody pulls the wires in front any more.
    if (bridge_.parent_bus())
        for (const auto& d : bus().devices())
            bus().detach(*d);
    states_.remove(bus());
}

void SecondaryBus::sign_in(vmstate::Registry& states) {
    states.add({}, bus());
}

void SecondaryBus::place(Window n, bool open, Range r) {
    exec::MemoryRegion& w = *windows_[n];
    open = open && r.base <= r.limit;
    if (open) {
        // The whole of a space of 64 bits has no length of 64 bits.
        const std::uint64_t length = r.limit - r.base + 1;
        w.set_size(length ? length : exec::MemoryRegion::whole);
        w.set_alias_offset(r.base);
        w.set_address(r.base);
    }
    w.set_enabled(open);
}

void SecondaryBus::update() {
    exec::Transaction changes(memory_->map());
    const std::uint32_t cmd = config(bridge_, command, 2);
    const bool vga = config(bridge_, bridge_control, 2) & vga_enable;
    const bool ports = cmd & command_io, memory = cmd & command_memory;
    place(Io, ports, io_range(bridge_));
    place(Memory, memory, memory_range(bridge_));
    place(Prefetchable, memory, prefetchable_range(bridge_));
    place(VgaIoLow, ports && vga, vga_io_low);
    place(VgaIoHigh, ports && vga, vga_io_high);
    place(VgaMemory, memory && vga, vga_memory);
}

bool SecondaryBus::holds_reset() const {
    return config(bridge_, bridge_control, 2) & bus_reset;
}

void SecondaryBus::config_written(unsigned address, unsigned size) {
    if (touches(address, size, command, command + 1) || touches(address, size, io_base, io_limit) ||
        touches(address, size, memory_base, io_limit_upper + 1) ||
        touches(address, size, bridge_control, bridge_control + 1))
        update();
    const bool was = std::exchange(in_reset_, holds_reset());
    if (in_reset_ && !was) reset(bus());
}

void SecondaryBus::registers_replaced() {
    in_reset_ = holds_reset();
    update();
}

}  // namespace hw
