// SPDX-License-Identifier: GPL-2.0-or-later
#include "hw/timer/i8254.h"

#include <gtest/gtest.h>

#include "tests/unit/hw/isa-fixture.h"

using namespace hw;

namespace {

struct Chip {
    ManualClock clock;
    PitState state;
    Pit pit{state, clock};
    hw::testing::Lines lines;

    Chip() {
        pit.irq.connect(lines.in(0));
        pit.reset();
    }
    void program(unsigned channel, u8 control, unsigned count) {
        pit.write(3, u8(channel << 6 | control));
        pit.write(channel, u8(count));
        pit.write(channel, u8(count >> 8));
    }
    unsigned read_word(unsigned channel) {
        const unsigned low = pit.read(channel);
        return low | unsigned(pit.read(channel)) << 8;
    }
};
constexpr i64 ms = 1'000'000;

/// A processor that takes an interrupt when told to.
struct Path final : TickPath {
    hw::testing::Lines& lines;
    int seen = 0;
    bool masked = false;
    explicit Path(hw::testing::Lines& l) : lines(l) {}
    bool waiting() const override { return !masked && lines.edges[0] != seen; }
    void take() {
        seen = lines.edges[0];
        taken();
    }
};

}  // namespace

TEST(I8254, Mode2CountsDownAndReloads) {
    Chip c;
    c.program(0, 0x34, 0x1000);
    c.clock.advance(1 * ms);  // 1193 clocks
    c.pit.write(3, 0x00);     // latch
    EXPECT_EQ(c.read_word(0), 0x1000u - 1193);
    c.clock.advance(3 * ms);  // 4772 in all: once around
    EXPECT_EQ(c.read_word(0), 0x1000u - (4772 - 0x1000));
}

TEST(I8254, Mode3CountsDownByTwo) {
    Chip c;
    c.program(2, 0x36, 0x1000);
    c.clock.advance(1 * ms);
    c.pit.write(3, 0x80);
    EXPECT_EQ(c.read_word(2), 0x1000u - 2 * 1193);
}

TEST(I8254, BcdCountsInDecimal) {
    Chip c;
    c.program(2, 0x31, 0x2000);  // mode 0, BCD: two thousand
    c.clock.advance(1 * ms);
    c.pit.write(3, 0x80);
    EXPECT_EQ(c.read_word(2), 0x0807u);
    EXPECT_FALSE(c.pit.out(2));
    c.clock.advance(1 * ms);
    EXPECT_TRUE(c.pit.out(2));
}

TEST(I8254, Mode2InterruptsOncePerPeriod) {
    Chip c;
    c.program(0, 0x34, 1193);  // about 1 kHz
    c.lines.edges = {};
    c.clock.advance(1000 * ms);
    EXPECT_NEAR(c.lines.edges[0], 1000, 1);
}

TEST(I8254, Mode3InterruptsOncePerPeriod) {
    Chip c;
    c.program(0, 0x36, 1193);
    c.lines.edges = {};
    c.clock.advance(1000 * ms);
    EXPECT_NEAR(c.lines.edges[0], 1000, 1);
}

TEST(I8254, Mode0InterruptsOnceAndStaysUp) {
    Chip c;
    c.program(0, 0x30, 11932);  // 10 ms
    EXPECT_EQ(c.lines.level[0], 0);
    c.clock.advance(9 * ms);
    EXPECT_EQ(c.lines.level[0], 0);
    c.clock.advance(2 * ms);
    EXPECT_EQ(c.lines.level[0], 1);
    EXPECT_EQ(c.state.channels[0].next_transition_time, -1);
}

TEST(I8254, GateStartsTheOneShot) {
    Chip c;
    c.program(2, 0x32, 1193);
    c.clock.advance(5 * ms);
    EXPECT_FALSE(c.pit.out(2));
    c.pit.set_gate(2, true);
    EXPECT_TRUE(c.pit.out(2));
    c.clock.advance(2 * ms);
    EXPECT_FALSE(c.pit.out(2));
}

TEST(I8254, ReadBackLatchesStatusBeforeCount) {
    Chip c;
    c.program(2, 0x36, 0x04a9);
    c.pit.write(3, 0xc8);  // status and count of channel 2
    c.clock.advance(ms / 3);
    EXPECT_EQ(c.pit.read(2), 0xb6);  // OUT high, word access, mode 3
    EXPECT_EQ(c.read_word(2), 0x04a9u);
    EXPECT_NE(c.read_word(2), 0x04a9u);  // no longer latched
}

