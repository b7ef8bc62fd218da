// SPDX-License-Identifier: GPL-2.0-or-later
//
// Nodes, image locks, requests and their errors.
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <numeric>

#include "block/block-backend.h"

namespace {

using namespace block;

class Image {
public:
    explicit Image(std::uint64_t size) {
        const int fd = mkstemp(name_);
        EXPECT_EQ(ftruncate(fd, static_cast<off_t>(size)), 0);
        close(fd);
    }
    ~Image() { unlink(name_); }
    std::string name() const { return name_; }

private:
    char name_[32] = "/tmp/block-test-XXXXXX";
};

std::vector<std::uint8_t> pattern(std::size_t n, std::uint8_t first = 1) {
    std::vector<std::uint8_t> v(n);
    std::iota(v.begin(), v.end(), first);
    return v;
}

TEST(BlockFile, KeepsWhatWasWritten) {
    Image image(8192);
    auto node = open_file("disk", {.filename = image.name()});
    ASSERT_TRUE(node) << node.error().description();
    EXPECT_EQ((*node)->size(), 8192u);
    const auto bytes = pattern(1000);
    EXPECT_EQ((*node)->write(600, bytes), 0);
    EXPECT_EQ((*node)->flush(), 0);
    std::vector<std::uint8_t> back(1000);
    EXPECT_EQ((*node)->read(600, back), 0);
    EXPECT_EQ(back, bytes);
}

TEST(BlockFile, NamesTheFileItCannotOpen) {
    auto node = open_file("disk", {.filename = "/nonexistent/disk.img"});
    ASSERT_FALSE(node);
    EXPECT_EQ(node.error().description(),
              "Could not open '/nonexistent/disk.img': No such file or directory");
}

TEST(BlockFile, RefusesASecondWriter) {
    Image image(4096);
    auto first = open_file("a", {.filename = image.name()});
    ASSERT_TRUE(first);
    auto second = open_file("b", {.filename = image.name()});
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().description(), "Failed to get \"write\" lock");
    EXPECT_FALSE(open_file("c", {.filename = image.name(), .read_only = true}));
    EXPECT_TRUE(open_file("d", {.filename = image.name(), .locking = false}));
}

TEST(BlockFile, SharesBetweenReaders) {
    Image image(4096);
    auto first = open_file("a", {.filename = image.name(), .read_only = true});
    ASSERT_TRUE(first);
    EXPECT_TRUE(open_file("b", {.filename = image.name(), .read_only = true}));
    EXPECT_FALSE(open_file("c", {.filename = image.name()}));
}

TEST(BlockFile, AnInactiveImageIsFreeForOthers) {
    Image image(4096);
    auto first = open_file("a", {.filename = image.name()});
    ASSERT_TRUE(first);
    ASSERT_TRUE((*first)->inactivate());
    {
        auto second = open_file("b", {.filename = image.name()});
        ASSERT_TRUE(second) << second.error().description();
        EXPECT_FALSE((*first)->activate());
    }
    EXPECT_TRUE((*first)->activate());
}

TEST(BlockOverlay, LeavesTheBaseAlone) {
    auto base = make_memory("base", 200000);
    base->write(65000, pattern(2000));
    auto overlay = make_temporary_overlay("top", base);
    ASSERT_TRUE(overlay) << overlay.error().description();
    const auto bytes = pattern(1000, 77);
    EXPECT_EQ((*overlay)->write(65500, bytes), 0);
    std::vector<std::uint8_t> seen(2000), below(2000), expected = pattern(2000);
    base->read(65000, below);
    EXPECT_EQ(below, expected);
    (*overlay)->read(65000, seen);
    std::copy(bytes.begin(), bytes.end(), expected.begin() + 500);
    EXPECT_EQ(seen, expected);
}

TEST(BlockRaw, IsAWindow) {
    auto child = make_memory("c", 10000);
    auto raw = make_raw("r", child, 512, 1024, false);
    ASSERT_TRUE(raw);
    EXPECT_EQ((*raw)->size(), 1024u);
    (*raw)->write(0, pattern(4));
    std::array<std::uint8_t, 4> b{};
    child->read(512, b);
    EXPECT_EQ(b[3], 4);
    EXPECT_FALSE(make_raw("r2", child, 9000, 2000, false));
}

class Backend : public ::testing::TestWithParam<bool> {
protected:
    Backend() : executor(GetParam() ? make_thread_pool() : make_inline_executor()) {}
    std::unique_ptr<Executor> executor;
};
INSTANTIATE_TEST_SUITE_P(Executors, Backend, ::testing::Bool());

TEST_P(Backend, AnswersAfterTheCallReturned) {
    BlockBackend disk("ide0-hd0", *executor);
    disk.insert(make_memory("m", 4096));
    const auto bytes = pattern(512);
    std::vector<std::uint8_t> back(512);
    int answers = 0;
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
    EXPECT_EQ(disk.counters().read_bytes, 512u);
}

TEST_P(Backend, RefusesWhatIsOutsideOrAbsent) {
    BlockBackend disk("ide0-hd0", *executor);
    std::vector<std::uint8_t> b(512);
    int error = 0;
    disk.read(0, b, [&](int e) { error = e; });
    disk.drain();
    EXPECT_EQ(error, ENOMEDIUM);
    disk.insert(make_null("n", 1024, true, true));
    disk.read(1024, b, [&](int e) { error = e; });
    disk.drain();
    EXPECT_EQ(error, EIO);
    disk.write(0, b, [&](int e) { error = e; });
    disk.drain();
    EXPECT_EQ(error, EPERM);
}

TEST_P(Backend, ManyRequestsAllComeBack) {
    BlockBackend disk("d", *executor);
    disk.insert(make_memory("m", 1 << 20));
    std::vector<std::uint8_t> b(512 * 200);
    int answers = 0;
    for (unsigned i = 0; i < 200; i++)
        disk.read(i * 512, std::span(b).subspan(i * 512, 512), [&](int) { answers++; });
    disk.drain();
    EXPECT_EQ(answers, 200);
    EXPECT_EQ(disk.in_flight(), 0u);
}

TEST(BackendErrors, FollowTheOptions) {
    auto executor = make_inline_executor();
    BlockBackend disk("d", *executor);
    EXPECT_EQ(disk.error_action(false, ENOSPC), ErrorAction::Stop);
    EXPECT_EQ(disk.error_action(false, EIO), ErrorAction::Report);
    disk.on_read_error = OnError::Ignore;
    EXPECT_EQ(disk.error_action(true, EIO), ErrorAction::Ignore);
}

}  // namespace
