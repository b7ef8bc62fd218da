// SPDX-License-Identifier: GPL-2.0-or-later
//
// The PCnet between guest memory and a cable, in the LANCE's form and in that of 32 bits.
#include "hw/net/pcnet.h"

#include "tests/unit/hw/net/card.h"

namespace {

using namespace hw;
using hw::testing::everyone;
using hw::testing::first_mac;
using hw::testing::Frame;
using hw::testing::frame_to;

class PcnetTest : public hw::testing::CardTest<Pcnet, PcnetConfig> {
protected:
    static constexpr u64 block = 0x100000, received = 0x110000, sent = 0x120000, data = 0x130000;

    void address(u16 n) { p.write(base + 0x12, 2, n); }
    u16 csr(u16 n) {
        address(n);
        return u16(p.read(base + 0x10, 2));
    }
    void csr(u16 n, u16 v) {
        address(n);
        p.write(base + 0x10, 2, v);
    }
    u16 bcr(u16 n) {
        address(n);
        return u16(p.read(base + 0x16, 2));
    }
    void bcr(u16 n, u16 v) {
        address(n);
        p.write(base + 0x16, 2, v);
    }
    /// Rings of four, with 32 bits.
    void start(u16 mode = 0, u16 style = 2) {
        bcr(20, style);
        const bool wide = style != 0;
        p.write(block, 4, mode | (wide ? 2 << 20 | 2 << 28 : 0));
        for (unsigned i = 0; i < 6; i++)
            p.write(block + (wide ? 4 : 2) + i, 1, first_mac[i]);
        for (unsigned i = 0; i < 8; i++)
            p.write(block + (wide ? 12 : 8) + i, 1, 0);
        p.write(block + (wide ? 20 : 16), 4, received | (wide ? 0 : 2u << 29));
        p.write(block + (wide ? 24 : 20), 4, sent | (wide ? 0 : 2u << 29));
        csr(1, u16(block));
        csr(2, u16(block >> 16));
        csr(0, 0x0041);
        EXPECT_EQ(csr(0), 0x01c1);
        csr(0, 0x0142);
        EXPECT_EQ(csr(0), 0x0073);
    }
    void give(u64 ring, unsigned n, u32 flags, u64 address, u32 length) {
        p.write(ring + 16 * n, 4, address);
        p.write(ring + 16 * n + 8, 4, 0);
        p.write(ring + 16 * n + 4, 4, flags << 16 | 0xf000 | ((0u - length) & 0xfff));
    }
};

TEST_F(PcnetTest, ShowsWhatItIs) {
    const u8 prom[] = {0x52, 0x54, 0, 0x12, 0x34, 0x56, 0, 0, 0, 0x11, 0, 0, 1, 2, 0x57, 0x57};
    for (unsigned i = 0; i < 16; i++)
        EXPECT_EQ(p.read(base + i, 1), prom[i]);
    EXPECT_EQ(csr(0), 4);
    EXPECT_EQ(csr(88), 0x1003);
    EXPECT_EQ(csr(89), 0x0262);
    EXPECT_EQ(bcr(4), 0x80c0);
    bcr(20, 2);
    EXPECT_EQ(bcr(20), 0x0302);
    EXPECT_EQ(csr(58), 0x0302);
    bcr(20, 0);
    EXPECT_EQ(bcr(20), 0x0200);
    // A long word written to RDP widens the ports, a reset narrows them.
    p.write(base + 0x10, 4, 0);
    p.write(base + 0x14, 4, 18);
    EXPECT_EQ(p.read(base + 0x1c, 4), 0x9081u);
    p.read(base + 0x18, 4);
    EXPECT_EQ(bcr(18), 0x9001);
}

TEST_F(PcnetTest, SendsAFrameOutOfTwoBuffers) {
    start();
    const Frame f = frame_to(everyone, 200);
    put(data, Frame(f.begin(), f.begin() + 90));
    put(data + 0x1000, Frame(f.begin() + 90, f.end()));
    give(sent, 0, 0x8200, data, 90);
    give(sent, 1, 0x8100, data + 0x1000, 110);
    csr(0, 0x48);
    ASSERT_EQ(wire.got.size(), 1u);
    EXPECT_EQ(wire.got[0], f);
    EXPECT_EQ(p.read(sent + 6, 2), 0x0200u);
    EXPECT_EQ(p.read(sent + 22, 2), 0x0100u);
    EXPECT_EQ(csr(0), 0x02f3);
    EXPECT_TRUE(pin());
    csr(0, 0x0240);
    EXPECT_FALSE(pin());
    // What is given later is found by itself.
    give(sent, 2, 0x8300, data, 60);
    p.advance(3'000'000);
    EXPECT_EQ(wire.got.size(), 2u);
}

TEST_F(PcnetTest, ReceivesIntoItsRing) {
    start();
    give(received, 0, 0x8000, data, 64);
    give(received, 1, 0x8000, data + 0x1000, 1536);
    const Frame f = frame_to(first_mac, 100);
    wire.send(f);
    EXPECT_EQ(p.read(received + 6, 2), 0x0240u);    // STP, our address
    EXPECT_EQ(p.read(received + 22, 2), 0x0140u);   // ENP
    EXPECT_EQ(p.read(received + 16 + 8, 4), 104u);  // with the frame check sequence
    EXPECT_EQ(memory(data, 64), Frame(f.begin(), f.begin() + 64));
    EXPECT_EQ(memory(data + 0x1000, 36), Frame(f.begin() + 64, f.end()));
    EXPECT_TRUE(pin());
    EXPECT_EQ(csr(0) & 0x0400, 0x0400);
    // No buffer: counted, and told.
    wire.send(f);
    EXPECT_EQ(csr(0) & 0x9000, 0x9000);
    EXPECT_EQ(csr(112), 1);
}

TEST_F(PcnetTest, PassesOverWhatIsForOthers) {
    start();
    give(received, 0, 0x8000, data, 1536);
    wire.send(frame_to({0x52, 0x54, 0, 9, 9, 9}, 64));
    wire.send(frame_to({0x01, 0, 0x5e, 0, 0, 1}, 64));
    EXPECT_EQ(p.read(received + 6, 2), 0x8000u);
    csr(0, 4);
    csr(15, 0x8000);  // promiscuous
    csr(0, 0x42);
    wire.send(frame_to({0x52, 0x54, 0, 9, 9, 9}, 64));
    EXPECT_EQ(p.read(received + 6, 2), 0x0300u);
}

TEST_F(PcnetTest, HearsItselfInLoopback) {
    start(0x0004);
    give(received, 0, 0x8000, data + 0x1000, 1536);
    const Frame f = frame_to(first_mac, 80);
    put(data, f);
    give(sent, 0, 0x8300, data, 80);
    csr(0, 0x48);
    EXPECT_TRUE(wire.got.empty());
    EXPECT_EQ(memory(data + 0x1000, 80), f);
    EXPECT_EQ(csr(0) & 0x0600, 0x0600);
}

TEST_F(PcnetTest, KnowsTheFormOfTheLance) {
    start(0, 0);
    EXPECT_EQ(csr(76), 4);
    const Frame f = frame_to(everyone, 70);
    put(data, f);
    p.write(sent, 4, data | 0x83000000);
    p.write(sent + 4, 4, (0u - 70) & 0xffff);
    p.write(received, 4, (data + 0x1000) | 0x80000000);
    p.write(received + 4, 4, (0u - 1536) & 0xffff);
    csr(0, 0x48);
    ASSERT_EQ(wire.got.size(), 1u);
    EXPECT_EQ(wire.got[0], f);
    EXPECT_EQ(p.read(sent + 3, 1), 0x03u);
    wire.send(frame_to(first_mac, 70));
    EXPECT_EQ(p.read(received + 3, 1), 0x03u);
    EXPECT_EQ(p.read(received + 6, 2), 74u);
    EXPECT_EQ(memory(data + 0x1000, 70), frame_to(first_mac, 70));
}

TEST_F(PcnetTest, SurvivesARingOfItsOwnAddress) {
    start();
    // Every descriptor owned, every buffer the ring itself.
    for (unsigned n = 0; n < 4; n++)
        give(sent, n, 0x8000, sent, 4096), give(received, n, 0x8000, received, 64);
    csr(0, 0x48);
    for (unsigned n = 0; n < 8; n++)
        wire.send(frame_to(everyone, 1500));
    EXPECT_TRUE(csr(0) & 0x0020);
}

}  // namespace
