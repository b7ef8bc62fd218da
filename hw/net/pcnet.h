// SPDX-License-Identifier: GPL-2.0-or-later
//
// AMD Am79C970A, PCnet-PCI II: a 10 Mbit/s Ethernet controller with rings of descriptors, in the
// LANCE's form of 16 bits or one of 32. (Am79C970A data sheet, publication 19436.)
//
// In files: pcnet.cc the card and its state, pcnet-regs.cc registers, pcnet-rings.cc frames.
#pragma once

#include <array>
#include <memory>
#include <optional>

#include "hw/core/int.h"
#include "hw/pci/pci-device.h"
#include "net/net-client.h"
#include "util/timer.h"

namespace hw {

struct PcnetConfig : PciConfig {
    std::string mac, netdev;
    i32 bootindex = -1;
};

struct PcnetChip {
    i32 rap = 0, isr = 0, lnkst = 0x40;
    u32 rdra = 0, tdra = 0;  // where the rings begin
    std::array<u8, 16> prom{};
    std::array<u16, 128> csr{};
    std::array<u16, 32> bcr{};
    u64 timer = 0;
    i32 xmit_pos = 0;  // bytes of a frame in buffer that is not complete
    std::array<u8, 4096> buffer{};
    i32 tx_busy = 0;
    i64 poll_timer = -1;
};

struct PcnetState {
    PciState dev;
    PcnetChip state;
};

class Pcnet final : public PciDeviceOf<PcnetConfig, PcnetState>, private net::Card {
public:
    Pcnet();
    net::Card& card() { return *this; }
    const vmstate::Table& vmstate() const override;

    u64 io_read(u64 offset, unsigned size);
    void io_write(u64 offset, u64 value, unsigned size);

protected:
    Result<void> realize_chip(Platform&) override;
    void chip_reset() override;
    Result<void> check_chip(const PcnetState&, int) const override;
    void chip_loaded(int) override;
    void pre_save(PcnetState& s) override { s.state.poll_timer = poll_->deadline_ns(); }

private:
    bool ready() override;
    void receive(std::span<const u8> frame) override;
    void link_changed(bool up) override;

    // pcnet-regs.cc
    u16 read_register(unsigned which);
    void write_register(unsigned which, u16 value);
    u16 read_csr(unsigned n);
    void write_csr(unsigned n, u16 value);
    void write_csr0(u16 value);
    u16 read_bcr(unsigned n) const;
    void write_bcr(unsigned n, u16 value);
    bool dwio() const { return state_.state.bcr[18] & 0x80; }
    void soft_reset();
    void initialise();
    void start();
    void stop();
    void update_irq();

    // pcnet-rings.cc
    struct Descriptor {
        u32 address = 0, status = 0, length = 0, extra = 0;  // status: its upper half word
    };
    unsigned style() const { return state_.state.bcr[20] & 0xff; }
    bool wide() const { return state_.state.bcr[20] & 0x100; }
    u64 descriptor_at(u32 ring, unsigned length, unsigned counter) const;
    Descriptor read_descriptor(u64 at);
    void write_back(u64 at, const Descriptor&, bool received);
    void next(unsigned counter, unsigned length);
    void poll();
    void transmit();
    void send_frame(u32 status);
    u32 accepts(std::span<const u8> frame) const;
    void store(std::span<const u8> frame, u32 matched);

    std::unique_ptr<exec::MemoryRegion> io_, mmio_;
    std::optional<Timer> poll_;
    bool looping_ = false, transmitting_ = false;
};
extern const PciDeviceType pcnet_type;

namespace pcnet {

// CSR0.
inline constexpr u16 ERR = 0x8000, BABL = 0x4000, CERR = 0x2000, MISS = 0x1000, MERR = 0x0800,
                     RINT = 0x0400, TINT = 0x0200, IDON = 0x0100, INTR = 0x0080, IENA = 0x0040,
                     RXON = 0x0020, TXON = 0x0010, TDMD = 0x0008, STOP = 0x0004, STRT = 0x0002,
                     INIT = 0x0001;
// CSR5.
inline constexpr u16 SPND = 0x0001, LTINTEN = 0x4000;
// CSR15, the mode.
inline constexpr u16 PROM = 0x8000, DRCVBC = 0x4000, DRCVPA = 0x2000, LOOP = 0x0004, DTX = 0x0002,
                     DRX = 0x0001;
// Counters and lengths of the rings.
inline constexpr unsigned RCVRC = 72, XMTRC = 74, RCVRL = 76, XMTRL = 78, missed_frames = 112;

}  // namespace pcnet

}  // namespace hw
