// SPDX-License-Identifier: GPL-2.0-or-later
//
// Intel's 8255x Ethernet controllers, here as 82551 and 82559ER: a command unit and a receive unit,
// that each walk a list in memory, and a PHY. Receive buffers apart from their descriptors
// (flexible mode), wake-up and dumps of inner registers are not there. ("Intel 8255x 10/100 Mbps
// Ethernet Controller Family, Open Source Software Developer Manual", 2006.)
//
// In files: i82557.cc the card, its state and registers, i82557-units.cc the two units.
#pragma once

#include <array>
#include <memory>

#include "hw/nvram/eeprom93xx.h"
#include "hw/pci/pci-device.h"
#include "net/net-client.h"

namespace hw {

struct I82557Config : PciConfig {
    std::string mac, netdev;
    i32 bootindex = -1;
};

/// In the order of a dump (table 52).
struct I82557Statistics {
    u32 tx_good_frames = 0, tx_max_collisions = 0, tx_late_collisions = 0, tx_underruns = 0,
        tx_lost_crs = 0, tx_deferred = 0, tx_single_collisions = 0, tx_multiple_collisions = 0,
        tx_total_collisions = 0;
    u32 rx_good_frames = 0, rx_crc_errors = 0, rx_alignment_errors = 0, rx_resource_errors = 0,
        rx_overrun_errors = 0, rx_cdt_errors = 0, rx_short_frame_errors = 0;
    u32 fc_xmt_pause = 0, fc_rcv_pause = 0, fc_rcv_unsupported = 0;
    u16 xmt_tco_frames = 0, rcv_tco_frames = 0;
};

struct I82557State {
    PciState dev;
    std::array<u8, 8> mult{};    // the multicast hash table
    std::array<u8, 4096> mem{};  // the registers
    u8 scb_stat = 0;             // STAT/ACK
    u8 int_stat = 0;             // the pin
    std::array<u8, 6> macaddr{};
    std::array<u16, 32> mdimem{};
    u32 device = 0;
    u32 cu_base = 0, cu_offset = 0, ru_base = 0, ru_offset = 0, statsaddr = 0;
    I82557Statistics statistics;
    std::array<u8, 22> configuration{};
};

struct I82557Type : PciDeviceType {
    u32 chip = 0;  // as the state has it
    const vmstate::Table* table = nullptr;
};

class I82557 final : public PciDeviceOf<I82557Config, I82557State>, private net::Card {
public:
    explicit I82557(const I82557Type&);
    net::Card& card() { return *this; }
    const vmstate::Table& vmstate() const override { return *kind().table; }

    u64 io_read(u64 offset, unsigned size);
    void io_write(u64 offset, u64 value, unsigned size);
    u64 flash_read(u64, unsigned) { return ~u64{0}; }
    void flash_write(u64, u64, unsigned) {}

protected:
    Result<void> realize_chip(Platform&) override;
    void chip_reset() override;
    Result<void> check_chip(const I82557State&, int) const override;
    void chip_loaded(int) override;

private:
    const I82557Type& kind() const { return static_cast<const I82557Type&>(device_type()); }
    bool ready() override;
    void receive(std::span<const u8> frame) override;
    void link_changed(bool up) override;

    // i82557.cc
    u32 reg(unsigned at, unsigned bytes) const;
    void set_reg(unsigned at, unsigned bytes, u32 value);
    void fill_eeprom();
    void reset_units();
    void written(unsigned at);
    void port();
    void write_mdi();
    void raise(u8 stat);
    void update_irq();

    // i82557-units.cc
    enum class Unit : u8 { Idle, Suspended, Busy_or_no_resources, Unused, Ready };
    Unit cu() const { return Unit(state_.mem[0] >> 6); }
    Unit ru() const { return Unit(state_.mem[0] >> 2 & 15); }
    void set_cu(Unit);
    void set_ru(Unit);
    void command(u8 value);
    void command_unit(unsigned what);
    void receive_unit(unsigned what);
    void run();
    bool execute(u32 at, u16 what);
    void transmit(u32 at, u16 what);
    void set_multicast(u32 at);
    void dump_statistics(u32 mark);
    bool accepts(std::span<const u8> frame, u16& status) const;
    void lacks_resources();

    Eeprom93xx eeprom_;
    bool at_work_ = false;  // on a command
    std::unique_ptr<exec::MemoryRegion> mmio_, io_, flash_;
};
extern const I82557Type i82551_type, i82559er_type;

namespace i82557 {

/// Registers (section 6.3).
enum : unsigned {
    scb_status = 0x00,
    scb_ack = 0x01,
    scb_command = 0x02,
    scb_mask = 0x03,
    scb_pointer = 0x04,
    port_register = 0x08,
    eeprom_control = 0x0e,
    mdi_control = 0x10,
};
/// STAT/ACK.
enum : u8 { CX = 0x80, FR = 0x40, CNA = 0x20, RNR = 0x10, MDI = 0x08, SWI = 0x04 };

}  // namespace i82557

}  // namespace hw
