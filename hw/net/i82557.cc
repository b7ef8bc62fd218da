// SPDX-License-Identifier: GPL-2.0-or-later
#include "hw/net/i82557.h"

#include <algorithm>

#include "hw/pci/pci-bus.h"
#include "migration/vmstate/fields.h"
#include "net/network.h"
#include "qapi/context.h"
#include "qom/property.h"

namespace hw {

using namespace i82557;

namespace {

using S = I82557State;
using T = I82557Statistics;
using vmstate::buffer;
using vmstate::field;
template <auto M>
consteval vmstate::Field statistic(std::string_view name) {
    return vmstate::field<&S::statistics, M>(name);
}

constexpr auto fields = vmstate::fields(
    vmstate::structs<&S::dev>("dev", pci_device_table), vmstate::unused(32),
    buffer<&S::mult>("mult"), buffer<&S::mem>("mem"), field<&S::scb_stat>("scb_stat"),
    field<&S::int_stat>("int_stat"), vmstate::unused(12), buffer<&S::macaddr>("conf.macaddr"),
    vmstate::unused(76), field<&S::mdimem>("mdimem"), field<&S::device>("device"),
    field<&S::cu_base>("cu_base"), field<&S::cu_offset>("cu_offset"), field<&S::ru_base>("ru_base"),
    field<&S::ru_offset>("ru_offset"), field<&S::statsaddr>("statsaddr"),
    statistic<&T::tx_good_frames>("statistics.tx_good_frames"),
    statistic<&T::tx_max_collisions>("statistics.tx_max_collisions"),
    statistic<&T::tx_late_collisions>("statistics.tx_late_collisions"),
    statistic<&T::tx_underruns>("statistics.tx_underruns"),
    statistic<&T::tx_lost_crs>("statistics.tx_lost_crs"),
    statistic<&T::tx_deferred>("statistics.tx_deferred"),
    statistic<&T::tx_single_collisions>("statistics.tx_single_collisions"),
    statistic<&T::tx_multiple_collisions>("statistics.tx_multiple_collisions"),
    statistic<&T::tx_total_collisions>("statistics.tx_total_collisions"),
    statistic<&T::rx_good_frames>("statistics.rx_good_frames"),
    statistic<&T::rx_crc_errors>("statistics.rx_crc_errors"),
    statistic<&T::rx_alignment_errors>("statistics.rx_alignment_errors"),
    statistic<&T::rx_resource_errors>("statistics.rx_resource_errors"),
    statistic<&T::rx_overrun_errors>("statistics.rx_overrun_errors"),
    statistic<&T::rx_cdt_errors>("statistics.rx_cdt_errors"),
    statistic<&T::rx_short_frame_errors>("statistics.rx_short_frame_errors"),
    statistic<&T::fc_xmt_pause>("statistics.fc_xmt_pause"),
    statistic<&T::fc_rcv_pause>("statistics.fc_rcv_pause"),
    statistic<&T::fc_rcv_unsupported>("statistics.fc_rcv_unsupported"),
    statistic<&T::xmt_tco_frames>("statistics.xmt_tco_frames"),
    statistic<&T::rcv_tco_frames>("statistics.rcv_tco_frames"),
    buffer<&S::configuration>("configuration"));
static_assert(vmstate::covers<S>(fields));
constexpr vmstate::Table table_82551{
    .name = "i82551", .version = 3, .minimum_version = 3, .fields = fields};
constexpr vmstate::Table table_82559er{
    .name = "i82559er", .version = 3, .minimum_version = 3, .fields = fields};

using P = I82557Config;
using qom::property;
constexpr auto properties = qom::properties(
    property<&P::mac>("mac", "Ethernet 6-byte MAC Address, example: 52:54:00:12:34:56"),
    property<&P::netdev>("netdev", "ID of a netdev to use as a backend"),
    property<&P::bootindex>("bootindex").without_default());

constexpr auto ops = exec::memory_ops<&I82557::io_read, &I82557::io_write>({.impl = {1, 4}});
constexpr auto flash_ops =
    exec::memory_ops<&I82557::flash_read, &I82557::flash_write>({.impl = {1, 4}});

constexpr unsigned power_capability = 0xdc;
constexpr u16 power_capabilities = 0x7e21;

/// The PHY's registers (IEEE 802.3, clause 22) after a reset, without a link.
constexpr std::array<u16, 32> phy_at_reset{
    0x3000, 0x780d, 0x02a8, 0x0154, 0x05e1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x0003, 0, 0x0001};
constexpr u16 phy_status_link = 0x0024, phy_reset = 0x8000;
constexpr unsigned phy_address = 1;
enum : unsigned { phy_control, phy_status, phy_advertise = 4, phy_partner = 5, phy_expansion = 6 };

constexpr I82557Type chip(std::string_view name, std::string_view description, u8 revision,
                          u32 number, const vmstate::Table& table,
                          std::unique_ptr<Device> (*create)()) {
    I82557Type t{};
    t.name = name;
    t.parent = "pci-device";
    t.properties = properties;
    t.description = description;
    t.bus = "PCI";
    t.category = Category::Network;
    t.create = create;
    t.vendor = 0x8086;
    t.device = 0x1209;
    t.revision = revision;
    t.device_class = 0x0200;
    t.romfile = "pxe-eepro100.rom";
    t.chip = number;
    t.table = &table;
    return t;
}

}  // namespace

constinit const I82557Type i82551_type =
    chip("i82551", "Intel i82551 Ethernet", 0x0f, 0x82551, table_82551,
         [] { return std::unique_ptr<Device>(new I82557(i82551_type)); });
constinit const I82557Type i82559er_type =
    chip("i82559er", "Intel i82559ER Ethernet", 0x09, 0x82559e, table_82559er,
         [] { return std::unique_ptr<Device>(new I82557(i82559er_type)); });

I82557::I82557(const I82557Type& type) : PciDeviceOf(type) {}

Result<void> I82557::realize_chip(Platform& p) {
    TRY(sign_in(p.services.find<net::Network>(), type_name(), id(), config_.mac, config_.netdev));
    auto& config = state_.dev.config;
    config[pci::interrupt_pin] = 1;
    config[pci::interrupt_pin + 1] = 0x08;  // MIN_GNT and MAX_LAT
    config[pci::interrupt_pin + 2] = 0x18;
    set_config16(pci::status, 0x0280);
    config[pci::latency_timer] = 0x20;
    add_capability(pci::Capability::PowerManagement, power_capability, 8);
    set_config16(power_capability + 2, power_capabilities);
    eeprom_.sign_in(p.states, pci_bus().device_path(*this));
    state_.device = kind().chip;
    mmio_ = exec::MemoryRegion::io(p.memory, "eepro100-mmio", 0x1000, ops, this);
    io_ = exec::MemoryRegion::io(p.memory, "eepro100-io", 0x40, ops, this);
    flash_ = exec::MemoryRegion::io(p.memory, "eepro100-flash", 0x20000, flash_ops, this);
    add_bar(0, pci::bar_memory | pci::bar_prefetchable, *mmio_);
    add_bar(1, pci::bar_io, *io_);
    add_bar(2, pci::bar_memory, *flash_);
    std::copy(mac().begin(), mac().end(), state_.macaddr.begin());
    state_.configuration[6] = 0x30;
    return {};
}

void I82557::fill_eeprom() {
    auto& words = eeprom_.contents();
    words = {};
    for (unsigned i = 0; i < 3; i++)
        words[i] = u16(state_.macaddr[2 * i] | state_.macaddr[2 * i + 1] << 8);
    words[5] = 0x4000;
    words[6] = 0x0001;
    u16 sum = 0xbaba;
    for (u16 w : words)
        sum = u16(sum - w);
    words.back() = sum;
}

void I82557::chip_reset() {
    std::copy(mac().begin(), mac().end(), state_.macaddr.begin());
    state_.mult = {};
    state_.statistics = {};
    state_.cu_base = state_.cu_offset = state_.ru_base = state_.ru_offset = state_.statsaddr = 0;
    state_.configuration = {};
    state_.configuration[6] = 0x30;
    reset_units();
}

/// A selective reset: the units and registers, not what they were told.
void I82557::reset_units() {
    fill_eeprom();
    eeprom_.reset();
    state_.mem = {};
    state_.mem[mdi_control + 2] = 0x20;
    state_.mdimem = phy_at_reset;
    state_.scb_stat = 0;
    update_irq();
}

Result<void> I82557::check_chip(const S& s, int) const {
    if (s.device != kind().chip)
        return fail("{}: this is the state of chip {:x}", type_name(), s.device);
    return {};
}

void I82557::chip_loaded(int) {
    restore_link(link_up());
}

void I82557::link_changed(bool) {}

// ---- registers --------------------------------------------------------------------------------

u32 I82557::reg(unsigned at, unsigned bytes) const {
    u32 value = 0;
    for (unsigned i = 0; i < bytes; i++)
        value |= u32{state_.mem[at + i]} << 8 * i;
    return value;
}

void I82557::set_reg(unsigned at, unsigned bytes, u32 value) {
    for (unsigned i = 0; i < bytes; i++)
        state_.mem[at + i] = u8(value >> 8 * i);
}

u64 I82557::io_read(u64 offset, unsigned size) {
    if (offset + size > state_.mem.size()) return ~u64{0};
    u32 value = 0;
    for (unsigned i = 0; i < size; i++) {
        const unsigned at = unsigned(offset) + i;
        u8 byte = state_.mem[at];
        if (at == eeprom_control) byte = u8((byte & ~8) | (eeprom_.out() ? 8 : 0));
        if (at == mdi_control + 3) byte |= 0x10;  // ready
        value |= u32{byte} << 8 * i;
    }
    return value;
}

/// Byte by byte; the highest byte of a register that takes an action is its trigger.
void I82557::io_write(u64 offset, u64 value, unsigned size) {
    if (offset + size > state_.mem.size()) return;
    for (unsigned i = 0; i < size; i++) {
        const unsigned at = unsigned(offset) + i;
        const u8 byte = u8(value >> 8 * i);
        if (at == scb_status) continue;
        if (at == scb_ack) {
            state_.scb_stat &= u8(~byte);
            update_irq();
            continue;
        }
        state_.mem[at] = byte;
        written(at);
    }
}

void I82557::written(unsigned at) {
    auto& mem = state_.mem;
    switch (at) {
        case scb_command: {
            const u8 what = mem[at];
            mem[at] = 0;  // accepted
            command(what);
            break;
        }
        case scb_mask: {
            constexpr u8 software_interrupt = 0x02;
            if (mem[at] & software_interrupt) raise(SWI);
            mem[at] &= u8(~software_interrupt);
            update_irq();
            break;
        }
        case port_register + 3: port(); break;
        case eeprom_control: {
            const u8 v = mem[at];
            eeprom_.drive(v & 2, v & 1, v & 4);
            break;
        }
        case mdi_control + 3: write_mdi(); break;
        default: break;
    }
}

/// Resets, and a test that always passes.
void I82557::port() {
    enum : u32 { software_reset, self_test, selective_reset };
    const u32 value = reg(port_register, 4), at = value & ~15u;
    switch (value & 15) {
        case software_reset: chip_reset(); break;
        case self_test: {
            // The checksum of the microcode ROM, and no errors.
            const std::array<u8, 8> result{0xff, 0xff, 0xff, 0xff};
            dma_write(at, result);
            break;
        }
        case selective_reset: reset_units(); break;
        default: platform().log.guest_error("{}: PORT function {}", type_name(), value & 15);
    }
}

void I82557::write_mdi() {
    const u32 value = reg(mdi_control, 4);
    const unsigned operation = value >> 26 & 3, phy = value >> 21 & 31, n = value >> 16 & 31;
    auto& m = state_.mdimem;
    u16 data = u16(value);
    if (operation == 2) {
        const bool up = link_up();
        m[phy_status] = u16((m[phy_status] & ~phy_status_link) | (up ? phy_status_link : 0));
        m[phy_partner] = up ? 0x41fe : 0;
        m[phy_expansion] = up ? 1 : 0;
        data = phy == phy_address ? m[n] : 0xffff;
    } else if (operation == 1 && phy == phy_address) {
        if (n == phy_control && data & phy_reset)
            m = phy_at_reset;
        else if (n == phy_control || n == phy_advertise || n > phy_expansion)
            m[n] = n == phy_control ? data & u16(~0x0200) : data;
    }
    set_reg(mdi_control, 2, data);
    if (value & 1u << 29) raise(MDI);
}

void I82557::raise(u8 stat) {
    state_.scb_stat |= stat;
    update_irq();
}

void I82557::update_irq() {
    auto& s = state_;
    s.mem[scb_ack] = s.scb_stat;
    constexpr u8 all = 0x01, maskable = CX | FR | CNA | RNR;
    const u8 asks = s.scb_stat & u8(~(s.mem[scb_mask] & maskable));
    s.int_stat = asks && !(s.mem[scb_mask] & all);
    set_intx(s.int_stat);
}

}  // namespace hw