TEST(I8254, TheHpetCanTakeTheInterrupt) {
    Chip c;
    c.program(0, 0x34, 1193);
    c.pit.set_irq_enabled(false);
    c.lines.edges = {};
    c.clock.advance(10 * ms);
    EXPECT_EQ(c.lines.edges[0], 0);
    c.pit.set_irq_enabled(true);
    c.clock.advance(10 * ms);
    EXPECT_GE(c.lines.edges[0], 9);
}

// The values that QEMU 7.2.22 saves at reset and after the same accesses.
TEST(I8254, StateIsAsCaptured) {
    Chip c;
    EXPECT_EQ(c.state.channels[0].next_transition_time, 0x1a30c2c);
    EXPECT_EQ(c.state.channels[2].gate, 0);
    EXPECT_EQ(c.state.channels[1].count, 0x10000);

    c.program(0, 0x34, 0x1234);
    c.program(2, 0x36, 0x04a9);
    c.pit.write(3, 0x00);
    EXPECT_EQ(c.pit.read(0), 0x34);
    c.pit.write(3, 0xe8);
    const PitChannel& zero = c.state.channels[0];
    EXPECT_EQ(zero.count_latched, 2);
    EXPECT_EQ(zero.latched_count, 0x1234);
    EXPECT_EQ(zero.read_state, 3);
    EXPECT_EQ(zero.write_state, 3);
    EXPECT_EQ(zero.write_latch, 52);
    EXPECT_EQ(zero.next_transition_time, 0x3b9b39);
    const PitChannel& two = c.state.channels[2];
    EXPECT_EQ(two.status_latched, 1);
    EXPECT_EQ(two.status, 182);
    EXPECT_EQ(two.write_latch, 169);
}

TEST(I8254, ALoadedStateGoesOn) {
    Chip c;
    c.program(0, 0x34, 11932);
    PitState saved = c.state;
    saved.next_transition_time = saved.channels[0].next_transition_time;

    Chip other;
    other.state = saved;
    other.pit.post_load();
    other.lines = {};
    other.clock.advance(105 * ms);
    EXPECT_EQ(other.lines.edges[0], 10);
}

TEST(IsaPit, SitsAtItsPorts) {
    hw::testing::IsaFixture f;
    IsaPit& pit = f.plug(std::make_unique<IsaPit>(IsaPitConfig{0x40}));
    f.outb(0x43, 0x34);
    f.outb(0x40, 0x00);
    f.outb(0x40, 0x10);
    EXPECT_EQ(pit.state().channels[0].count, 0x1000);
    EXPECT_EQ(f.registry.entries.at(0).owner->vmstate().name, "i8254");
}

TEST(I8254, TicksThatTheGuestHadNoTimeForComeLater) {
    Chip c;
    Path path(c.lines);
    c.pit.connect_ticks(path);
    c.program(0, 0x34, 1193);  // a millisecond
    path.take();
    c.clock.advance(1 * ms + ms / 2);
    EXPECT_TRUE(path.waiting());
    path.take();
    EXPECT_FALSE(path.waiting());
    const int level = c.pit.irq.level();
    c.clock.advance(5 * ms);  // five ticks and nobody runs: one interrupt is pending
    int ticks = 0;
    for (; path.waiting(); ticks++)
        path.take();
    EXPECT_EQ(ticks, 5);
    EXPECT_EQ(c.pit.irq.level(), level);
    // As many as make a second, however long it took.
    c.clock.advance(4000 * ms);
    for (ticks = 0; path.waiting(); ticks++)
        path.take();
    EXPECT_NEAR(ticks, 1000, 2);
}

TEST(I8254, MaskedTicksAndThoseOfAnotherCountAreLost) {
    Chip c;
    Path path(c.lines);
    c.pit.connect_ticks(path);
    c.program(0, 0x34, 1193);
    path.masked = true;
    c.clock.advance(5 * ms);
    path.masked = false;
    path.take();
    EXPECT_FALSE(path.waiting());
    c.clock.advance(5 * ms);
    c.program(0, 0x34, 2386);
    path.take();
    EXPECT_FALSE(path.waiting());
}
