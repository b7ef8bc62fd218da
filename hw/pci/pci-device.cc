// SPDX-License-Identifier: GPL-2.0-or-later
//
// Configuration space, base address registers, interrupt pin and bus mastering of one function.
// Specification: PCI Local Bus Specification 3.0, chapter 6.
#include "hw/pci/pci-device.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cassert>

#include "exec/ram-block.h"
#include "hw/core/firmware-files.h"
#include "hw/pci/pci-bus.h"
#include "hw/pci/pci-properties.h"
#include "qapi/context.h"

namespace hw {

using namespace pci;

namespace {

std::uint32_t get_le(const std::uint8_t* p, unsigned size) {
    std::uint32_t v = 0;
    for (unsigned i = 0; i < size; i++)
        v |= std::uint32_t{p[i]} << 8 * i;
    return v;
}
void put_le(std::uint8_t* p, std::uint64_t v, unsigned size) {
    for (unsigned i = 0; i < size; i++)
        p[i] = static_cast<std::uint8_t>(v >> 8 * i);
}
// The MSI-X capability (section 6.8.2, figure 6-10): length, and the parts of message control.
constexpr unsigned msix_length = 12;
constexpr std::uint16_t msix_count_mask = 0x7ff;
constexpr std::uint8_t msix_enable_and_mask = 0xc0;  // of its high byte

bool overlaps(unsigned address, unsigned size, unsigned first, unsigned length) {
    return address < first + length && first < address + size;
}

}  // namespace

PciDevice::PciDevice(const PciDeviceType& type) : Device(type) {}

// The regions behind the BARs are the chip's members: they left the bus's spaces as they went.
PciDevice::~PciDevice() {
    rom_.reset();
    if (rom_block_) platform().memory.release_ram(*rom_block_);
}

PciBus& PciDevice::pci_bus() const {
    return static_cast<PciBus&>(*parent_bus());
}

std::uint16_t PciDevice::config16(unsigned at) const {
    return static_cast<std::uint16_t>(get_le(&pci_state().config[at], 2));
}
std::uint32_t PciDevice::config32(unsigned at) const {
    return get_le(&pci_state().config[at], 4);
}
void PciDevice::set_config16(unsigned at, std::uint16_t v) {
    put_le(&pci_state().config[at], v, 2);
}
void PciDevice::set_config32(unsigned at, std::uint32_t v) {
    put_le(&pci_state().config[at], v, 4);
}

unsigned PciDevice::bar_register(unsigned n) const {
    if (n != rom_bar) return base_address + 4 * n;
    return pci_state().config[header_type] & header_bridge ? bridge_expansion_rom : expansion_rom;
}

void PciDevice::init_config() {
    const PciDeviceType& t = pci_type();
    auto& c = pci_state().config;
    c.fill(0);
    set_config16(vendor_id, t.vendor);
    set_config16(device_id, t.device);
    c[revision_id] = t.revision;
    c[class_code] = t.interface;
    set_config16(class_code + 1, t.device_class);
    set_config16(subsystem_vendor_id, t.subsystem_vendor);
    set_config16(subsystem_id, t.subsystem);
    if (pci_config().multifunction) c[header_type] |= header_multifunction;

    put_le(&writable_[command],
           command_io | command_memory | command_master | command_serr | command_intx_disable, 2);
    writable_[cache_line_size] = 0xff;
    writable_[interrupt_line] = 0xff;
    std::fill(writable_.begin() + header_size, writable_.end(), 0xff);
    put_le(&write_one_clears_[status], status_write_one_to_clear, 2);
    for (unsigned at : {vendor_id, vendor_id + 1, device_id, device_id + 1, revision_id, class_code,
                        class_code + 1, class_code + 2, header_type, capabilities_pointer})
        checked_[at] = 0xff;
    put_le(&checked_[status], status_capabilities, 2);
}

Result<void> PciDevice::realize(Platform& platform) {
    init_config();
    TRY(realize_chip(platform));
    TRY(add_option_rom(platform));
    if (auto* handler = pci_bus().hotplug_handler(); handler && platform.machine_done)
        handler->plugged(*this);
    return {};
}

/// The ROM behind the expansion ROM register (section 6.3). Firmware runs an image only when its
/// data structure names this function, so one image that serves several cards is made to.
Result<void> PciDevice::add_option_rom(Platform& platform) {
    PciConfig& c = pci_config();
    const bool by_user = !c.romfile.empty();
    if (!by_user) c.romfile = pci_type().romfile;
    auto* files = platform.services.find<FirmwareFiles>();
    if (c.romfile.empty() || !c.rombar || !files) return {};
    auto image = files->read_rom(c.romfile);
    if (!image) {
        if (by_user) return std::move(image).error();
        return {};  // a card without its default ROM cannot be booted from, no more
    }
    std::uint64_t size = std::bit_ceil(std::max<std::uint64_t>(image->size(), 2048));
    if (c.romsize != 0xffffffff) {
        if (!std::has_single_bit(c.romsize))
            return fail("ROM size {} is not a power of two", c.romsize);
        if (c.romsize < image->size())
            return fail("romfile \"{}\" ({} bytes) is too large for ROM size {}", c.romfile,
                        image->size(), c.romsize);
        size = c.romsize;
    }
    c.romsize = static_cast<std::uint32_t>(size);
    auto& rom = *image;
    const std::size_t data = rom.size() > 0x1a ? rom[0x18] | rom[0x19] << 8 : rom.size();
    if (data + 8 <= rom.size() && rom[0] == 0x55 && rom[1] == 0xaa) {
        const std::uint16_t ids[] = {pci_type().vendor, pci_type().device};
        std::uint8_t& checksum = rom[6];
        for (unsigned i = 0; i < 4; i++) {
            const auto v = static_cast<std::uint8_t>(ids[i / 2] >> 8 * (i % 2));
            checksum = static_cast<std::uint8_t>(checksum + rom[data + 4 + i] - v);
            rom[data + 4 + i] = v;
        }
    }
    const std::string_view section = saved_state() ? saved_state()->vmstate().name : type_name();
    rom_block_ = TRY(platform.memory.allocate_ram(
        fmt::format("{}/{}.rom", pci_bus().device_path(*this), section), size));
    std::copy(rom.begin(), rom.end(), rom_block_->host());
    rom_ = exec::MemoryRegion::rom(platform.memory, fmt::format("{}.rom", section), *rom_block_);
    add_bar(rom_bar, bar_memory, *rom_);
    return {};
}

void PciDevice::add_bar(unsigned n, std::uint8_t type, exec::MemoryRegion& region) {
    const std::uint64_t size = region.size();
    assert(n < bar_count && std::has_single_bit(size) && !bars_[n].region);
    const PciBus::Wiring& w = pci_bus().wiring();
    bars_[n] = {type, size, &region, type & bar_io ? &w.io : &w.memory, Bar::unmapped};
    const unsigned at = bar_register(n);
    const unsigned width = !(type & bar_io) && type & bar_64bit ? 8 : 4;
    std::uint64_t mask = ~(size - 1);
    if (n == rom_bar) mask |= rom_enable;
    put_le(&writable_[at], mask, width);
    std::fill_n(checked_.begin() + at, width, 0xff);
    put_le(&pci_state().config[at], type, width);
}

void PciDevice::add_capability(Capability id, unsigned at, unsigned length) {
    assert(at >= header_size && at + length <= 256);
    auto& c = pci_state().config;
    c[at] = static_cast<std::uint8_t>(id);
    c[at + 1] = c[capabilities_pointer];
    c[capabilities_pointer] = static_cast<std::uint8_t>(at);
    c[status] |= status_capabilities;
    std::fill_n(writable_.begin() + at, length, 0);
    std::fill_n(checked_.begin() + at, length, 0xff);
}

void PciDevice::add_msix(Msix& msix, unsigned at, unsigned vectors, Msix::Place table,
                         Msix::Place pba) {
    add_capability(Capability::MsiX, at, msix_length);
    msix_at_ = static_cast<std::uint8_t>(at);
    msix_ = &msix;
    set_config16(at + 2, static_cast<std::uint16_t>(vectors - 1));
    writable_[at + 3] = msix_enable_and_mask;
    set_config32(at + 4, table.offset | table.bar);
    set_config32(at + 8, pba.offset | pba.bar);
    msix.create(platform().memory, at, vectors, table, pba);
}

std::uint32_t PciDevice::config_read(unsigned address, unsigned size) {
    return get_le(&pci_state().config[address], size);
}

void PciDevice::config_write(unsigned address, std::uint32_t value, unsigned size) {
    auto& s = pci_state();
    const bool was_masked = config16(command) & command_intx_disable;
    for (unsigned i = address; i < address + size; i++, value >>= 8) {
        const auto v = static_cast<std::uint8_t>(value);
        s.config[i] = static_cast<std::uint8_t>((s.config[i] & ~writable_[i]) | (v & writable_[i]));
        s.config[i] &= static_cast<std::uint8_t>(~(v & write_one_clears_[i]));
    }
    if (overlaps(address, size, command, 2) ||
        overlaps(address, size, base_address, subsystem_vendor_id - 4 - base_address) ||
        overlaps(address, size, bar_register(rom_bar), 4))
        update_mappings();
    const bool masked = config16(command) & command_intx_disable;
    if (masked != was_masked)
        for (unsigned pin = 0; pin < interrupt_pins; pin++)
            if (s.irq_state[pin]) pci_bus().change_interrupt(devfn_, pin, masked ? -1 : 1);
    if (msi_at_) msi_written(address, size);
    if (msix_ && overlaps(address, size, msix_at_, msix_length)) msix_->config_written();
    config_written(address, size);
}

/// Where a region appears now. An address of 0 and one that reaches the end of its space count as
/// "not assigned": firmware writes both while it sizes the register.
std::uint64_t PciDevice::decoded_address(unsigned n) const {
    const Bar& b = bars_[n];
    const std::uint16_t cmd = config16(command);
    const unsigned at = bar_register(n);
    if (b.type & bar_io) {
        if (!(cmd & command_io)) return Bar::unmapped;
        const std::uint64_t base = config32(at) & ~(b.size - 1);
        const std::uint64_t last = base + b.size - 1;
        return base == 0 || last >= 0xffffffff ? Bar::unmapped : base;
    }
    if (!(cmd & command_memory)) return Bar::unmapped;
    std::uint64_t base = config32(at);
    if (b.type & bar_64bit) base |= std::uint64_t{config32(at + 4)} << 32;
    if (n == rom_bar && !(base & rom_enable)) return Bar::unmapped;
    base &= ~(b.size - 1);
    const std::uint64_t last = base + b.size - 1;
    if (base == 0 || last < base || last == Bar::unmapped) return Bar::unmapped;
    if (!(b.type & bar_64bit) && last >= 0xffffffff) return Bar::unmapped;
    return base;
}

void PciDevice::update_mappings() {
    std::unique_ptr<exec::Transaction> changes;
    for (unsigned n = 0; n < bar_count; n++) {
        Bar& b = bars_[n];
        if (!b.region) continue;
        const std::uint64_t now = decoded_address(n);
        if (now == b.address) continue;
        if (!changes) changes = std::make_unique<exec::Transaction>(platform().memory);
        if (b.address != Bar::unmapped) b.space->remove_subregion(*b.region);
        b.address = now;
        if (now != Bar::unmapped) b.space->add_subregion(now, *b.region, 1);
    }
}

exec::MemTx PciDevice::dma_read(exec::hwaddr at, std::span<std::uint8_t> to) {
    if (!bus_master()) return exec::MemTx::DecodeError;
    return pci_bus().wiring().master_space.dma_read(at, to);
}
exec::MemTx PciDevice::dma_write(exec::hwaddr at, std::span<const std::uint8_t> from) {
    if (!bus_master()) return exec::MemTx::DecodeError;
    return pci_bus().wiring().master_space.dma_write(at, from);
}

void PciDevice::set_intx(int level) {
    auto& s = pci_state();
    assert(has_intx());
    const unsigned pin = s.config[interrupt_pin] - 1u;
    const auto wanted = static_cast<std::uint32_t>(level != 0);
    if (pin >= interrupt_pins || s.irq_state[pin] == wanted) return;
    s.irq_state[pin] = wanted;
    show_interrupt();
    if (!(config16(command) & command_intx_disable))
        pci_bus().change_interrupt(devfn_, pin, wanted ? 1 : -1);
}

/// The status register's bit follows the pins, whether or not they are masked.
void PciDevice::show_interrupt() {
    auto& s = pci_state();
    const bool up = std::any_of(s.irq_state.begin(), s.irq_state.end(), [](auto v) { return v; });
    s.config[status] = static_cast<std::uint8_t>((s.config[status] & ~status_interrupt) |
                                                 (up ? status_interrupt : 0));
}

void PciDevice::reset_config() {
    auto& s = pci_state();
    const bool masked = config16(command) & command_intx_disable;
    for (unsigned pin = 0; pin < interrupt_pins; pin++) {
        if (s.irq_state[pin] && !masked) pci_bus().change_interrupt(devfn_, pin, -1);
        s.irq_state[pin] = 0;
    }
    show_interrupt();
    for (unsigned at : {command, command + 1, status, status + 1, interrupt_line})
        s.config[at] &= static_cast<std::uint8_t>(~(writable_[at] | write_one_clears_[at]));
    s.config[cache_line_size] = 0;
    for (unsigned n = 0; n < bar_count; n++)
        if (bars_[n].region)
            put_le(&s.config[bar_register(n)], bars_[n].type, bars_[n].type & bar_64bit ? 8 : 4);
    update_mappings();
}

void PciDevice::hold_reset() {
    reset_config();
    if (msi_at_) reset_msi();
    if (msix_) {
        set_config16(msix_at_ + 2u, msix_control() & msix_count_mask);
        msix_->reset();
    }
    chip_reset();
}

// A stream whose read-only bytes differ comes from another device, whatever its name says.
Result<void> PciDevice::check_loaded(const PciState& loaded) const {
    const auto& mine = pci_state().config;
    for (unsigned i = 0; i < mine.size(); i++) {
        const std::uint8_t fixed = checked_[i] & ~writable_[i] & ~write_one_clears_[i];
        if ((mine[i] ^ loaded.config[i]) & fixed)
            return fail(
                "{}: configuration byte {:#04x} is {:#04x} in the stream and {:#04x} here "
                "(mask {:#04x})",
                type_name(), i, loaded.config[i], mine[i], fixed);
    }
    return {};
}

// The bus has its own section with the count of each wire, so nothing is driven here.
void PciDevice::after_load() {
    pci_state().version_id = pci_device_table.version;
    show_interrupt();
    update_mappings();
}

}  // namespace hw
