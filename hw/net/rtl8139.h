// SPDX-License-Identifier: GPL-2.0-or-later
//
// Realtek RTL8139C+: a 10/100 Ethernet controller with the receive ring and four transmit registers
// of the RTL8139, and beside them the descriptor lists of the "C+" mode.
// Data sheets: RTL8139C(L) (1999), RTL8139C+ (2001).
//
// In files: rtl8139.cc the card and its state, rtl8139-regs.cc registers, rtl8139-rx.cc and
// rtl8139-tx.cc frames.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <vector>

#include "hw/nvram/eeprom93c46.h"
#include "hw/pci/pci-device.h"
#include "net/net-client.h"

namespace hw {

struct Rtl8139Config : PciConfig {
    std::string mac, netdev;
    std::int32_t bootindex = -1;
};

struct Rtl8139Tally {
    std::uint64_t TxOk = 0, RxOk = 0, TxERR = 0;
    std::uint32_t RxERR = 0;
    std::uint16_t MissPkt = 0, FAE = 0;
    std::uint32_t Tx1Col = 0, TxMCol = 0;
    std::uint64_t RxOkPhy = 0, RxOkBrd = 0;
    std::uint32_t RxOkMul = 0;
    std::uint16_t TxAbt = 0, TxUndrn = 0;
};

struct Rtl8139State {
    PciState dev;
    std::array<std::uint8_t, 6> phys{};
    std::array<std::uint8_t, 8> mult{};
    std::array<std::uint32_t, 4> TxStatus{0x2000, 0x2000, 0x2000, 0x2000};
    std::array<std::uint32_t, 4> TxAddr{};  // in C+ mode the addresses of the two lists
    std::uint32_t RxBuf = 0, RxBufferSize = 0x2000, RxBufPtr = 0, RxBufAddr = 0;
    std::uint16_t IntrStatus = 0, IntrMask = 0;
    std::uint32_t TxConfig = 0x74800000, RxConfig = 0, RxMissed = 0;
    std::uint16_t CSCR = 0x0340;
    std::uint8_t Cfg9346 = 0, Config0 = 0, Config1 = 0x0c, Config3 = 0x01, Config4 = 0, Config5 = 0;
    std::uint8_t clock_enabled = 1, bChipCmdState = 0x10;
    std::uint16_t MultiIntr = 0;
    std::uint16_t BasicModeCtrl = 0x1000, BasicModeStatus = 0x782d, NWayAdvert = 0x05e1,
                  NWayLPAR = 0x05e1, NWayExpansion = 1;
    std::uint16_t CpCmd = 0;
    std::uint8_t TxThresh = 0;
    std::array<std::uint8_t, 6> macaddr{};
    std::int32_t io_address = 0;  // of no use; older versions kept it
    std::uint32_t currTxDesc = 0, currCPlusRxDesc = 0, currCPlusTxDesc = 0;
    std::uint32_t RxRingAddrLO = 0, RxRingAddrHI = 0;
    Eeprom93c46State eeprom;
    std::uint32_t TCTR = 0, TimerInt = 0;
    std::int64_t TCTR_base = 0;
    Rtl8139Tally tally_counters;
    std::uint32_t cplus_enabled = 0;
};

class Rtl8139 final : public PciDeviceOf<Rtl8139Config, Rtl8139State>, private net::Card {
public:
    Rtl8139();
    net::Card& card() { return *this; }
    const vmstate::Table& vmstate() const override;

    std::uint64_t reg_read(exec::hwaddr offset, unsigned size);
    void reg_write(exec::hwaddr offset, std::uint64_t value, unsigned size);

protected:
    Result<void> realize_chip(Platform&) override;
    void chip_reset() override;
    Result<void> check_chip(const Rtl8139State&, int version) const override;
    void chip_loaded(int version) override;
    void pre_save(Rtl8139State& s) override { s.TCTR = counter(); }

private:
    bool ready() override;
    void receive(std::span<const std::uint8_t> frame) override;
    void link_changed(bool up) override;

    // rtl8139-regs.cc
    std::uint8_t read_byte(unsigned at);
    std::optional<std::uint16_t> read_word(unsigned at) const;
    std::optional<std::uint32_t> read_long(unsigned at) const;
    void write_byte(unsigned at, std::uint8_t v);
    bool write_word(unsigned at, std::uint16_t v);
    bool write_long(unsigned at, std::uint32_t v);
    void write_command(std::uint8_t v);
    void write_eeprom_control(std::uint8_t v);
    bool unlocked() const;
    void reset_chip();
    void update_irq();
    void set_receive_config(std::uint32_t v);
    std::uint16_t transmit_summary() const;
    void dump_tally();
    std::uint32_t counter() const;
    void arm_timer();
    void timer_passed();

    // rtl8139-rx.cc
    enum class Kind { Unwanted, Physical, Broadcast, Multicast };
    Kind classify(std::span<const std::uint8_t> frame) const;
    bool enabled(std::uint8_t command) const;
    void receive_to_ring(std::span<const std::uint8_t> frame, Kind);
    void receive_to_list(std::span<const std::uint8_t> frame, Kind);
    void store(std::span<const std::uint8_t> bytes);
    void missed(std::uint16_t cause);

    // rtl8139-tx.cc
    void transmit();
    void transmit_list(bool high_priority);
    bool transmit_descriptor(std::uint64_t at, bool& last);
    void send_gathered(std::uint32_t flags);

    std::unique_ptr<exec::MemoryRegion> io_, mmio_;
    std::optional<Timer> timer_;
    std::vector<std::uint8_t> gathered_;  // descriptors of a frame that is not complete
    std::uint32_t gathered_flags_ = 0;
};
extern const PciDeviceType rtl8139_type;

namespace rtl8139 {

// Command register.
inline constexpr std::uint8_t cr_reset = 0x10, cr_receive = 0x08, cr_transmit = 0x04,
                              cr_empty = 0x01;
// Interrupt status and mask.
inline constexpr std::uint16_t isr_rx_ok = 0x0001, isr_tx_ok = 0x0004, isr_rx_overflow = 0x0010,
                               isr_timeout = 0x4000;
// C+ command register.
inline constexpr std::uint16_t cp_transmit = 0x0001, cp_receive = 0x0002, cp_rx_checksum = 0x0020,
                               cp_rx_vlan = 0x0040;

}  // namespace rtl8139

}  // namespace hw
