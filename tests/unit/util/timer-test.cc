// SPDX-License-Identifier: GPL-2.0-or-later
#include "util/timer.h"

#include <gtest/gtest.h>

#include <memory>
#include <random>
#include <string>

namespace {

TEST(Timer, FiresOnceInOrderOfDeadline) {
    ManualClock clock;
    std::string story;
    Timer b(clock, [&] { story += "b"; }), a(clock, [&] { story += "a"; });
    b.set(20);
    a.set(10);
    EXPECT_EQ(clock.next_deadline(), 10);
    clock.advance(9);
    EXPECT_EQ(story, "");
    clock.advance(100);
    EXPECT_EQ(story, "ab");
    EXPECT_FALSE(a.pending());
    EXPECT_EQ(clock.next_deadline(), -1);
}

TEST(Timer, EqualDeadlinesFireInTheOrderSet) {
    ManualClock clock;
    std::string story;
    Timer a(clock, [&] { story += "a"; }), b(clock, [&] { story += "b"; });
    b.set(5);
    a.set(5);
    clock.advance(5);
    EXPECT_EQ(story, "ba");
}

TEST(Timer, PeriodicTimerSeesItsOwnDeadlines) {
    ManualClock clock;
    std::vector<std::int64_t> times;
    Timer tick(clock, [&] {
        times.push_back(clock.now_ns());
        tick.set(clock.now_ns() + 30);
    });
    tick.set(30);
    clock.advance(100);
    EXPECT_EQ(times, (std::vector<std::int64_t>{30, 60, 90}));
    EXPECT_EQ(tick.deadline_ns(), 120);
}

TEST(Timer, ATimerThatIsAlwaysDueRunsOncePerPass) {
    ManualClock clock;
    int runs = 0;
    Timer busy(clock, [&] {
        runs++;
        busy.set(0);
    });
    busy.set(0);
    EXPECT_EQ(clock.run_timers(), 1u);
    EXPECT_EQ(runs, 1);
    EXPECT_TRUE(busy.pending());
}

TEST(Timer, CallbackMayDestroyOthersAndCancel) {
    ManualClock clock;
    auto other = std::make_unique<Timer>(clock, [] { FAIL(); });
    Timer a(clock, [&] { other.reset(); });
    a.set(1);
    other->set(2);
    clock.advance(10);
    a.set(20);
    a.cancel();
    EXPECT_EQ(a.deadline_ns(), -1);
}

TEST(Timer, RestoreTakesSavedDeadlines) {
    ManualClock clock;
    Timer a(clock, [] {});
    a.restore(50);
    EXPECT_EQ(a.deadline_ns(), 50);
    a.restore(-1);
    EXPECT_FALSE(a.pending());
}

TEST(Timer, DestructionCancels) {
    ManualClock clock;
    {
        Timer(clock, [] { FAIL(); }).set(1);
    }
    EXPECT_EQ(clock.next_deadline(), -1);
}

TEST(Clock, TellsWhenTheEarliestDeadlineMoved) {
    ManualClock clock;
    int told = 0;
    clock.on_deadline_change([&] { told++; });
    Timer a(clock, [] {}), b(clock, [] {});
    a.set(100);
    EXPECT_EQ(told, 1);
    b.set(200);
    EXPECT_EQ(told, 1);
    b.set(50);
    EXPECT_EQ(told, 2);
}

TEST(Clock, HeapHoldsUnderRandomUse) {
    ManualClock clock;
    std::mt19937 random(3);
    std::vector<std::unique_ptr<Timer>> timers;
    std::int64_t last = 0;
    for (int i = 0; i < 50; i++)
        timers.push_back(std::make_unique<Timer>(clock, [&] {
            EXPECT_GE(clock.now_ns(), last);
            last = clock.now_ns();
        }));
    for (int round = 0; round < 2000; round++) {
        Timer& t = *timers[random() % timers.size()];
        if (random() % 3)
            t.set(clock.now_ns() + random() % 1000);
        else
            t.cancel();
        if (random() % 10 == 0) clock.advance(random() % 200);
        std::int64_t earliest = -1;
        for (auto& other : timers)
            if (other->pending() && (earliest == -1 || other->deadline_ns() < earliest))
                earliest = other->deadline_ns();
        ASSERT_EQ(clock.next_deadline(), earliest);
    }
}

TEST(VirtualClock, StandsUntilStartedAndKeepsItsTimeOverAStop) {
    VirtualClock clock;
    EXPECT_EQ(clock.now_ns(), 0);
    clock.set_now(1000);
    EXPECT_EQ(clock.now_ns(), 1000);
    EXPECT_FALSE(clock.ticking());
    clock.start();
    EXPECT_TRUE(clock.ticking());
    const std::int64_t running = clock.now_ns();
    EXPECT_GE(running, 1000);
    clock.stop();
    const std::int64_t stopped = clock.now_ns();
    EXPECT_GE(stopped, running);
    EXPECT_EQ(clock.now_ns(), stopped);
}

}  // namespace
