// SPDX-License-Identifier: GPL-2.0-or-later
#include "hw/rtc/mc146818rtc.h"

#include <gtest/gtest.h>

#include "hw/rtc/rtc-registers.h"
#include "tests/unit/hw/isa-fixture.h"

using namespace hw;
using namespace hw::rtc;

namespace {

constexpr i64 second = nanoseconds_per_second;
constexpr i64 new_year_2022 = 0x61cf9980;

struct Chip {
    ManualClock clock;
    RtcConfig config;
    RtcState state;
    Mc146818 rtc;
    hw::testing::Lines lines;

    explicit Chip(i64 seconds = new_year_2022) : rtc(state, config, RtcSource{clock, seconds}) {
        rtc.irq.connect(lines.in(8));
        rtc.reset();
    }
    u8 read(u8 index) {
        rtc.select(index);
        return rtc.read_data();
    }
    void write(u8 index, u8 value) {
        rtc.select(index);
        rtc.write_data(value);
    }
};

}  // namespace

// The values that QEMU 7.2.22 saves with -rtc base=2022-01-01T00:00:00,clock=vm.
TEST(Mc146818, StateAtResetIsAsCaptured) {
    Chip c;
    const u8 expected[] = {0, 0, 0, 0, 0, 0, 7, 1, 1, 0x22, 0x26, 0x02, 0, 0x80};
    for (u8 i = 0; i < sizeof expected; i++)
        EXPECT_EQ(c.state.cmos_data[i], expected[i]) << int(i);
    EXPECT_EQ(c.state.cmos_data[Century], 0x20);
    c.rtc.pre_save();
    EXPECT_EQ(c.state.base_rtc, u64(new_year_2022));
    EXPECT_EQ(c.state.update_timer, 0x3b9aca00);
    EXPECT_EQ(c.state.next_alarm_time, 0x4e94914f0000u);
    EXPECT_EQ(c.state.periodic_timer, -1);
}

TEST(Mc146818, StateAfterSettingAlarmAndRateIsAsCaptured) {
    Chip c;
    c.write(A, 0x26);
    c.write(B, 0x62);
    c.write(HoursAlarm, 0x07);
    c.write(0x3f, 0xa5);
    c.rtc.pre_save();
    EXPECT_EQ(c.state.periodic_timer, 0xee6b3);
    EXPECT_EQ(c.state.next_periodic_time, 0xee6b3);
    EXPECT_EQ(c.state.period, 32u);
    EXPECT_EQ(c.state.next_alarm_time, 0x16eb550c6000u);
    EXPECT_EQ(c.state.cmos_index, 0x3f);
}

TEST(Mc146818, TimeRunsAndCarries) {
    Chip c(new_year_2022 - 1);
    EXPECT_EQ(c.read(Year), 0x21);
    EXPECT_EQ(c.read(Seconds), 0x59);
    c.clock.advance(second);
    EXPECT_EQ(c.read(Year), 0x22);
    EXPECT_EQ(c.read(DayOfWeek), 7);  // a Saturday
    c.clock.advance(75 * second);
    EXPECT_EQ(c.read(Seconds), 0x15);
    EXPECT_EQ(c.read(Minutes), 0x01);
}

TEST(Mc146818, TwelveHoursAndBinary) {
    Chip c(new_year_2022 + 15 * 3600);
    EXPECT_EQ(c.read(Hours), 0x15);
    c.write(B, 0);
    EXPECT_EQ(c.read(Hours), 0x83);  // 3 PM
    c.write(B, b_dm | b_24h);
    EXPECT_EQ(c.read(Hours), 15);
    c.clock.advance(-15 * 3600 * second + 24 * 3600 * second);
    c.write(B, 0);
    EXPECT_EQ(c.read(Hours), 0x12);  // midnight is 12 AM
}

TEST(Mc146818, SettingTheTimeTakesItFromThere) {
    Chip c;
    i64 told = 0;
    c.rtc.on_time_set = [&](i64 offset) { told = offset; };
    c.write(B, b_set | b_24h);
    c.write(Hours, 0x10);
    c.write(Minutes, 0x30);
    c.clock.advance(5 * second);
    EXPECT_EQ(c.read(Hours), 0x10);
    EXPECT_EQ(c.read(Seconds), 0x00);  // stands still
    c.write(B, b_24h);
    c.clock.advance(2 * second);
    EXPECT_EQ(c.read(Hours), 0x10);
    EXPECT_EQ(c.read(Seconds), 0x02);
    EXPECT_EQ(told, 10 * 3600 + 30 * 60 - 5);
}

