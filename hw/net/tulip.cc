// SPDX-License-Identifier: GPL-2.0-or-later
#include "hw/net/tulip.h"

#include <zlib.h>

#include <algorithm>

#include "hw/pci/pci-bus.h"
#include "migration/vmstate/fields.h"
#include "net/network.h"
#include "qapi/context.h"
#include "qom/property.h"

namespace hw {

using namespace tulip;

namespace {

using S = TulipState;
using vmstate::field;
constexpr auto fields = vmstate::fields(
    vmstate::structs<&S::dev>("dev", pci_device_table), field<&S::csr>("csr"),
    field<&S::old_csr9>("old_csr9"), field<&S::mii_word>("mii_word"),
    field<&S::mii_bitcnt>("mii_bitcnt").within(0, 32),
    field<&S::current_rx_desc>("current_rx_desc"), field<&S::current_tx_desc>("current_tx_desc"),
    vmstate::buffer<&S::rx_frame>("rx_frame"), vmstate::buffer<&S::tx_frame>("tx_frame"),
    field<&S::rx_frame_len>("rx_frame_len"),
    field<&S::tx_frame_len>("tx_frame_len").within(0, 2048),
    field<&S::rx_frame_size>("rx_frame_size"), field<&S::rx_status>("rx_status"),
    field<&S::filter>("filter"));
static_assert(vmstate::covers<S>(fields));
constexpr vmstate::Table table{
    .name = "tulip", .version = 0, .minimum_version = 0, .fields = fields};

using P = TulipConfig;
using qom::property;
constexpr auto properties = qom::properties(
    property<&P::mac>("mac", "Ethernet 6-byte MAC Address, example: 52:54:00:12:34:56"),
    property<&P::netdev>("netdev", "ID of a netdev to use as a backend"),
    property<&P::bootindex>("bootindex").without_default());

constexpr auto ops = exec::memory_ops<&Tulip::io_read, &Tulip::io_write>({.impl = {4, 4}});

constexpr std::array<u32, 16> at_reset{
    0xfe000000, 0xffffffff, 0xffffffff, 0,          0,          0xf0000000, 0x32000040, 0xf3fe0000,
    0xe0000000, 0xfff483ff, 0,          0xfffe0000, 0x000000c6, 0xffff0000, 0xffffffff, 0x8ff00000};
constexpr u32 autonegotiation_complete = 5u << 12;  // CSR12

/// CSR9: the wires of the EEPROM and of the PHY.
enum : u32 {
    srom_select = 1u << 0,
    srom_clock = 1u << 1,
    srom_in = 1u << 2,
    srom_out = 1u << 3,
    srom_chosen = 1u << 11,
    mii_clock = 1u << 16,
    mii_out = 1u << 17,
    mii_in = 1u << 19,
};

/// The EEPROM apart from the address and its check sum ("Serial ROM Format", version 4).
struct Word {
    u8 at;
    u16 value;
};
constexpr Word eeprom_words[] = {
    {0, 0x103c},  {1, 0x104f},  {8, 0x0847},  {9, 0x0104},  {13, 0x1e00}, {15, 0x0800},
    {16, 0x8d01}, {17, 0x0003}, {19, 0x7800}, {20, 0x01e0}, {21, 0x5000}, {22, 0x1800},
    {47, 0x6be8}, {51, 0x8000}, {52, 0xb348}, {53, 0xa70e}, {54, 0x0040},
};
constexpr unsigned eeprom_address = 10;

// A frame on the PHY's wires: start, operation, PHY, register, turnaround, data.
constexpr unsigned mii_header = 14, mii_bits = 32, phy_address = 1, phy_status = 1;
constexpr std::array<u16, 32> phy_registers{0x3100, 0x702c, 0x7810, 0x0000, 0x0501, 0x4181};
constexpr u16 phy_link = 0x0004;

}  // namespace

constinit const PciDeviceType tulip_type{
    {{.name = "tulip", .parent = "pci-device", .properties = properties},
     "PCI",
     Category::Network,
     true,
     true,
     [] { return std::unique_ptr<Device>(new Tulip); }},
    0x1011,
    0x0019,
    0x00,
    0x0200,
    0x00,
    0x103c,
    0x104f};

Tulip::Tulip() : PciDeviceOf(tulip_type) {}

const vmstate::Table& Tulip::vmstate() const {
    return table;
}

Result<void> Tulip::realize_chip(Platform& p) {
    TRY(sign_in(p.services.find<net::Network>(), type_name(), id(), config_.mac, config_.netdev));
    state_.dev.config[pci::interrupt_pin] = 1;
    eeprom_.sign_in(p.states, pci_bus().device_path(*this));
    fill_eeprom();
    io_ = exec::MemoryRegion::io(p.memory, "tulip-io", 0x80, ops, this);
    mmio_ = exec::MemoryRegion::io(p.memory, "tulip-mem", 0x80, ops, this);
    add_bar(0, pci::bar_io, *io_);
    add_bar(1, pci::bar_memory, *mmio_);
    return {};
}

void Tulip::fill_eeprom() {
    auto& words = eeprom_.contents();
    words = {};
    for (const Word& w : eeprom_words)
        words[w.at] = w.value;
    for (unsigned i = 0; i < 3; i++)
        words[eeprom_address + i] = u16(mac()[2 * i] | mac()[2 * i + 1] << 8);
    std::array<u8, 126> bytes;
    for (unsigned i = 0; i < bytes.size(); i++)
        bytes[i] = u8(words[i / 2] >> 8 * (i % 2));
    words.back() = u16(crc32(0, bytes.data(), bytes.size()));
}

void Tulip::chip_reset() {
    const PciState dev = state_.dev;
    state_ = {};
    state_.dev = dev;
    eeprom_.reset();
    reset_registers();
}

void Tulip::reset_registers() {
    state_.csr = at_reset;
    update_irq();
}

// ---- registers --------------------------------------------------------------------------------

u64 Tulip::io_read(u64 offset, unsigned) {
    const auto& csr = state_.csr;
    const unsigned n = unsigned(offset) / 8;
    if (offset % 8) return 0;
    switch (n) {
        case 9: {
            u32 value = csr[9] & ~(srom_out | mii_in);
            if (eeprom_.out()) value |= srom_out;
            if (mii_data()) value |= mii_in;
            return value;
        }
        case 12: return autonegotiation_complete;
        default: return csr[n];
    }
}

void Tulip::io_write(u64 offset, u64 wide, unsigned) {
    auto& s = state_;
    const u32 value = u32(wide);
    if (offset % 8) return;
    switch (offset / 8) {
        case 0:
            s.csr[0] = value & ~1u;
            if (value & 1) reset_registers();
            break;
        case 1: transmit(); break;
        case 2:
            if ((s.csr[5] & receive_states) != receive_suspended) break;
            set_receive_state(receive_waiting);
            flush_incoming();
            break;
        case 3: s.current_rx_desc = s.csr[3] = value & ~3u; break;
        case 4: s.current_tx_desc = s.csr[4] = value & ~3u; break;
        case 5:
            s.csr[5] &= ~(value & (NIS | (NIS - 1)));
            update_irq();
            break;
        case 6: write_mode(value); break;
        case 7:
            s.csr[7] = value;
            update_irq();
            break;
        case 8:
        case 12: break;
        case 9: write_wires(value); break;
        default: s.csr[offset / 8] = value;
    }
}

void Tulip::set_transmit_state(u32 state) {
    state_.csr[5] = (state_.csr[5] & ~transmit_states) | state;
}
void Tulip::set_receive_state(u32 state) {
    state_.csr[5] = (state_.csr[5] & ~receive_states) | state;
}

void Tulip::write_mode(u32 value) {
    auto& s = state_;
    const u32 before = s.csr[6];
    // How addresses are filtered is said by the set-up frame.
    constexpr u32 by_setup = HP | HO | IF;
    s.csr[6] = (value & ~by_setup) | (before & by_setup);
    if (value & ~before & SR) {
        set_receive_state(receive_waiting);
        flush_incoming();
    } else if (~value & before & SR) {
        set_receive_state(receive_stopped);
        s.csr[5] |= RPS;
    }
    if (value & ST) {
        transmit();
    } else if (before & ST) {
        set_transmit_state(transmit_stopped);
        s.csr[5] |= TPS;
    }
    update_irq();
}

void Tulip::update_irq() {
    u32& status = state_.csr[5];
    const u32 asks = status & state_.csr[7];
    constexpr u32 normal = TI | TU | RI, abnormal = TPS | RU | RPS;
    status &= ~(NIS | AIS);
    if (asks & normal) status |= NIS;
    if (asks & abnormal) status |= AIS;
    set_intx((status & state_.csr[7] & (NIS | AIS)) != 0);
}

// ---- wires ------------------------------------------------------------------------------------

void Tulip::write_wires(u32 value) {
    auto& s = state_;
    if (value & srom_chosen)
        eeprom_.drive(value & srom_select, value & srom_clock, value & srom_in);
    if (value & ~s.old_csr9 & mii_clock) clock_mii(value & mii_out);
    s.csr[9] = s.old_csr9 = value;
}

/// Ones are a preamble; a zero, then a one, begin a frame.
void Tulip::clock_mii(bool bit) {
    auto& s = state_;
    const bool idle = s.mii_bitcnt == 0 || s.mii_bitcnt >= mii_bits;
    if (idle) {
        s.mii_word = 0;
        s.mii_bitcnt = bit ? 0 : 1;
        return;
    }
    s.mii_word = s.mii_word << 1 | bit;
    s.mii_bitcnt++;
    if (s.mii_bitcnt == 2 && !bit) s.mii_bitcnt = 1;  // not yet
}

/// What the PHY answers to a read at this clock. Nothing that is written to it changes it.
bool Tulip::mii_data() const {
    const auto& s = state_;
    if (s.mii_bitcnt < mii_header + 2 || s.mii_bitcnt >= mii_bits) return false;
    const u32 header = s.mii_word >> (s.mii_bitcnt - mii_header);
    constexpr u32 read = 2;
    if ((header >> 10 & 3) != read || (header >> 5 & 31) != phy_address) return false;
    u16 value = phy_registers[header & 31];
    if ((header & 31) == phy_status && !link_up()) value &= u16(~phy_link);
    return value >> (mii_bits - 1 - s.mii_bitcnt) & 1;
}

}  // namespace hw
