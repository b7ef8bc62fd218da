// SPDX-License-Identifier: GPL-2.0-or-later
//
// Digital 21143, "Tulip": a 10/100 Ethernet controller with rings or chains of descriptors, a PHY
// behind two wires and an EEPROM behind three. Where a driver asks for its filter by hash, every
// multicast comes through. ("21143 PCI/CardBus 10/100Mb/s Ethernet LAN Controller, Hardware
// Reference Manual", 1998.)
//
// In files: tulip.cc the card, its state and registers, tulip-rings.cc frames.
#pragma once

#include <array>
#include <memory>

#include "hw/nvram/eeprom93xx.h"
#include "hw/pci/pci-device.h"
#include "net/net-client.h"

namespace hw {

struct TulipConfig : PciConfig {
    std::string mac, netdev;
    i32 bootindex = -1;
};

struct TulipState {
    PciState dev;
    std::array<u32, 16> csr{};
    u32 old_csr9 = 0;
    u32 mii_word = 0, mii_bitcnt = 0;  // what came along the PHY's wires
    u64 current_rx_desc = 0, current_tx_desc = 0;
    std::array<u8, 2048> rx_frame{}, tx_frame{};
    u16 rx_frame_len = 0, tx_frame_len = 0, rx_frame_size = 0;
    u32 rx_status = 0;
    std::array<u8, 96> filter{};  // sixteen addresses
};

class Tulip final : public PciDeviceOf<TulipConfig, TulipState>, private net::Card {
public:
    Tulip();
    net::Card& card() { return *this; }
    const vmstate::Table& vmstate() const override;
    u64 io_read(u64 offset, unsigned size);
    void io_write(u64 offset, u64 value, unsigned size);

protected:
    Result<void> realize_chip(Platform&) override;
    void chip_reset() override;
    void chip_loaded(int) override { restore_link(link_up()); }

private:
    bool ready() override;
    void receive(std::span<const u8> frame) override;

    // tulip.cc
    void fill_eeprom();
    void reset_registers();
    void write_mode(u32 value);
    void write_wires(u32 value);
    void clock_mii(bool bit);
    bool mii_data() const;
    void update_irq();
    void set_transmit_state(u32 state);
    void set_receive_state(u32 state);

    // tulip-rings.cc
    struct Descriptor {
        u32 status, control, buffer1, buffer2;
    };
    Descriptor read_descriptor(u64 at);
    void write_status(u64 at, u32 status);
    u64 next(u64 at, const Descriptor&, bool end, bool chained, unsigned base) const;
    void transmit();
    void gather(const Descriptor&);
    void set_up(const Descriptor&);
    bool accepts(std::span<const u8> frame, u32& status) const;

    Eeprom93xx eeprom_;
    bool transmitting_ = false, looping_ = false;
    std::unique_ptr<exec::MemoryRegion> io_, mmio_;
};
extern const PciDeviceType tulip_type;

namespace tulip {

// CSR5, and their masks in CSR7.
inline constexpr u32 TI = 1u << 0, TPS = 1u << 1, TU = 1u << 2, RI = 1u << 6, RU = 1u << 7,
                     RPS = 1u << 8, AIS = 1u << 15, NIS = 1u << 16;
// The states of the two processes, in CSR5.
inline constexpr u32 transmit_states = 7u << 20, transmit_stopped = 0,
                     transmit_suspended = 6u << 20;
inline constexpr u32 receive_states = 7u << 17, receive_stopped = 0, receive_waiting = 3u << 17,
                     receive_suspended = 4u << 17;
// CSR6.
inline constexpr u32 HP = 1u << 0, SR = 1u << 1, HO = 1u << 2, IF = 1u << 4, PR = 1u << 6,
                     PM = 1u << 7, OM = 3u << 10, ST = 1u << 13, RA = 1u << 30;

}  // namespace tulip

}  // namespace hw
