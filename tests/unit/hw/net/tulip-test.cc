// SPDX-License-Identifier: GPL-2.0-or-later
//
// The 21143 between guest memory and a cable.
#include "hw/net/tulip.h"

#include "tests/unit/hw/net/card.h"

namespace {

using namespace hw;
using hw::testing::everyone;
using hw::testing::first_mac;
using hw::testing::Frame;
using hw::testing::frame_to;

class TulipTest : public hw::testing::CardTest<Tulip, TulipConfig> {
protected:
    static constexpr u64 sent = 0x100000, received = 0x110000, data = 0x120000;
    static constexpr u32 own = 1u << 31;

    u32 csr(unsigned n) { return u32(p.read(base + 8 * n, 4)); }
    void csr(unsigned n, u32 v) { p.write(base + 8 * n, 4, v); }
    void descriptor(u64 at, u32 status, u32 control, u64 first, u64 second) {
        p.write(at, 4, status), p.write(at + 4, 4, control);
        p.write(at + 8, 4, first), p.write(at + 12, 4, second);
    }
    /// The filter holds our address sixteen times; both processes run.
    void start(u32 mode = 0) {
        for (unsigned n = 0; n < 16; n++)
            for (unsigned i = 0; i < 3; i++)
                p.write(data + 12 * n + 4 * i, 4,
                        first_mac[2 * i] | u32{first_mac[2 * i + 1]} << 8);
        descriptor(sent, own, 1u << 31 | 1u << 27 | 192, data, 0);
        descriptor(sent + 16, 0, 0, 0, 0);
        csr(4, sent);
        csr(3, received);
        csr(7, 0x1ffff);
        csr(6, mode | 0x2002);
        EXPECT_EQ(p.read(sent, 4), 0x7fffffffu);
        EXPECT_EQ(csr(5) & 0x45, 5u);  // sent, and no more to send
        csr(5, 0x1ffff);
        EXPECT_EQ(csr(5), 0xf0660000u);
    }
};

TEST_F(TulipTest, SendsARingAndAChain) {
    start();
    const Frame f = frame_to(everyone, 200);
    put(data + 0x100, Frame(f.begin(), f.begin() + 50));
    put(data + 0x200, Frame(f.begin() + 50, f.begin() + 90));
    put(data + 0x300, Frame(f.begin() + 90, f.end()));
    // Two buffers, then one in a descriptor that leads elsewhere.
    descriptor(sent + 16, own, 1u << 29 | 40u << 11 | 50, data + 0x100, data + 0x200);
    descriptor(sent + 32, own, 1u << 31 | 1u << 30 | 1u << 24 | 110, data + 0x300, sent + 0x800);
    descriptor(sent + 0x800, 0, 0, 0, 0);
    csr(1, 1);
    ASSERT_EQ(wire.got.size(), 1u);
    EXPECT_EQ(wire.got[0], f);
    EXPECT_EQ(p.read(sent + 32, 4), 0u);
    EXPECT_TRUE(pin());
    EXPECT_EQ(csr(5) & 0x10001, 0x10001u);
    csr(5, 0x1ffff);
    EXPECT_FALSE(pin());
    descriptor(sent + 0x800, own, 1u << 30 | 1u << 29 | 1u << 25 | 64, data + 0x100, 0);
    descriptor(sent, 0, 0, 0, 0);
    csr(1, 1);
    EXPECT_EQ(wire.got.size(), 2u);
    EXPECT_EQ(csr(5) & 1, 0u);  // it was not to interrupt
}

TEST_F(TulipTest, ReceivesIntoItsRing) {
    start();
    descriptor(received, own, 64u << 11 | 64, data + 0x1000, data + 0x2000);
    descriptor(received + 16, own, 1u << 25 | 1536, data + 0x3000, 0);
    const Frame f = frame_to(first_mac, 200);
    wire.send(f);
    EXPECT_EQ(p.read(received, 4), 204u << 16 | 0x200u | 0x20);
    EXPECT_EQ(p.read(received + 16, 4), 204u << 16 | 0x100u | 0x20);
    EXPECT_EQ(memory(data + 0x1000, 64), Frame(f.begin(), f.begin() + 64));
    EXPECT_EQ(memory(data + 0x2000, 64), Frame(f.begin() + 64, f.begin() + 128));
    EXPECT_EQ(memory(data + 0x3000, 72), Frame(f.begin() + 128, f.end()));
    EXPECT_EQ(csr(5) & 0x10040, 0x10040u);
    EXPECT_TRUE(pin());
    csr(5, 0x1ffff);
    wire.send(f);  // the ring is full
    EXPECT_EQ(csr(5) & 0x8080, 0x8080u);
    EXPECT_EQ(csr(5) >> 17 & 7, 4u);
    descriptor(received, own, 1536, data + 0x1000, 0);
    csr(2, 1);
    wire.send(f);
    EXPECT_EQ(p.read(received, 4), 204u << 16 | 0x320u);
}

TEST_F(TulipTest, FiltersAddresses) {
    start();
    for (unsigned n = 0; n < 4; n++)
        descriptor(received + 16 * n, own, 1536, data + 0x1000, 0);
    wire.send(frame_to({0x52, 0x54, 0, 9, 9, 9}, 64));
    wire.send(frame_to({0x01, 0, 0x5e, 0, 0, 1}, 64));
    EXPECT_EQ(p.read(received, 4), own);
    csr(6, 0x2002 | 0x80);  // every multicast
    wire.send(frame_to({0x01, 0, 0x5e, 0, 0, 1}, 64));
    EXPECT_EQ(p.read(received, 4), 68u << 16 | 0x720u);
    csr(6, 0x2002 | 0x40);  // everything
    wire.send(frame_to({0x52, 0x54, 0, 9, 9, 9}, 64));
    EXPECT_EQ(p.read(received + 16, 4), 1u << 30 | 68u << 16 | 0x320u);
}

TEST_F(TulipTest, HearsItselfInLoopback) {
    start(1 << 10);
    descriptor(received, own, 1536, data + 0x1000, 0);
    const Frame f = frame_to(first_mac, 80);
    put(data + 0x100, f);
    descriptor(sent + 16, own, 3u << 29 | 80, data + 0x100, 0);
    descriptor(sent + 32, 0, 0, 0, 0);
    csr(1, 1);
    EXPECT_TRUE(wire.got.empty());
    EXPECT_EQ(memory(data + 0x1000, 80), f);
}

TEST_F(TulipTest, HasAPhyAndAnEeprom) {
    auto mii = [&](unsigned phy, unsigned reg) {
        auto clock = [&](u32 wires) {
            csr(9, wires);
            csr(9, wires | 1u << 16);
        };
        for (int i = 0; i < 32; i++)
            clock(1u << 17);
        const u32 header = 6u << 10 | phy << 5 | reg;
        for (int i = 13; i >= 0; i--)
            clock(u32{header >> i & 1} << 17);
        u32 value = 0;
        for (int i = 0; i < 18; i++) {
            csr(9, 1u << 18);
            value = value << 1 | (csr(9) >> 19 & 1);
            csr(9, 1u << 18 | 1u << 16);
        }
        return value;
    };
    EXPECT_EQ(mii(1, 1), 0x702cu);
    EXPECT_EQ(mii(1, 5), 0x4181u);
    EXPECT_EQ(mii(2, 1), 0u);
    nic->card().set_link(false);
    EXPECT_EQ(mii(1, 1), 0x7028u);

    auto clock = [&](u32 bit) {
        csr(9, 0x801 | bit << 2);
        csr(9, 0x803 | bit << 2);
        csr(9, 0x801 | bit << 2);
        return csr(9) >> 3 & 1;
    };
    auto word = [&](unsigned n) {
        csr(9, 0x801);
        for (int i = 8; i >= 0; i--)
            clock((0x180u | n) >> i & 1);
        u32 v = 0;
        for (int i = 0; i < 16; i++)
            v = v << 1 | clock(0);
        csr(9, 0x800);
        return v;
    };
    EXPECT_EQ(word(10), 0x5452u);
    EXPECT_EQ(word(12), 0x5634u);
    EXPECT_EQ(word(63), 0xdf49u);
}

TEST_F(TulipTest, LeavesARingWithoutAnEnd) {
    descriptor(sent, own, 1u << 24 | 1u << 29, data, sent);
    csr(4, sent);
    csr(6, 0x2000);
    descriptor(received, own, 1u << 24, data, received);
    csr(3, received);
    csr(6, 0x2002);
    wire.send(frame_to(everyone, 64));
    // The card's own registers as a ring.
    csr(6, 0);
    csr(4, u32(base));
    csr(3, u32(base));
    csr(6, 0x2002);
    wire.send(frame_to(everyone, 64));
    csr(0, 1);
    EXPECT_EQ(csr(5), 0xf0000000u);
}

}  // namespace
