// SPDX-License-Identifier: GPL-2.0-or-later
//
// Requests of a back end, and their errors.
#include "block/block-backend.h"

#include <gtest/gtest.h>

#include <cerrno>

#include "tests/unit/block/image.h"

namespace {

using namespace block;
using block::testing::pattern;
using Kind = BlockBackend::Kind;

NodeRef null_node(std::uint64_t size, bool read_only = false) {
    return *make_null("null-co", {.name = "n", .read_only = read_only}, {.size = size});
}

class Backend : public ::testing::TestWithParam<bool> {
protected:
    Backend() : executor(GetParam() ? make_thread_pool() : make_inline_executor()) {}
    std::unique_ptr<Executor> executor;
    BlockBackend::Owner owner;
    BlockBackend disk{"ide0-hd0", *executor, owner};
};
INSTANTIATE_TEST_SUITE_P(Executors, Backend, ::testing::Bool());

TEST_P(Backend, AnswersAfterTheCallReturned) {
    ASSERT_TRUE(disk.insert(make_memory("m", 4096)));
    const auto bytes = pattern(512);
    std::vector<std::uint8_t> back(512);
    int answers = 0;
    EXPECT_FALSE(disk.idle_time());
    disk.write(512, bytes, [&](int e) {
        EXPECT_EQ(e, 0);
        answers++;
    });
    EXPECT_EQ(answers, 0);
    disk.drain();
    EXPECT_EQ(answers, 1);
    disk.read(512, back, [&](int) { answers++; });
    disk.drain();
    EXPECT_EQ(answers, 2);
    EXPECT_EQ(back, bytes);
    EXPECT_EQ(disk.counts(Kind::Read).bytes, 512u);
    EXPECT_EQ(disk.counts(Kind::Write).operations, 1u);
    EXPECT_TRUE(disk.idle_time());
}

TEST_P(Backend, RefusesWhatIsOutsideOrAbsent) {
    std::vector<std::uint8_t> b(512);
    int error = 0;
    const auto keep = [&](int e) { error = e; };
    disk.read(0, b, keep);
    disk.drain();
    EXPECT_EQ(error, ENOMEDIUM);
    ASSERT_TRUE(disk.insert(null_node(1024, true)));
    disk.read(1024, b, keep);
    disk.drain();
    EXPECT_EQ(error, EIO);
    disk.read(~std::uint64_t{0} - 100, b, keep);
    disk.drain();
    EXPECT_EQ(error, EIO);
    disk.write(0, b, keep);
    disk.drain();
    EXPECT_EQ(error, EPERM);
    EXPECT_EQ(disk.counts(Kind::Read).invalid, 3u);
    EXPECT_EQ(disk.counts(Kind::Write).invalid, 1u);
    EXPECT_EQ(disk.counts(Kind::Read).operations, 0u);
}

TEST_P(Backend, ManyRequestsAllComeBack) {
    ASSERT_TRUE(disk.insert(make_memory("m", 1 << 20)));
    std::vector<std::uint8_t> b(512 * 200);
    int answers = 0;
    for (unsigned i = 0; i < 200; i++)
        disk.read(i * 512, std::span(b).subspan(i * 512, 512), [&](int) { answers++; });
    disk.drain();
    EXPECT_EQ(answers, 200);
    EXPECT_EQ(disk.in_flight(), 0u);
}

TEST_P(Backend, WaitsForItsOwnAnswerOnly) {
    ASSERT_TRUE(disk.insert(make_memory("m", 4096)));
    const auto bytes = pattern(512);
    EXPECT_EQ(disk.write_now(0, bytes), 0);
    std::vector<std::uint8_t> back(512);
    EXPECT_EQ(disk.read_now(0, back), 0);
    EXPECT_EQ(back, bytes);
}

TEST(BackendErrors, FollowTheOptionsAndAreTold) {
    auto executor = make_inline_executor();
    std::vector<ErrorAction> told;
    BlockBackend::Owner owner;
    owner.error_reported = [&](BlockBackend&, ErrorAction a, bool, int) { told.push_back(a); };
    BlockBackend disk("d", *executor, owner);
    EXPECT_EQ(disk.handle_error(false, EIO), ErrorAction::Report);
    EXPECT_EQ(disk.io_status(), IoStatus::Ok);
    EXPECT_EQ(disk.handle_error(false, ENOSPC), ErrorAction::Stop);
    EXPECT_EQ(disk.io_status(), IoStatus::NoSpace);
    disk.on_read_error = OnError::Ignore;
    EXPECT_EQ(disk.handle_error(true, EIO), ErrorAction::Ignore);
    disk.on_read_error = OnError::Stop;
    EXPECT_EQ(disk.handle_error(true, EIO), ErrorAction::Stop);
    EXPECT_EQ(disk.io_status(), IoStatus::NoSpace);  // the first one counts
    EXPECT_EQ(told.size(), 4u);
}

}  // namespace