TEST(Mc146818, RunsInYearsThatNanosecondsDoNotReach) {
    Chip c;
    c.write(B, 0x82);  // SET
    c.write(Century, 0x99);
    c.write(Seconds, 0x58);
    c.clock.advance(second / 4);
    c.write(B, 0x02);
    EXPECT_GE(c.state.offset, 0);
    EXPECT_LT(c.state.offset, second);
    c.clock.advance(second);
    EXPECT_EQ(c.read(Seconds), 0x59);
    EXPECT_EQ(c.read(Year), 0x22);
    EXPECT_EQ(c.read(Century), 0x99);
    c.rtc.pre_save();
    EXPECT_LT(i64(c.state.next_alarm_time) - c.clock.now_ns(), i64{86'401} * second);
}

TEST(Mc146818, UpdateInProgressPrecedesTheUpdate) {
    Chip c;
    EXPECT_FALSE(c.read(A) & a_uip);
    c.clock.advance(second - 100'000);
    EXPECT_TRUE(c.read(A) & a_uip);
    c.clock.advance(100'000);
    EXPECT_FALSE(c.read(A) & a_uip);
    EXPECT_EQ(c.read(Seconds), 1);
}

TEST(Mc146818, UpdateEndedInterruptsEachSecond) {
    Chip c;
    c.write(B, b_uie | b_24h);
    for (int i = 1; i <= 3; i++) {
        c.clock.advance(second);
        EXPECT_EQ(c.lines.edges[8], i);
        EXPECT_EQ(c.read(C), c_irqf | c_uf);
        EXPECT_EQ(c.lines.level[8], 0);
    }
}

TEST(Mc146818, AlarmMatchesWithWildcards) {
    Chip c;
    c.write(SecondsAlarm, 0x10);
    c.write(MinutesAlarm, 0xff);
    c.write(HoursAlarm, 0xc0);
    c.write(B, b_aie | b_24h);
    c.clock.advance(9 * second);
    EXPECT_EQ(c.lines.edges[8], 0);
    c.clock.advance(1 * second);
    EXPECT_EQ(c.lines.edges[8], 1);
    EXPECT_TRUE(c.read(C) & c_af);
    c.clock.advance(60 * second);
    EXPECT_EQ(c.lines.edges[8], 2);
}

TEST(Mc146818, PeriodicInterruptKeepsItsRate) {
    Chip c;
    c.write(B, b_pie | b_24h);  // rate 6: 1024 Hz
    int taken = 0;
    for (int i = 0; i < 1000; i++) {
        c.clock.advance(1'000'000);
        if (c.lines.level[8]) {
            taken++;
            EXPECT_TRUE(c.read(C) & c_pf);
        }
    }
    EXPECT_GE(taken, 999);
    c.rtc.pre_save();
    EXPECT_NEAR(double(c.state.next_periodic_time), double(second + 976562), 976562.0);
}

TEST(Mc146818, HeldDividersStopTheUpdates) {
    Chip c;
    c.write(A, 0x76);
    c.rtc.pre_save();
    EXPECT_EQ(c.state.update_timer, -1);
    c.clock.advance(10 * second);
    c.write(A, 0x26);
    EXPECT_EQ(c.read(Seconds), 0);
    c.clock.advance(second / 2);  // the first update comes after half a second
    EXPECT_EQ(c.read(Seconds), 1);
}

TEST(Mc146818, ALoadedStateGoesOn) {
    Chip c;
    c.write(B, b_pie | b_uie | b_24h);
    c.rtc.pre_save();
    Chip other(0);
    other.state = c.state;
    other.rtc.post_load();
    EXPECT_EQ(other.read(Year), 0x22);
    other.clock.advance(2 * second);
    EXPECT_EQ(other.lines.edges[8], 1);
    EXPECT_EQ(other.read(C), c_irqf | c_pf | c_uf);
}

TEST(Rtc, SitsAtItsPorts) {
    hw::testing::IsaFixture f;
    auto device = std::make_unique<Rtc>();
    device->set_source({f.clocks.virt, new_year_2022});
    f.plug(std::move(device));
    EXPECT_EQ(f.inb(0x70), 0xff);
    f.outb(0x70, 0x09);
    EXPECT_EQ(f.inb(0x71), 0x22);
}
