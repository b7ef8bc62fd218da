// SPDX-License-Identifier: GPL-2.0-or-later
#include "hw/timer/hpet.h"

#include <gtest/gtest.h>

#include "tests/unit/hw/isa-fixture.h"

using namespace hw;

namespace {

struct Block : hw::testing::FakePlatform {
    hw::testing::Lines lines;
    Hpet hpet;
    int pit = -1;

    Block() {
        for (int i = 0; i < int(Hpet::lines); i++)
            hpet.output(unsigned(i)).connect(lines.in(i));
        hpet.pit_enable().connect(lines.in(63));
        EXPECT_TRUE(hpet.bring_up(platform));
        hpet.hold_reset();
        hpet.leave_reset();
    }
    void set(u64 offset, u64 value, unsigned size = 4) {
        write(Hpet::default_address + offset, size, value);
    }
    u64 get(u64 offset, unsigned size = 4) { return read(Hpet::default_address + offset, size); }
};

}  // namespace

TEST(Hpet, CapabilitiesAndCounter) {
    Block b;
    EXPECT_EQ(b.get(0), 0x8086a201u);
    EXPECT_EQ(b.get(4), 10'000'000u);
    b.advance(1000);
    EXPECT_EQ(b.get(0xf0), 0u);
    b.set(0x10, 1);
    b.advance(1000);
    EXPECT_EQ(b.get(0xf0), 100u);
    b.set(0x10, 0);
    b.advance(1000);
    EXPECT_EQ(b.get(0xf0), 100u);
    b.set(0xf0, 5);
    EXPECT_EQ(b.get(0xf0), 5u);
}

TEST(Hpet, OneShotRoutesToItsLine) {
    Block b;
    b.set(0x120, 2 << 9 | 1 << 2);  // timer 1 on line 2, enabled
    b.set(0x128, 500);
    b.set(0x12c, 0);
    b.set(0x10, 1);
    b.advance(4990);
    EXPECT_EQ(b.lines.edges[2], 0);
    b.advance(10);
    EXPECT_EQ(b.lines.edges[2], 1);
}

TEST(Hpet, PeriodicKeepsItsPeriod) {
    Block b;
    b.set(0x100, 2 << 9 | 1 << 8 | 1 << 6 | 1 << 3 | 1 << 2);  // 32 bits, periodic
    b.set(0x108, 1000);
    b.set(0x108, 1000);
    b.set(0x10, 1);
    b.advance(10'000 * 10 + 5);
    EXPECT_EQ(b.lines.edges[2], 10);
}

TEST(Hpet, LevelInterruptsStayUntilCleared) {
    Block b;
    b.set(0x100, 2 << 9 | 1 << 2 | 1 << 1);
    b.set(0x108, 100);
    b.set(0x10c, 0);
    b.set(0x10, 1);
    b.advance(2000);
    EXPECT_EQ(b.lines.level[2], 1);
    EXPECT_EQ(b.get(0x20), 1u);
    b.set(0x20, 1);
    EXPECT_EQ(b.lines.level[2], 0);
}

TEST(Hpet, LegacyReplacementTakesTheLinesOfPitAndRtc) {
    Block b;
    EXPECT_EQ(b.lines.level[63], 1);
    b.hpet.rtc_input().set(1);
    EXPECT_EQ(b.lines.level[8], 1);
    b.set(0x10, 3);
    EXPECT_EQ(b.lines.level[63], 0);
    EXPECT_EQ(b.lines.level[8], 0);
    b.set(0x100, 1 << 2);
    b.set(0x108, 50);
    b.set(0x10c, 0);
    b.set(0x108, u32(b.get(0xf0)) + 50);
    b.advance(1000);
    EXPECT_EQ(b.lines.edges[0], 1);
    b.set(0x10, 1);
    EXPECT_EQ(b.lines.level[63], 1);
    EXPECT_EQ(b.lines.level[8], 1);  // the RTC's level comes back
}

TEST(Hpet, TheTickIsMadeUpForWhenItComesLate) {
    Block b;
    struct Path final : TickPath {
        hw::testing::Lines& lines;
        int seen = 0;
        explicit Path(hw::testing::Lines& l) : lines(l) {}
        bool waiting() const override { return lines.edges[0] != seen; }
        void take() {
            seen = lines.edges[0];
            taken();
        }
    } path(b.lines);
    b.hpet.connect_ticks(path);
    b.set(0x10, 2);
    b.set(0x100, 1 << 8 | 1 << 6 | 1 << 3 | 1 << 2);  // 32 bits, periodic
    b.set(0x108, 1000);
    b.set(0x108, 1000);
    b.set(0x10, 3);
    b.advance(10'000 + 5);
    path.take();
    EXPECT_FALSE(path.waiting());
    b.advance(10'000 * 7);
    int ticks = 0;
    for (; path.waiting(); ticks++)
        path.take();
    EXPECT_EQ(ticks, 7);
    b.advance(10'000 * 7);
    b.set(0x10, 2);  // stopped: what is owed is forgotten
    path.take();
    EXPECT_FALSE(path.waiting());
}
