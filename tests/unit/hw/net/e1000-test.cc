// SPDX-License-Identifier: GPL-2.0-or-later
//
// The e1000 between guest memory and a cable. Register values after reset and after a few accesses
// were captured from QEMU 7.2.22.
#include "hw/net/e1000.h"

#include "tests/unit/hw/net/wire.h"
#include "tests/unit/hw/pci/pc-chips.h"

namespace {

using namespace hw;
using hw::testing::Frame;
using hw::testing::frame_to;
using hw::testing::Wire;

class E1000Test : public hw::testing::PcChips {
protected:
    static constexpr std::uint64_t base = 0xfeb80000;

    E1000Test() {
        auto d = std::make_unique<E1000>(e1000_type);
        EXPECT_TRUE(net::Client::connect(d->card(), wire));
        nic = &plug(std::move(d), 0x18);
        reset(system);
        set_config(0x18, 0x10, base);
        set_config(0x18, 0x04, 7, 2);
    }
    ~E1000Test() override { host->bus().unplug(*nic); }
    std::uint32_t r(unsigned offset) {
        return static_cast<std::uint32_t>(p.read(base + offset, 4));
    }
    void w(unsigned offset, std::uint32_t v) { p.write(base + offset, 4, v); }
    /// Eight descriptors at 0x10000, their buffers of 2 KiB from 0x20000, seven of them free.
    void receive_ring() {
        for (unsigned n = 0; n < 8; n++)
            p.write(0x10000 + 16 * n, 8, 0x20000 + 2048 * n);
        w(0x2800, 0x10000);
        w(0x2808, 128);
        w(0x2818, 7);
        w(0x100, 0x8002);  // enabled, broadcasts
    }
    void transmit_descriptor(unsigned n, std::uint64_t address, std::uint32_t lower,
                             std::uint32_t upper) {
        p.write(0x30000 + 16 * n, 8, address);
        p.write(0x30008 + 16 * n, 4, lower);
        p.write(0x3000c + 16 * n, 4, upper);
    }
    void transmit(unsigned tail) {
        w(0x3800, 0x30000);
        w(0x3808, 256);
        w(0x400, 2);
        w(0x3818, tail);
    }

