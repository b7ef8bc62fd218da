// SPDX-License-Identifier: GPL-2.0-or-later
//
// e1000: registers, EEPROM, PHY, interrupts (manual order 317453, chapters 5, 8, 13).
#include "hw/net/e1000.h"

#include <algorithm>
#include <numeric>

#include "hw/pci/pci-bus.h"
#include "net/network.h"
#include "qapi/context.h"
#include "qom/property.h"

namespace hw {

using namespace e1000;

namespace {

/// The EEPROM's words but for the address, the device IDs and the checksum (chapter 5.6).
constexpr std::array<std::uint16_t, 64> eeprom_template = {
    0x0000, 0x0000, 0x0000, 0x0000, 0xffff, 0x0000, 0x0000, 0x0000, 0x3000, 0x1000, 0x6403,
    0x100e, 0x8086, 0x100e, 0x8086, 0x3040, 0x0008, 0x2000, 0x7e14, 0x0048, 0x1000, 0x00d8,
    0x0000, 0x2700, 0x6cc9, 0x3150, 0x0722, 0x040b, 0x0984, 0x0000, 0xc000, 0x0706, 0x1008,
    0x0000, 0x0f04, 0x7fff, 0x4d01, 0xffff, 0xffff, 0xffff, 0xffff, 0xffff, 0xffff, 0xffff,
    0xffff, 0xffff, 0xffff, 0xffff, 0x0100, 0x4000, 0x121c, 0xffff, 0xffff, 0xffff, 0xffff,
    0xffff, 0xffff, 0xffff, 0xffff, 0xffff, 0xffff, 0xffff, 0xffff, 0x0000};
constexpr unsigned eeprom_device_id = 11, eeprom_device_id_again = 13, eeprom_checksum = 63;
constexpr std::uint16_t eeprom_sum = 0xbaba;

// PHY registers (IEEE 802.3 clause 22; M88E1000 beyond 15).
constexpr unsigned phy_control = 0, phy_status = 1, phy_id2 = 3, phy_partner_ability = 5;
constexpr std::uint16_t phy_restart_negotiation = 0x0200, phy_negotiate = 0x1000,
                        phy_reset = 0x8000;
constexpr std::uint16_t phy_link_up = 0x0004, phy_negotiated = 0x0020, phy_acknowledge = 0x4000;
constexpr std::int64_t negotiation_time = 500'000'000;  // ns
constexpr struct {
    std::uint8_t n;
    std::uint16_t value;
} phy_defaults[] = {{0, 0x1140}, {1, 0x794d},  {2, 0x0141},  {3, 0x0c20},  {4, 0x0de1}, {5, 0x01e0},
                    {9, 0x0e00}, {10, 0x3c00}, {16, 0x0360}, {17, 0xac00}, {20, 0x0d60}};

constexpr std::uint32_t eecd_sk = 1, eecd_cs = 2, eecd_di = 4, eecd_do = 8, eecd_fwe = 0x30,
                        eecd_request = 0x40, eecd_grant = 0x80, eecd_present = 0x100;
constexpr std::uint32_t mdic_op_write = 1 << 26, mdic_op_read = 1 << 27, mdic_ready = 1 << 28,
                        mdic_interrupt = 1 << 29, mdic_error = 1 << 30;

using P = E1000Config;
using qom::property;
constexpr auto properties = qom::properties(
    property<&P::mac>("mac", "Ethernet 6-byte MAC Address, example: 52:54:00:12:34:56"),
    property<&P::netdev>("netdev", "ID of a netdev to use as a backend"),
    property<&P::autonegotiation>("autonegotiation", "on/off"),
    property<&P::mitigation>("mitigation", "on/off"),
    property<&P::extra_mac_registers>("extra_mac_registers", "on/off"),
    property<&P::migrate_tso_props>("migrate_tso_props", "on/off"),
    property<&P::init_vet>("init-vet", "on/off"),
    property<&P::bootindex>("bootindex").without_default());

constexpr auto mmio_ops = exec::memory_ops<&E1000::mmio_read, &E1000::mmio_write>({.impl = {4, 4}});
constexpr auto io_ops = exec::memory_ops<&E1000::io_read, &E1000::io_write>();

consteval PciDeviceType variant(std::string_view name, std::uint16_t device,
                                std::unique_ptr<Device> (*create)()) {
    PciDeviceType t{{{.name = name,
                      .parent = "e1000-base",
                      .properties = properties,
                      .description = "Intel Gigabit Ethernet"},
                     "PCI",
                     Category::Network,
                     true,
                     true,
                     create}};
    t.vendor = 0x8086;
    t.device = device;
    t.revision = 0x03;
    t.device_class = 0x0200;
    t.romfile = "efi-e1000.rom";
    return t;
}

/// Registers that a guest may not change, that clear when read, and so on.
bool is_statistic(unsigned n) {
    return n >= STATISTICS && n < STATISTICS_END;
}

}  // namespace

constinit const PciDeviceType e1000_type =
    variant("e1000", 0x100e, [] { return std::unique_ptr<Device>(new E1000(e1000_type)); });
constinit const PciDeviceType e1000_82544gc_type = variant(
    "e1000-82544gc", 0x100c, [] { return std::unique_ptr<Device>(new E1000(e1000_82544gc_type)); });
constinit const PciDeviceType e1000_82545em_type = variant(
    "e1000-82545em", 0x100f, [] { return std::unique_ptr<Device>(new E1000(e1000_82545em_type)); });

E1000::E1000(const PciDeviceType& type) : PciDeviceOf(type) {}

Result<void> E1000::realize_chip(Platform& p) {
    TRY(sign_in(p.services.find<net::Network>(), type_name(), id(), config_.mac, config_.netdev));
    state_.has_mitigation = config_.mitigation;
    state_.has_full_mac = config_.extra_mac_registers;
    state_.has_tso = config_.migrate_tso_props;
    state_.dev.config[pci::interrupt_pin] = 1;
    mmio_ = exec::MemoryRegion::io(p.memory, "e1000-mmio", 0x20000, mmio_ops, this);
    io_ = exec::MemoryRegion::io(p.memory, "e1000-io", 64, io_ops, this);
    throttle_.emplace(p.clocks.virt, [this] { update_pin(); });
    negotiation_.emplace(p.clocks.virt, [this] { negotiated(); });
    transmission_.emplace(p.clocks.virt, [this] { transmit(); });
    add_bar(0, pci::bar_memory, *mmio_);
    add_bar(1, pci::bar_io, *io_);
    return {};
}

void E1000::reset_registers() {
    state_.phy.fill(0);
    for (const auto& d : phy_defaults)
        state_.phy[d.n] = d.value;
    // The 82544 carries the first edition of the PHY.
    if (pci_type().device == 0x100c) state_.phy[phy_id2] = 0x0c30;
    state_.mac.fill(0);
    reg(CTRL) = 0x140240;  // SLU, full duplex at 1000 Mb/s, SWDPIN0 set, SWDPIO0
    reg(STATUS) = 0x80080783;
    reg(LEDCTL) = 0x602;
    reg(PBA) = 0x100030;
    reg(MANC) = 0x222300;
    if (config_.init_vet) reg(VET) = 0x8100;
    reg(RA) = std::uint32_t{mac()[0]} | std::uint32_t{mac()[1]} << 8 |
              std::uint32_t{mac()[2]} << 16 | std::uint32_t{mac()[3]} << 24;
    reg(RA + 1) = std::uint32_t{mac()[4]} | std::uint32_t{mac()[5]} << 8 | rah_valid;
    if (!link_up()) set_line(false);
}

void E1000::chip_reset() {
    const PciState dev = state_.dev;
    const bool mitigation = state_.has_mitigation, full_mac = state_.has_full_mac,
               tso = state_.has_tso;
    // In place: with its 128 KiB of registers it is nothing for a stack.
    std::destroy_at(&state_);
    std::construct_at(&state_);
    state_.dev = dev;
    state_.has_mitigation = mitigation;
    state_.has_full_mac = full_mac;
    state_.has_tso = tso;
    auto& e = state_.eeprom;
    e = eeprom_template;
    for (unsigned i = 0; i < 3; i++)
        e[i] = static_cast<std::uint16_t>(mac()[2 * i] | mac()[2 * i + 1] << 8);
    e[eeprom_device_id] = e[eeprom_device_id_again] = pci_type().device;
    e[eeprom_checksum] =
        static_cast<std::uint16_t>(eeprom_sum - std::accumulate(e.begin(), e.end() - 1, 0));
    for (Timer* t : {&*throttle_, &*negotiation_, &*transmission_})
        t->cancel();
    reset_registers();
}

void E1000::chip_loaded(int) {
    state_.cptse = false;
    const bool up = reg(STATUS) & status_link_up;
    restore_link(up);
    // Where the stream comes from, the other end was still being asked.
    negotiation_->cancel();
    if (config_.autonegotiation && state_.phy[phy_control] & phy_negotiate &&
        !(state_.phy[phy_status] & phy_negotiated)) {
        restore_link(true);
        negotiation_->set(platform().clocks.virt.now_ns() + negotiation_time);
    }
    throttle_->cancel();
    update_pin();
    flush_incoming();
}

void E1000::config_written(unsigned address, unsigned size) {
    if (address <= pci::command && address + size > pci::command && bus_master()) flush_incoming();
}

// ---- interrupts -------------------------------------------------------------------------------

void E1000::set_causes(std::uint32_t causes) {
    reg(ICR) = causes;
    reg(ICS) = causes;  // they read the same
    update_pin();
}

/// The pin, with the time between two interrupts that ITR asks for (section 13.4.18).
void E1000::update_pin() {
    constexpr std::int64_t itr_unit = 256;  // ns
    const bool pending = reg(ICR) & reg(IMS);
    if (pending && !state_.mit_irq_level && config_.mitigation && reg(ITR)) {
        if (throttle_->pending()) return;
        throttle_->set(platform().clocks.virt.now_ns() + reg(ITR) * itr_unit);
    }
    state_.mit_irq_level = pending;
    set_intx(pending);
}

void E1000::set_line(bool up) {
    if (up) {
        reg(STATUS) |= status_link_up;
        state_.phy[phy_status] |= phy_link_up;
    } else {
        reg(STATUS) &= ~status_link_up;
        state_.phy[phy_status] &= static_cast<std::uint16_t>(~(phy_link_up | phy_negotiated));
        state_.phy[phy_partner_ability] &= static_cast<std::uint16_t>(~phy_acknowledge);
    }
}

void E1000::restart_negotiation() {
    set_line(false);
    negotiation_->set(platform().clocks.virt.now_ns() + negotiation_time);
}

void E1000::negotiated() {
    if (!link_up()) return;
    set_line(true);
    state_.phy[phy_partner_ability] |= phy_acknowledge;
    state_.phy[phy_status] |= phy_negotiated;
    raise(cause_lsc);
    flush_incoming();
}

void E1000::link_changed(bool) {
    if (!realized()) return;
    const bool up = link_up() && (!peer() || peer()->link_up());
    const bool was = reg(STATUS) & status_link_up;
    if (!up) {
        set_line(false);
    } else if (config_.autonegotiation && state_.phy[phy_control] & phy_negotiate &&
               !(state_.phy[phy_status] & phy_negotiated)) {
        restart_negotiation();
    } else {
        set_line(true);
    }
    if (was != ((reg(STATUS) & status_link_up) != 0)) raise(cause_lsc);
}

// ---- registers --------------------------------------------------------------------------------

std::uint64_t E1000::mmio_read(exec::hwaddr offset, unsigned) {
    const auto n = static_cast<unsigned>(offset >> 2);
    switch (n) {
        case EECD: return read_eecd();
        case EERD: return read_eerd();
        case ICR: {
            const std::uint32_t v = reg(ICR);
            set_causes(0);
            return v;
        }
        default: break;
    }
    const std::uint32_t v = reg(n);
    if (is_statistic(n)) {
        // A 64-bit counter clears when its upper half is read.
        if (n == TORH || n == TOTH || n == GORCH || n == GOTCH) reg(n - 1) = 0;
        if (n != TORL && n != TOTL && n != GORCL && n != GOTCL) reg(n) = 0;
    }
    return v;
}

void E1000::mmio_write(exec::hwaddr offset, std::uint64_t value, unsigned) {
    const auto n = static_cast<unsigned>(offset >> 2);
    const auto v = static_cast<std::uint32_t>(value);
    switch (n) {
        case CTRL: write_ctrl(v); break;
        case STATUS: break;
        case EECD: write_eecd(v); break;
        case MDIC: write_mdic(v); break;
        case ICR: set_causes(reg(ICR) & ~v); break;
        case ICS: raise(v); break;
        case IMS:
            reg(IMS) |= v;
            raise(0);
            break;
        case IMC:
            reg(IMS) &= ~v;
            raise(0);
            break;
        case RCTL: write_rctl(v); break;
        case TCTL:
        case TDT:
            reg(n) = n == TDT ? v & 0xffff : v;
            if (n == TCTL) reg(TDT) &= 0xffff;
            transmit();
            break;
        case RDT:
            reg(RDT) = v & 0xffff;
            flush_incoming();
            break;
        case RDLEN:
        case TDLEN: reg(n) = v & 0xfff80; break;
        case RDH:
        case TDH:
        case RDTR:
        case RADV:
        case TADV:
        case ITR: reg(n) = v & 0xffff; break;
        default:
            if (!is_statistic(n)) reg(n) = v;
    }
}

/// A reset by software spares the PHY, and with it the line (section 14.9).
void E1000::write_ctrl(std::uint32_t v) {
    if (v & ctrl_reset) {
        const auto phy = state_.phy;
        const std::uint32_t line = reg(STATUS) & status_link_up;
        reset_registers();
        state_.phy = phy;
        reg(STATUS) = (reg(STATUS) & ~status_link_up) | line;
        update_pin();
        return;
    }
    reg(CTRL) = v;
}

void E1000::write_rctl(std::uint32_t v) {
    reg(RCTL) = v;
    const unsigned size = v >> 16 & 3;
    state_.rxbuf_size = v & rctl_bsex ? (size ? 32768u >> size : 2048) : 2048u >> size;
    state_.rxbuf_min_shift = (v >> 8 & 3) + 1;
    flush_incoming();
}

/// The EEPROM by its four wires (93C46 and family: start bit, two bits of command, six of address).
void E1000::write_eecd(std::uint32_t v) {
    auto& e = state_.eecd;
    const std::uint32_t old = e.old_eecd;
    e.old_eecd = v & (eecd_sk | eecd_cs | eecd_di | eecd_fwe | eecd_request);
    if (!(v & eecd_cs)) return;
    if ((v ^ old) & eecd_cs) {
        e.val_in = 0;
        e.bitnum_in = e.bitnum_out = e.reading = 0;
    }
    if (!((v ^ old) & eecd_sk)) return;
    if (!(v & eecd_sk)) {
        e.bitnum_out++;
        return;
    }
    e.val_in = e.val_in << 1 | (v & eecd_di ? 1 : 0);
    constexpr std::uint32_t read_command = 6;
    if (++e.bitnum_in == 9 && !e.reading) {
        e.bitnum_out = static_cast<std::uint16_t>(((e.val_in & 0x3f) << 4) - 1);
        e.reading = (e.val_in >> 6 & 7) == read_command;
    }
}

std::uint32_t E1000::read_eecd() const {
    const auto& e = state_.eecd;
    std::uint32_t v = eecd_present | eecd_grant | e.old_eecd;
    const unsigned word = e.bitnum_out >> 4 & 0x3f, bit = (e.bitnum_out & 15) ^ 15;
    if (!e.reading || state_.eeprom[word] >> bit & 1) v |= eecd_do;
    return v;
}

std::uint32_t E1000::read_eerd() const {
    constexpr std::uint32_t start = 1, done = 0x10;
    const std::uint32_t r = state_.mac[EERD];
    if (!(r & start)) return r;
    const unsigned word = r >> 8 & 0xff;
    if (word >= state_.eeprom.size()) return done | (r & ~start);
    return std::uint32_t{state_.eeprom[word]} << 16 | done | (r & ~start);
}

void E1000::write_mdic(std::uint32_t v) {
    const unsigned n = v >> 16 & 31, phy = v >> 21 & 31;
    if (phy != 1) {
        v = reg(MDIC) | mdic_error;
    } else if (v & mdic_op_read) {
        v = (v & ~0xffffu) | state_.phy[n];
    } else if (v & mdic_op_write) {
        write_phy(n, static_cast<std::uint16_t>(v));
    }
    reg(MDIC) = v | mdic_ready;
    if (v & mdic_interrupt) raise(cause_mdac);
}

void E1000::write_phy(unsigned n, std::uint16_t v) {
    if (n == phy_status || n == 2 || n == phy_id2 || n == phy_partner_ability) return;
    if (n != phy_control) {
        state_.phy[n] = v;
        return;
    }
    state_.phy[n] = v & static_cast<std::uint16_t>(~(phy_reset | phy_restart_negotiation));
    if (config_.autonegotiation && v & phy_negotiate && v & phy_restart_negotiation)
        restart_negotiation();
}

void E1000::count(unsigned n) {
    if (reg(n) != 0xffffffff) reg(n)++;
}
/// The histogram of packet lengths, with their check sequence.
void E1000::count_size(unsigned smallest, std::size_t bytes) {
    unsigned n = 0;
    for (std::size_t limit : {64, 127, 255, 511, 1023})
        n += bytes > limit;
    count(smallest + n);
}
void E1000::count_bytes(unsigned low, std::size_t bytes) {
    const std::uint64_t sum = (std::uint64_t{reg(low + 1)} << 32 | reg(low)) + bytes;
    reg(low) = static_cast<std::uint32_t>(sum);
    reg(low + 1) = static_cast<std::uint32_t>(sum >> 32);
}

}  // namespace hw
