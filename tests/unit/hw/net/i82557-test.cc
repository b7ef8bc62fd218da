// SPDX-License-Identifier: GPL-2.0-or-later
//
// The 82551 between guest memory and a cable.
#include "hw/net/i82557.h"

#include "tests/unit/hw/net/card.h"

namespace {

using namespace hw;
using hw::testing::everyone;
using hw::testing::first_mac;
using hw::testing::Frame;
using hw::testing::frame_to;

class I82557Test : public hw::testing::CardTest<I82557, I82557Config, 0x10> {
protected:
    static constexpr u64 commands = 0x100000, frames = 0x110000, data = 0x120000;
    enum : u8 { CX = 0x80, FR = 0x40, CNA = 0x20, RNR = 0x10, SWI = 0x04 };

    I82557Test() : CardTest(std::make_unique<I82557>(i82551_type)) {}
    u32 r(unsigned at, unsigned size) { return u32(p.read(base + at, size)); }
    void w(unsigned at, unsigned size, u32 v) { p.write(base + at, size, v); }
    void unit(u8 command, u32 pointer = 0) {
        w(4, 4, pointer);
        w(2, 1, command);
    }
    void entry(u64 at, u16 command, u32 link) {
        p.write(at, 2, 0);
        p.write(at + 2, 2, command);
        p.write(at + 4, 4, link);
    }
    /// Two descriptors, the second of which is the last.
    void receive_list(u16 size = 1536) {
        unit(0x06, 0);
        for (unsigned n = 0; n < 2; n++) {
            entry(frames + 0x1000 * n, n ? 0x8000 : 0, frames + 0x1000);
            p.write(frames + 0x1000 * n + 12, 4, u32{size} << 16);
        }
        unit(0x01, frames);
        EXPECT_EQ(r(0, 1), 0x10u);
    }
};

TEST_F(I82557Test, DoesItsCommandsInTheirOrder) {
    unit(0x60, 0);
    entry(commands, 0x2000, commands + 0x40);         // nop, with an interrupt
    entry(commands + 0x40, 0x0001, commands + 0x80);  // another address
    put(commands + 0x48, {0x52, 0x54, 0, 0xaa, 0xbb, 0xcc});
    entry(commands + 0x80, 0x4006, commands + 0xc0);  // a dump, and wait
    unit(0x10, commands);
    EXPECT_EQ(p.read(commands, 2), 0xa000u);
    EXPECT_EQ(p.read(commands + 0x40, 2), 0xa000u);
    EXPECT_EQ(p.read(commands + 0x80, 2), 0x8000u);  // not done
    EXPECT_EQ(r(0, 2), (CX | CNA) << 8 | 0x40u);
    EXPECT_TRUE(pin());
    w(1, 1, 0xff);
    EXPECT_FALSE(pin());
    entry(commands + 0xc0, 0x8000, 0);
    unit(0x20);
    EXPECT_EQ(r(0, 2), u32{CNA} << 8);
    w(3, 1, 0x20);  // masked
    EXPECT_FALSE(pin());
    w(3, 1, 0x02);  // by software
    EXPECT_EQ(r(1, 1), u32{CNA | SWI});
    EXPECT_TRUE(pin());
    w(3, 1, 0x01);
    EXPECT_FALSE(pin());
}

TEST_F(I82557Test, SendsFromBehindTheCommandAndFromBuffers) {
    const Frame f = frame_to(everyone, 300);
    entry(commands, 0x0004, commands + 0x400);
    p.write(commands + 8, 4, 0xffffffff);
    p.write(commands + 12, 4, 0x8000 | 300);
    put(commands + 16, f);
    entry(commands + 0x400, 0x800c, 0);
    p.write(commands + 0x408, 4, data);
    p.write(commands + 0x40c, 4, 2u << 24);
    p.write(data, 4, data + 0x100), p.write(data + 4, 4, 100);
    p.write(data + 8, 4, data + 0x800), p.write(data + 12, 4, 0x10000 | 200);
    put(data + 0x100, Frame(f.begin(), f.begin() + 100));
    put(data + 0x800, Frame(f.begin() + 100, f.end()));
    unit(0x10, commands);
    ASSERT_EQ(wire.got.size(), 2u);
    EXPECT_EQ(wire.got[0], f);
    EXPECT_EQ(wire.got[1], f);
    unit(0x40, data);
    unit(0x70);
    EXPECT_EQ(p.read(data, 4), 2u);
    EXPECT_EQ(p.read(data + 64, 4), 0xa007u);
    unit(0x50);
    EXPECT_EQ(p.read(data, 4), 0u);
    EXPECT_EQ(p.read(data + 64, 4), 0xa005u);
}

TEST_F(I82557Test, ReceivesUntilItsListEnds) {
    const Frame f = frame_to(first_mac, 100);
    wire.send(f);  // nobody listens yet: it waits
    receive_list();
    EXPECT_EQ(p.read(frames, 2), 0xa000u);
    EXPECT_EQ(p.read(frames + 12, 2), 0xc000u | 100);
    EXPECT_EQ(memory(frames + 16, 100), f);
    EXPECT_EQ(r(1, 1), u32{FR});
    EXPECT_TRUE(pin());
    wire.send(frame_to(everyone, 64));
    EXPECT_EQ(p.read(frames + 0x1000, 2), 0xa002u);
    EXPECT_EQ(r(1, 1), u32{FR | RNR});
    EXPECT_EQ(r(0, 1), 0x08u);  // no resources
}

TEST_F(I82557Test, PassesOverWhatIsForOthers) {
    receive_list();
    const std::array<u8, 6> group{0x01, 0, 0x5e, 0, 0, 1};
    wire.send(frame_to(group, 64));
    wire.send(frame_to({0x52, 0x54, 0, 9, 9, 9}, 64));
    EXPECT_EQ(p.read(frames, 2), 0u);
    entry(commands, 0x8003, 0);
    p.write(commands + 8, 2, 6);
    put(commands + 10, Frame(group.begin(), group.end()));
    unit(0x10, commands);
    wire.send(frame_to(group, 64));
    EXPECT_EQ(p.read(frames, 2), 0xa002u);
    // Promiscuous.
    entry(commands, 0x8002, 0);
    put(commands + 8, {22, 8,    0, 0,    0,    0, 0x32, 7,    0,    0,    0x2e,
                       0,  0x60, 0, 0xf2, 0x49, 0, 0x40, 0xf2, 0x80, 0x3f, 5});
    unit(0x10, commands);
    wire.send(frame_to({0x52, 0x54, 0, 9, 9, 9}, 64));
    EXPECT_EQ(p.read(frames + 0x1000, 2), 0xa006u);
}

TEST_F(I82557Test, CutsWhatItsBufferCannotHold) {
    receive_list(50);
    wire.send(frame_to(first_mac, 100));
    EXPECT_EQ(p.read(frames, 2), 0x8200u);
    EXPECT_EQ(p.read(frames + 12, 2), 0xc000u | 50);
}

TEST_F(I82557Test, HasAPhyAndAnEeprom) {
    w(0x10, 4, 2u << 26 | 1 << 21 | 1 << 16);
    EXPECT_EQ(r(0x10, 4), 0x1821782du);
    w(0x10, 4, 2u << 26 | 2 << 21 | 1 << 16);
    EXPECT_EQ(r(0x10, 2), 0xffffu);
    nic->card().set_link(false);
    w(0x10, 4, 2u << 26 | 1 << 21 | 1 << 16);
    EXPECT_EQ(r(0x10, 2), 0x7809u);
    auto clock = [&](unsigned bit) {
        w(0x0e, 2, 2 | bit << 2);
        w(0x0e, 2, 3 | bit << 2);
        w(0x0e, 2, 2 | bit << 2);
        return r(0x0e, 2) >> 3 & 1;
    };
    auto word = [&](unsigned n) {
        w(0x0e, 2, 2);
        for (int i = 8; i >= 0; i--)
            clock((0x180u | n) >> i & 1);
        EXPECT_EQ(r(0x0e, 2) >> 3 & 1, 0u);
        u32 v = 0;
        for (int i = 0; i < 16; i++)
            v = v << 1 | clock(0);
        w(0x0e, 2, 0);
        return v;
    };
    EXPECT_EQ(word(0), 0x5452u);
    EXPECT_EQ(word(2), 0x5634u);
    EXPECT_EQ(word(63), 0xbe33u);
}

TEST_F(I82557Test, TestsItselfAndStartsAnew) {
    w(8, 4, data | 1);
    EXPECT_EQ(p.read(data, 8), 0xffffffffu);
    unit(0x60, 0x1234);
    receive_list();
    w(8, 4, 0);
    EXPECT_EQ(r(0, 4), 0u);
}

TEST_F(I82557Test, LeavesAListWithoutAnEnd) {
    entry(commands, 0, commands);
    unit(0x60, 0);
    unit(0x10, commands);
    EXPECT_EQ(r(0, 1) >> 6, 0u);
}

TEST_F(I82557Test, DoesNotCommandItself) {
    // The list stands in the registers: what the card writes back is a command to itself.
    unit(0x60, 0);
    w(4, 4, u32(base));
    w(2, 1, 0x10);
    unit(0x40, u32(base));
    unit(0x50);
    entry(commands, 0x8000, 0);
    unit(0x60, 0);
    unit(0x10, commands);
    EXPECT_EQ(p.read(commands, 2), 0xa000u);
}

}  // namespace
