// SPDX-License-Identifier: GPL-2.0-or-later
#include "hw/net/rtl8139.h"

#include <algorithm>
#include <bit>
#include <limits>

#include "migration/vmstate/fields.h"
#include "net/network.h"
#include "qapi/context.h"
#include "qom/property.h"

namespace hw {

namespace {

using S = Rtl8139State;
using E = Eeprom93c46State;
using T = Rtl8139Tally;
using vmstate::buffer;
using vmstate::field;

template <auto M>
consteval vmstate::Field eeprom(std::string_view name) {
    return vmstate::field<&S::eeprom, M>(name);
}
template <auto M>
consteval vmstate::Field tally(std::string_view name) {
    return vmstate::field<&S::tally_counters, M>(name);
}

constexpr auto fields = vmstate::fields(
    vmstate::structs<&S::dev>("parent_obj", pci_device_table), buffer<&S::phys>("phys"),
    buffer<&S::mult>("mult"), field<&S::TxStatus>("TxStatus"), field<&S::TxAddr>("TxAddr"),
    field<&S::RxBuf>("RxBuf"), field<&S::RxBufferSize>("RxBufferSize"),
    field<&S::RxBufPtr>("RxBufPtr"), field<&S::RxBufAddr>("RxBufAddr"),
    field<&S::IntrStatus>("IntrStatus"), field<&S::IntrMask>("IntrMask"),
    field<&S::TxConfig>("TxConfig"), field<&S::RxConfig>("RxConfig"),
    field<&S::RxMissed>("RxMissed"), field<&S::CSCR>("CSCR"), field<&S::Cfg9346>("Cfg9346"),
    field<&S::Config0>("Config0"), field<&S::Config1>("Config1"), field<&S::Config3>("Config3"),
    field<&S::Config4>("Config4"), field<&S::Config5>("Config5"),
    field<&S::clock_enabled>("clock_enabled"), field<&S::bChipCmdState>("bChipCmdState"),
    field<&S::MultiIntr>("MultiIntr"), field<&S::BasicModeCtrl>("BasicModeCtrl"),
    field<&S::BasicModeStatus>("BasicModeStatus"), field<&S::NWayAdvert>("NWayAdvert"),
    field<&S::NWayLPAR>("NWayLPAR"), field<&S::NWayExpansion>("NWayExpansion"),
    field<&S::CpCmd>("CpCmd"), field<&S::TxThresh>("TxThresh"), vmstate::unused(4),
    buffer<&S::macaddr>("conf.macaddr"), field<&S::io_address>("rtl8139_mmio_io_addr_dummy"),
    field<&S::currTxDesc>("currTxDesc"), field<&S::currCPlusRxDesc>("currCPlusRxDesc"),
    field<&S::currCPlusTxDesc>("currCPlusTxDesc"), field<&S::RxRingAddrLO>("RxRingAddrLO"),
    field<&S::RxRingAddrHI>("RxRingAddrHI"), eeprom<&E::contents>("eeprom.contents"),
    eeprom<&E::mode>("eeprom.mode"), eeprom<&E::tick>("eeprom.tick"),
    eeprom<&E::address>("eeprom.address"), eeprom<&E::input>("eeprom.input"),
    eeprom<&E::output>("eeprom.output"), eeprom<&E::eecs>("eeprom.eecs"),
    eeprom<&E::eesk>("eeprom.eesk"), eeprom<&E::eedi>("eeprom.eedi"),
    eeprom<&E::eedo>("eeprom.eedo"), field<&S::TCTR>("TCTR"), field<&S::TimerInt>("TimerInt"),
    field<&S::TCTR_base>("TCTR_base").within(0, std::numeric_limits<std::int64_t>::max()),
    tally<&T::TxOk>("tally_counters.TxOk"), tally<&T::RxOk>("tally_counters.RxOk"),
    tally<&T::TxERR>("tally_counters.TxERR"), tally<&T::RxERR>("tally_counters.RxERR"),
    tally<&T::MissPkt>("tally_counters.MissPkt"), tally<&T::FAE>("tally_counters.FAE"),
    tally<&T::Tx1Col>("tally_counters.Tx1Col"), tally<&T::TxMCol>("tally_counters.TxMCol"),
    tally<&T::RxOkPhy>("tally_counters.RxOkPhy"), tally<&T::RxOkBrd>("tally_counters.RxOkBrd"),
    tally<&T::RxOkMul>("tally_counters.RxOkMul"), tally<&T::TxAbt>("tally_counters.TxAbt"),
    tally<&T::TxUndrn>("tally_counters.TxUndrn"),
    field<&S::cplus_enabled>("cplus_enabled").from_version(4));
static_assert(vmstate::covers<S>(fields));
constexpr vmstate::Table table{
    .name = "rtl8139", .version = 5, .minimum_version = 3, .fields = fields};

using P = Rtl8139Config;
using qom::property;
constexpr auto properties = qom::properties(
    property<&P::mac>("mac", "Ethernet 6-byte MAC Address, example: 52:54:00:12:34:56"),
    property<&P::netdev>("netdev", "ID of a netdev to use as a backend"),
    property<&P::bootindex>("bootindex").without_default());

constexpr auto ops = exec::memory_ops<&Rtl8139::reg_read, &Rtl8139::reg_write>({.impl = {1, 4}});
constexpr std::uint64_t register_bytes = 0x100;
constexpr std::uint8_t capabilities_at = 0xdc;  // where nothing is, but drivers look

// The EEPROM: what marks it as one of an RTL8139, the chip's IDs, the address.
constexpr std::uint16_t eeprom_mark = 0x8129;
constexpr unsigned eeprom_address = 7;

}  // namespace

constinit const PciDeviceType rtl8139_type{
    {{.name = "rtl8139", .parent = "pci-device", .properties = properties},
     "PCI",
     Category::Network,
     true,
     true,
     [] { return std::unique_ptr<Device>(new Rtl8139); }},
    0x10ec,
    0x8139,
    0x20,
    0x0200,
    0x00,
    0x1af4,
    0x1100,
    "efi-rtl8139.rom"};

Rtl8139::Rtl8139() : PciDeviceOf(rtl8139_type) {}

const vmstate::Table& Rtl8139::vmstate() const {
    return table;
}

Result<void> Rtl8139::realize_chip(Platform& p) {
    TRY(sign_in(p.services.find<net::Network>(), type_name(), id(), config_.mac, config_.netdev));
    state_.dev.config[pci::interrupt_pin] = 1;
    state_.dev.config[pci::capabilities_pointer] = capabilities_at;
    auto& words = state_.eeprom.contents;
    words[0] = eeprom_mark;
    words[1] = rtl8139_type.vendor;
    words[2] = rtl8139_type.device;
    for (unsigned n = 0; n < 3; n++)
        words[eeprom_address + n] =
            static_cast<std::uint16_t>(mac()[2 * n] | mac()[2 * n + 1] << 8);
    timer_.emplace(p.clocks.virt, [this] { timer_passed(); });
    io_ = exec::MemoryRegion::io(p.memory, "rtl8139", register_bytes, ops, this);
    mmio_ = exec::MemoryRegion::io(p.memory, "rtl8139", register_bytes, ops, this);
    add_bar(0, pci::bar_io, *io_);
    add_bar(1, pci::bar_memory, *mmio_);
    return {};
}

/// The pin: all registers, and the EEPROM's wires; its contents stay.
void Rtl8139::chip_reset() {
    const PciState dev = state_.dev;
    const auto contents = state_.eeprom.contents;
    state_ = {};
    state_.dev = dev;
    state_.eeprom.contents = contents;
    std::copy(mac().begin(), mac().end(), state_.phys.begin());
    state_.macaddr = state_.phys;
    gathered_.clear();
    if (timer_) timer_->cancel();
    link_changed(link_up());
    update_irq();
}

Result<void> Rtl8139::check_chip(const S& s, int) const {
    if (!std::has_single_bit(s.RxBufferSize) || s.RxBufferSize < 8192 || s.RxBufferSize > 65536)
        return fail("rtl8139: a receive ring of {} bytes", s.RxBufferSize);
    if (s.RxBufPtr >= s.RxBufferSize || s.RxBufAddr >= s.RxBufferSize)
        return fail("rtl8139: the receive ring of {} bytes is read at {} and written at {}",
                    s.RxBufferSize, s.RxBufPtr, s.RxBufAddr);
    if (s.currTxDesc >= s.TxStatus.size())
        return fail("rtl8139: transmit descriptor {} of 4", s.currTxDesc);
    return {};
}

void Rtl8139::chip_loaded(int version) {
    if (version < 4) state_.cplus_enabled = state_.CpCmd != 0;
    gathered_.clear();
    restore_link(state_.BasicModeStatus & 0x04);
    arm_timer();
}

void Rtl8139::link_changed(bool up) {
    constexpr std::uint16_t bmsr_link = 0x04;
    state_.BasicModeStatus =
        static_cast<std::uint16_t>((state_.BasicModeStatus & ~bmsr_link) | (up ? bmsr_link : 0));
}

}  // namespace hw
