// SPDX-License-Identifier: GPL-2.0-or-later
#include "hw/acpi/acpi-core.h"

#include <gtest/gtest.h>

using namespace hw;

namespace {

struct Core {
    ManualClock clock;
    AcpiState state;
    int off = 0, ram = 0, disk = 0, sci = 0;
    AcpiCore core{state,
                  clock,
                  {.soft_off = [this] { off++; },
                   .suspend_to_ram = [this] { ram++; },
                   .suspend_to_disk = [this] { disk++; }},
                  2};
    Core() {
        core.sci.connect(
            IrqIn([](void* d, int, int level) { *static_cast<int*>(d) = level; }, &sci, 0));
        core.reset();
    }
};

}  // namespace

TEST(AcpiCore, TheTimerCountsAndWraps) {
    Core c;
    c.clock.advance(1'000'000'000);
    EXPECT_EQ(c.core.read_timer(), 3'579'545u);
    c.clock.advance(4'000'000'000);
    EXPECT_EQ(c.core.read_timer(), (5u * 3'579'545u) & 0xffffff);
}

TEST(AcpiCore, TheTimerStatusComesEachHalfRound) {
    Core c;
    EXPECT_EQ(c.core.read_event(0), AcpiCore::timer_status);  // as captured at reset
    c.core.write_event(2, AcpiCore::timer_status);
    EXPECT_EQ(c.sci, 1);
    c.core.write_event(0, AcpiCore::timer_status);
    EXPECT_EQ(c.sci, 0);
    c.clock.advance(2'343'000'000);  // 2^23 ticks take 2.3435 s
    EXPECT_EQ(c.sci, 0);
    c.clock.advance(1'000'000);
    EXPECT_EQ(c.sci, 1);
}

TEST(AcpiCore, SleepTypesAsTheTablesSay) {
    Core c;
    c.core.write_control(1 << 13 | 1 << 10);
    EXPECT_EQ(c.ram, 1);
    c.core.write_control(1 << 13 | 2 << 10);
    EXPECT_EQ(c.disk, 1);
    c.core.write_control(0 << 10);
    EXPECT_EQ(c.off, 0);  // no SLP_EN
    c.core.write_control(1 << 13);
    EXPECT_EQ(c.off, 1);
    EXPECT_EQ(c.core.read_control(), 0);  // SLP_EN reads as 0
}

TEST(AcpiCore, GpeAndPowerButtonRaiseSci) {
    Core c;
    c.core.write_event(0, AcpiCore::timer_status);
    c.core.raise_gpe(1);
    EXPECT_EQ(c.sci, 0);
    c.core.write_gpe(2, 0x02);
    EXPECT_EQ(c.sci, 1);
    c.core.write_gpe(0, 0x02);
    EXPECT_EQ(c.sci, 0);
    c.core.write_event(2, AcpiCore::power_button_status);
    c.core.press_power_button();
    EXPECT_EQ(c.sci, 1);
}
