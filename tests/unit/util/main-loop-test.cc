// SPDX-License-Identifier: GPL-2.0-or-later
#include "util/main-loop.h"

#include <glib-unix.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <string>
#include <thread>

namespace {

struct MainLoopTest : testing::Test {
    BigLock lock;
    Bql bql{lock};
    VirtualClock virtual_clock;
    RealtimeClock clock;  // clocks outlive the loop that serves them
    MainLoop loop;
    std::string story;
};

TEST_F(MainLoopTest, BottomHalfRunsOnceForManyRequests) {
    BottomHalf work(loop, [&] { story += "w"; });
    work.schedule();
    work.schedule();
    EXPECT_TRUE(work.scheduled());
    loop.run_pending(bql);
    EXPECT_EQ(story, "w");
    EXPECT_FALSE(work.scheduled());
    work.schedule();
    work.cancel();
    loop.run_pending(bql);
    EXPECT_EQ(story, "w");
}

TEST_F(MainLoopTest, BottomHalfMayScheduleItselfCancelOthersAndDie) {
    int again = 3;
    auto victim = std::make_unique<BottomHalf>(loop, [&] { story += "v"; });
    BottomHalf self(loop, [] {});
    BottomHalf work(loop, [&] {
        story += "w";
        victim.reset();
        if (--again) work.schedule();
    });
    work.schedule();
    victim->schedule();
    loop.run_pending(bql);
    EXPECT_EQ(story, "www");
}

TEST_F(MainLoopTest, PostedFunctionsRunInOrder) {
    loop.post([&] {
        story += "a";
        loop.post([&] { story += "c"; });
    });
    loop.post([&] { story += "b"; });
    EXPECT_EQ(story, "");
    loop.run_pending(bql);
    EXPECT_EQ(story, "abc");
}

TEST_F(MainLoopTest, HandlersRunUnderTheCallersLock) {
    loop.post([&] { story += &loop.held() == &bql ? "y" : "n"; });
    loop.run_pending(bql);
    EXPECT_EQ(story, "y");
}

TEST_F(MainLoopTest, WatchesOfGlibRun) {
    int ends[2];
    ASSERT_EQ(pipe(ends), 0);
    GSource* source = g_unix_fd_source_new(ends[0], G_IO_IN);
    GUnixFDSourceFunc read_one = [](int fd, GIOCondition, void* story_) -> gboolean {
        char byte;
        if (read(fd, &byte, 1) == 1) static_cast<std::string*>(story_)->push_back(byte);
        return TRUE;
    };
    g_source_set_callback(source, G_SOURCE_FUNC(read_one), &story, nullptr);
    g_source_attach(source, loop.context());
    loop.run_pending(bql);
    EXPECT_EQ(story, "");
    ASSERT_EQ(write(ends[1], "xy", 2), 2);
    loop.run_pending(bql);
    EXPECT_EQ(story, "xy");
    g_source_destroy(source);
    g_source_unref(source);
    close(ends[0]);
    close(ends[1]);
}

TEST_F(MainLoopTest, TimersFireWhileTheirClockTicks) {
    loop.add_clock(virtual_clock);
    Timer timer(virtual_clock, [&] { story += "t"; });
    timer.set(1000);
    virtual_clock.set_now(2000);
    loop.run_pending(bql);
    EXPECT_EQ(story, "");
    virtual_clock.start();
    loop.iterate(bql, true);
    EXPECT_EQ(story, "t");
}

TEST_F(MainLoopTest, RunWaitsForATimerAndQuits) {
    loop.add_clock(clock);
    Timer timer(clock, [&] {
        story += "t";
        loop.quit();
    });
    timer.set(clock.now_ns() + 2'000'000);
    loop.run(bql);
    EXPECT_EQ(story, "t");
}

TEST_F(MainLoopTest, QuitBeforeRunIsNotLost) {
    loop.quit();
    loop.run(bql);
    loop.post([&] { loop.quit(); });
    loop.run(bql);
}

TEST_F(MainLoopTest, OtherThreadsWakeItAndTakeTheLockWhileItWaits) {
    loop.add_clock(clock);
    int value = 0;
    BottomHalf work(loop, [&] {
        if (value == 2000) loop.quit();
    });
    Timer never(clock, [&] { story += "never"; });
    std::thread other([&] {
        for (int i = 0; i < 1000; i++) {
            {
                Bql theirs(lock);
                value++;
                never.set(clock.now_ns() + 3600 * nanoseconds_per_second);
            }
            work.schedule();
            loop.post([&] { value++; });
            if (i == 999) work.schedule();
        }
        loop.post([&] { work.schedule(); });
    });
    loop.run(bql);
    bql.unlocked([&] { other.join(); });
    EXPECT_EQ(value, 2000);
    EXPECT_EQ(story, "");
}

TEST_F(MainLoopTest, RunUntilServesHandlersFromWithinAHandler) {
    BottomHalf inner(loop, [&] { story += "i"; });
    BottomHalf outer(loop, [&] {
        story += "o";
        inner.schedule();
        loop.run_until(loop.held(), [&] { return story == "oi"; });
        story += "e";
    });
    outer.schedule();
    loop.run_pending(bql);
    EXPECT_EQ(story, "oie");
}

}  // namespace
