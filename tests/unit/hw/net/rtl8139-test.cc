// SPDX-License-Identifier: GPL-2.0-or-later
//
// The RTL8139C+ between guest memory and a cable, in both of its ways.
#include "hw/net/rtl8139.h"

#include <random>

#include "tests/unit/hw/net/card.h"

namespace {

using namespace hw;
using hw::testing::everyone;
using hw::testing::first_mac;
using hw::testing::Frame;
using hw::testing::frame_to;

class Rtl8139Test : public hw::testing::CardTest<Rtl8139, Rtl8139Config> {
protected:
    static constexpr u64 ring = 0x100000, list = 0x200000, data = 0x300000;

    u32 r(unsigned at, unsigned size) { return u32(p.read(base + at, size)); }
    void w(unsigned at, unsigned size, u32 v) { p.write(base + at, size, v); }
    /// The ring of 8 KiB, the card's own frames and broadcasts, all interrupts.
    void start(u32 rcr = 0x0a) {
        w(0x37, 1, 0x10);
        w(0x30, 4, ring);
        w(0x37, 1, 0x0c);
        w(0x44, 4, rcr);
        w(0x3c, 2, 0xe1ff);
    }
    void start_lists() {
        w(0xe0, 2, 3);
        w(0x37, 1, 0x0c);
        w(0x44, 4, 0x0a);
        w(0xe4, 4, list), w(0xe8, 4, 0);
        w(0x20, 4, list + 0x1000), w(0x24, 4, 0);
        w(0x3c, 2, 0xe1ff);
    }
    void descriptor(u64 at, u32 control, u64 buffer, u32 vlan = 0) {
        p.write(at, 4, control), p.write(at + 4, 4, vlan), p.write(at + 8, 8, buffer);
    }
};

TEST_F(Rtl8139Test, ResetStateIsTheCapturedOne) {
    EXPECT_EQ(config(0x18, 0x00), 0x813910ecu);
    EXPECT_EQ(config(0x18, 0x08), 0x02000020u);
    EXPECT_EQ(config(0x18, 0x34, 1), 0xdcu);
    EXPECT_EQ(saved(*nic).size(), 642u);
    EXPECT_EQ(r(0x00, 4), 0x12005452u);
    EXPECT_EQ(r(0x10, 4), 0x2000u);
    EXPECT_EQ(r(0x37, 1), 0x11u);
    EXPECT_EQ(r(0x40, 4), 0x74800000u);
    EXPECT_EQ(r(0x58, 1), 0xd0u);
    EXPECT_EQ(r(0x62, 2), 0x1000u);
    EXPECT_EQ(r(0x64, 2), 0x782du);
}

TEST_F(Rtl8139Test, TheEepromAnswersOnItsWires) {
    auto wires = [&](bool select, bool clock, bool bit) {
        w(0x50, 1, 0x80 | select << 3 | clock << 2 | bit << 1);
    };
    // 1 10 000111: read word 7.
    wires(false, false, false);
    wires(true, false, false);
    for (const char c : std::string("110000111"))
        wires(true, false, c == '1'), wires(true, true, c == '1');
    unsigned word = 0;
    for (int n = 0; n < 16; n++) {
        wires(true, false, false), wires(true, true, false);
        word = word << 1 | (r(0x50, 1) & 1);
    }
    EXPECT_EQ(word, 0x5452u);
}

TEST_F(Rtl8139Test, SendsItsBuffersInTurn) {
    start();
    for (unsigned n = 0; n < 6; n++) {
        Frame frame = frame_to(everyone, 60 + n);
        put(data, frame);
        w(0x20 + n % 4 * 4, 4, data);
        w(0x10 + n % 4 * 4, 4, 60 + n);
        ASSERT_EQ(wire.got.size(), n + 1);
        EXPECT_EQ(wire.got.back(), frame);
        EXPECT_EQ(r(0x10 + n % 4 * 4, 4) & 0xa000, 0xa000u);
    }
    EXPECT_EQ(r(0x60, 2), 0xf00fu);
    EXPECT_EQ(r(0x3e, 2), 4u);
    EXPECT_TRUE(pin());
    w(0x3e, 2, 4);
    EXPECT_FALSE(pin());
}

TEST_F(Rtl8139Test, ReceivesAroundTheEndOfItsRing) {
    start();
    unsigned at = 0;
    for (unsigned n = 0; n < 20; n++) {
        const Frame frame = frame_to(n % 2 ? everyone : first_mac, 1000 + n);
        ASSERT_TRUE(wire.send(frame));
        EXPECT_EQ(r(0x3e, 2), 1u);
        EXPECT_EQ(r(0x37, 1) & 1, 0u);
        EXPECT_EQ(p.read(ring + at, 4), (1004u + n) << 16 | (n % 2 ? 0x2001 : 0x4001));
        Frame got(frame.size());
        for (std::size_t i = 0; i < got.size(); i++)
            got[i] = u8(p.read(ring + (at + 4 + i) % 8192, 1));
        EXPECT_EQ(got, frame) << n;
        at = (at + 4 + unsigned(frame.size()) + 4 + 3) / 4 * 4 % 8192;
        w(0x38, 2, at - 16);
        w(0x3e, 2, 1);
        EXPECT_EQ(r(0x37, 1) & 1, 1u);
    }
}

TEST_F(Rtl8139Test, WhatTheRingHasNoRoomForWaits) {
    start();
    const Frame frame = frame_to(everyone, 1514);
    for (int n = 0; n < 10; n++)
        wire.send(frame);
    const unsigned written = r(0x3a, 2);
    EXPECT_LT(written, 8192u);
    w(0x38, 2, written - 16);
    EXPECT_NE(r(0x3a, 2), written);
}

TEST_F(Rtl8139Test, ListsTakeAndGiveFrames) {
    start_lists();
    const Frame frame = frame_to(first_mac, 200);
    descriptor(list, 0x80000000 | 1600, data);
    descriptor(list + 16, 0xc0000000 | 1600, data + 0x1000);
    ASSERT_TRUE(wire.send(frame));
    EXPECT_EQ(p.read(list, 4), 0x32000000u | 204);
    EXPECT_EQ(memory(data, 200), frame);
    wire.send(frame);
    EXPECT_EQ(p.read(list + 16, 4), 0x72000000u | 204);
    // Around, and the first is not the chip's again.
    w(0x3e, 2, 0xffff);
    wire.send(frame);
    EXPECT_EQ(r(0x3e, 2), 0x10u);
    EXPECT_EQ(r(0x4c, 4), 1u);

    // A frame in two pieces.
    put(data, frame);
    descriptor(list + 0x1000, 0xa0000000 | 50, data);
    descriptor(list + 0x1010, 0xd0000000 | 150, data + 50);
    w(0xd9, 1, 0x40);
    ASSERT_EQ(wire.got.size(), 1u);
    EXPECT_EQ(wire.got[0], frame);
    EXPECT_EQ(p.read(list + 0x1000, 4), 0x20000000u | 50);
    EXPECT_EQ(p.read(list + 0x1010, 4), 0x50000000u | 150);
    // What the counters count.
    w(0x14, 4, 0), w(0x10, 4, (data + 0x2000) | 8);
    EXPECT_EQ(r(0x10, 4) & 8, 0u);
    EXPECT_EQ(p.read(data + 0x2000, 8), 1u);
    EXPECT_EQ(p.read(data + 0x2008, 8), 2u);
}

/// IPv4 and TCP without options, `size` bytes of payload.
Frame segment(std::size_t size) {
    Frame f = frame_to(everyone, 54 + size);
    const u8 head[] = {0x08, 0x00, 0x45, 0,  0, 0, 0x12, 0x34, 0x40, 0, 64,
                       6,    0,    0,    10, 0, 2, 15,   10,   0,    2, 2};
    std::copy(std::begin(head), std::end(head), f.begin() + 12);
    f[16] = u8((40 + size) >> 8), f[17] = u8(40 + size);
    f[34 + 12] = 0x50, f[34 + 13] = 0x18;
    return f;
}
/// Of big endian words; 0xffff over what holds its own complement.
unsigned sum(const Frame& f, std::size_t from, std::size_t n, unsigned start = 0) {
    for (std::size_t i = 0; i < n; i++)
        start += f[from + i] << (i & 1 ? 0 : 8);
    while (start >> 16)
        start = (start & 0xffff) + (start >> 16);
    return start;
}
bool sums_are_right(const Frame& f) {
    return sum(f, 14, 20) == 0xffff &&
           sum(f, 34, f.size() - 34, sum(f, 26, 8, 6 + unsigned(f.size() - 34))) == 0xffff;
}

TEST_F(Rtl8139Test, FillsInChecksums) {
    start_lists();
    const Frame frame = segment(101);
    put(data, frame);
    descriptor(list + 0x1000, 0xf0050000 | u32(frame.size()), data);
    w(0xd9, 1, 0x40);
    ASSERT_EQ(wire.got.size(), 1u);
    EXPECT_TRUE(sums_are_right(wire.got[0]));
}

TEST_F(Rtl8139Test, DividesLargeSegments) {
    start_lists();
    const Frame frame = segment(2500);
    put(data, frame);
    descriptor(list + 0x1000, 0xf8000000 | 1000 << 16 | u32(frame.size()), data);
    w(0xd9, 1, 0x40);
    ASSERT_EQ(wire.got.size(), 3u);
    std::size_t payload = 0;
    for (std::size_t n = 0; n < 3; n++) {
        const Frame& f = wire.got[n];
        EXPECT_EQ(f.size(), 54 + (n < 2 ? 1000u : 500u));
        EXPECT_TRUE(sums_are_right(f)) << n;
        EXPECT_EQ(f[19], 0x34 + n);
        EXPECT_EQ(f[34 + 13], n < 2 ? 0x10 : 0x18);
        EXPECT_TRUE(std::equal(f.begin() + 54, f.end(), frame.begin() + 54 + long(payload)));
        payload += f.size() - 54;
    }
}

TEST_F(Rtl8139Test, ItsTimerCountsTheBusClock) {
    start();
    w(0x48, 4, 0);
    p.advance(3000);
    EXPECT_EQ(r(0x48, 4), 100u);
    w(0x54, 4, 200);
    EXPECT_EQ(r(0x3e, 2), 0u);
    p.advance(3000);
    EXPECT_EQ(r(0x3e, 2), 0x4000u);
}

TEST_F(Rtl8139Test, ItsStateSurvivesALoad) {
    start();
    wire.send(frame_to(everyone, 300));
    const auto bytes = saved(*nic);
    reset(system);
    EXPECT_NE(saved(*nic), bytes);
    restore(*nic, bytes);
    EXPECT_EQ(saved(*nic), bytes);
}

TEST_F(Rtl8139Test, NonsenseDoesNotLeaveItsBounds) {
    std::mt19937 random(1);
    for (int i = 0; i < 50'000; i++) {
        const unsigned at = random() % 0x100;
        switch (random() % 8) {
            case 0: w(at, 1, random() & 0xff); break;
            case 1: w(at & ~1u, 2, random() & 0xffff); break;
            case 2: w(at & ~3u, 4, random() & (random() % 2 ? 0xffffffff : 0xffffff)); break;
            case 3: r(at & ~3u, 4); break;
            case 4: r(at & ~1u, 2); break;
            case 5: r(at, 1); break;
            case 6:
                w(0x37, 1, 0x0c);
                w(0xe0, 2, random() & 0x6f);
                wire.send(frame_to(random() % 2 ? everyone : first_mac, 14 + random() % 1500));
                wire.got.clear();
                break;
            default: p.advance(random() % 10000);
        }
    }
}

}  // namespace