    Wire wire;
    E1000* nic = nullptr;
};

TEST_F(E1000Test, ResetStateIsTheCapturedOne) {
    EXPECT_EQ(config(0x18, 0x00), 0x100e8086u);
    EXPECT_EQ(config(0x18, 0x08), 0x02000003u);
    EXPECT_EQ(config(0x18, 0x3c), 0x00000100u);
    EXPECT_EQ(saved(*nic).size(), 198785u);
    EXPECT_EQ(r(0x0000), 0x140240u);
    EXPECT_EQ(r(0x0008), 0x80080783u);
    EXPECT_EQ(r(0x0e00), 0x602u);
    EXPECT_EQ(r(0x5400), 0x12005452u);
    EXPECT_EQ(r(0x5404), 0x80005634u);
    EXPECT_EQ(nic->state().eeprom[63], 0x79ad);
    EXPECT_EQ(nic->state().rxbuf_min_shift, 1u);
    set_config(0x18, 0x10, 0xffffffff);
    set_config(0x18, 0x14, 0xffffffff);
    EXPECT_EQ(config(0x18, 0x10), 0xfffe0000u);
    EXPECT_EQ(config(0x18, 0x14), 0xffffffc1u);
}

TEST_F(E1000Test, RegistersEndUpAsQemusAfterTheSameAccesses) {
    w(0x0000, 0x40240);
    w(0x0100, 0x8002);
    w(0x00d0, 0x9d);
    w(0x0400, 0x4010a);
    w(0x2800, 0x1000);
    w(0x2808, 0x1000);
    w(0x0020, 0x18010000);
    const auto& m = nic->state().mac;
    EXPECT_EQ(m[e1000::CTRL], 0x40240u);
    EXPECT_EQ(m[e1000::ICR], 2u);
    EXPECT_EQ(m[e1000::ICS], 2u);
    EXPECT_EQ(m[e1000::IMS], 157u);
    EXPECT_EQ(m[e1000::MDIC], 0x50000000u);
    EXPECT_EQ(nic->state().rxbuf_size, 0x800u);
}

TEST_F(E1000Test, DriversFindTheAddressInTheEeprom) {
    w(0x14, 0x0001);
    EXPECT_EQ(r(0x14), 0x54520010u);
    // Word 2 by the wires: start bit, READ, six bits of address, then sixteen clocks.
    auto clock = [&](unsigned di) {
        w(0x10, 2 | di << 2);
        w(0x10, 2 | di << 2 | 1);
        w(0x10, 2 | di << 2);
    };
    w(0x10, 0);
    w(0x10, 2);
    for (unsigned bit : {1u, 1u, 0u, 0u, 0u, 0u, 0u, 1u, 0u})
        clock(bit);
    unsigned word = 0;
    for (int i = 0; i < 16; i++) {
        w(0x10, 3);
        word = word << 1 | (r(0x10) >> 3 & 1);
        w(0x10, 2);
    }
    EXPECT_EQ(word, 0x5634u);
    w(0x20, 0x08200000 | 2 << 16);  // PHY identifier
    EXPECT_EQ(r(0x20) & 0xffff, 0x0141u);
}

TEST_F(E1000Test, SendsAFrameWithItsChecksum) {
    Frame f(60);
    std::iota(f.begin(), f.end(), std::uint8_t{1});
    std::copy(f.begin(), f.end(), ram_block->host() + 0x40000);
    // One context (checksum over 34 to the end, put at 40), one data descriptor.
    transmit_descriptor(0, 34ull << 32 | 40ull << 40, 1u << 29, 0);
    transmit_descriptor(1, 0x40000, 60 | 1u << 29 | 1u << 27 | 1u << 24 | 1u << 20, 0x0200);
    w(0xd0, 1);
    transmit(2);
    ASSERT_EQ(wire.got.size(), 1u);
    std::uint32_t sum = 0;
    for (unsigned i = 34; i < 60; i += 2)
        if (i != 40) sum += f[i] << 8 | f[i + 1];
    sum += f[40] << 8 | f[41];  // what the driver left there is part of it
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    EXPECT_EQ(wire.got[0][40] << 8 | wire.got[0][41], ~sum & 0xffff);
    EXPECT_EQ(p.read(0x3001c, 1), 1u);  // done
    EXPECT_EQ(r(0x3810), 2u);
    EXPECT_EQ(r(0xc0), 3u);  // TXDW, TXQE
    EXPECT_EQ(r(0x4080), 1u);
    EXPECT_EQ(r(0x4080), 0u);  // cleared by reading
}

TEST_F(E1000Test, CutsALargeSendIntoSegments) {
    // 54 bytes of header (Ethernet, IPv4, TCP) and 250 of payload, 100 a segment.
    Frame f(304);
    f[16] = 1;
    f[54] = 0xaa;
    f[154] = 0xbb;
    f[254] = 0xcc;
    f[47] = 0x19;  // ACK, PSH, FIN
    std::copy(f.begin(), f.end(), ram_block->host() + 0x40000);
    transmit_descriptor(0, 14 | 24u << 8 | 33u << 16 | 34ull << 32 | 50ull << 40,
                        250 | 1u << 29 | 1u << 26 | 1u << 25 | 1u << 24, 54u << 8 | 100u << 16);
    transmit_descriptor(1, 0x40000, 304 | 1u << 29 | 1u << 27 | 1u << 26 | 1u << 24 | 1u << 20,
                        0x0300);
    transmit(2);
    ASSERT_EQ(wire.got.size(), 3u);
    EXPECT_EQ(wire.got[0].size(), 154u);
    EXPECT_EQ(wire.got[2].size(), 104u);
    EXPECT_EQ(wire.got[1][54], 0xbb);
    EXPECT_EQ(wire.got[2][54], 0xcc);
    EXPECT_EQ(wire.got[0][17], 140);  // IP length
    EXPECT_EQ(wire.got[2][41], 200);  // sequence number
    EXPECT_EQ(wire.got[0][47], 0x10);
    EXPECT_EQ(wire.got[2][47], 0x19);
}

TEST_F(E1000Test, ReceivesWhatIsMeantForIt) {
    wire.send(frame_to({0x52, 0x54, 0, 0x12, 0x34, 0x56}, 100));  // kept until there is room
    receive_ring();
    EXPECT_EQ(r(0x2810), 1u);
    EXPECT_EQ(p.read(0x10008, 2), 104u);
    EXPECT_EQ(p.read(0x1000c, 1), 7u);
    EXPECT_EQ(p.read(0x20000 + 50, 1), 50u);
    wire.send(frame_to({0x52, 0x54, 0, 0, 0, 1}, 100));
    EXPECT_EQ(r(0x2810), 1u);
    wire.send(frame_to({0xff, 0xff, 0xff, 0xff, 0xff, 0xff}, 20));
    EXPECT_EQ(r(0x2810), 2u);
    EXPECT_EQ(p.read(0x10018, 2), 64u);
    EXPECT_EQ(r(0xc0), 0x82u & 0x80u);
}

TEST_F(E1000Test, InterruptsAreMaskedAndAcknowledged) {
    set_config(8, 0x62, 0x0b, 1);  // slot 3 pin A: PIRQC
    piix3->isa_irq(11).connect(line(11));
    w(0xc8, 4);
    EXPECT_EQ(irq[11], 0);
    w(0xd0, 4);
    EXPECT_EQ(irq[11], 1);
    EXPECT_EQ(r(0xc0), 4u);
    EXPECT_EQ(irq[11], 0);
}

TEST_F(E1000Test, SavedStateComesBack) {
    receive_ring();
    w(0x5600, 0x12345678);
    const auto bytes = saved(*nic);
    reset(system);
    EXPECT_NE(saved(*nic), bytes);
    restore(*nic, bytes);
    EXPECT_EQ(saved(*nic), bytes);
    wire.send(frame_to({0xff, 0xff, 0xff, 0xff, 0xff, 0xff}, 64));
    EXPECT_EQ(r(0x2810), 1u);
}

TEST(MacAddress, IsSixHexadecimalBytes) {
    EXPECT_EQ(net::format_mac(*net::parse_mac("52:54:00:AB:cd:ef")), "52:54:00:ab:cd:ef");
    EXPECT_FALSE(net::parse_mac("52:54:00:12:34"));
    EXPECT_FALSE(net::parse_mac("52:54:00:12:34:5g"));
}

}  // namespace
