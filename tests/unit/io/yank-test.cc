// SPDX-License-Identifier: GPL-2.0-or-later
//
// Cutting connections, and threads with a loop of their own.
#include "io/yank.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include "io/loop-thread.h"
#include "util/unique-fd.h"

namespace io {
namespace {

struct Pair {
    UniqueFd ours, theirs;
    Pair() {
        int ends[2];
        EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
        ours.reset(ends[0]);
        theirs.reset(ends[1]);
    }
    bool open() const {
        char byte = 0;
        return recv(theirs.get(), &byte, 1, MSG_DONTWAIT) != 0;
    }
};

const YankName serial{YankName::Kind::Chardev, "serial0"}, migration{YankName::Kind::Migration, ""};

TEST(Yank, ShutsDownWhatItsOwnerWatches) {
    Yanks all;
    Pair watched, forgotten;
    Yanks::Instance instance(all, serial);
    instance.watch(watched.ours.get());
    instance.watch(forgotten.ours.get());
    instance.forget(forgotten.ours.get());
    ASSERT_TRUE(all.yank(std::vector{serial}));
    EXPECT_FALSE(watched.open());
    EXPECT_TRUE(forgotten.open());
}

TEST(Yank, CutsNothingWhenOneIsUnknown) {
    Yanks all;
    Pair pair;
    Yanks::Instance instance(all, serial);
    instance.watch(pair.ours.get());
    auto done = all.yank(std::vector{serial, migration});
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().error_class(), ErrorClass::DeviceNotFound);
    EXPECT_EQ(done.error().description(), "Instance not found");
    EXPECT_TRUE(pair.open());
}

TEST(Yank, ListsWhatIsThere) {
    Yanks all;
    Yanks::Instance one(all, serial);
    {
        Yanks::Instance two(all, migration);
        EXPECT_EQ(all.list(), (std::vector{serial, migration}));
    }
    EXPECT_EQ(all.list(), std::vector{serial});
}

TEST(LoopThread, RunsWhatItIsGivenInItself) {
    LoopThread thread("a loop");
    int where = 0;
    thread.call([&] { where = gettid(); });
    EXPECT_EQ(where, thread.thread_id());
    EXPECT_NE(where, gettid());
}

TEST(LoopThread, TurnsAsItIsTold) {
    std::atomic<int> turns{0};
    LoopThread thread("a loop", [&](Context*) {
        turns++;
        turns.notify_all();
    });
    turns.wait(0);
    EXPECT_GT(turns, 0);
}

}  // namespace
}  // namespace io
