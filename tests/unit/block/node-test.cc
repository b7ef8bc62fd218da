// SPDX-License-Identifier: GPL-2.0-or-later
//
// Nodes: what they keep, who may use them together, and the locks between processes (two open file
// descriptions stand for two processes).
#include "block/node.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>

#include "tests/unit/block/image.h"

namespace {

using namespace block;
using block::testing::Image;
using block::testing::pattern;

constexpr Access disk_access{consistent_read | writing, consistent_read | write_unchanged};
constexpr Access cdrom_access{consistent_read, consistent_read | write_unchanged};

TEST(BlockFile, KeepsWhatWasWritten) {
    Image image(8192);
    auto node = open_file({.name = "disk"}, {.filename = image.name()});
    ASSERT_TRUE(node) << node.error().description();
    EXPECT_EQ((*node)->size(), 8192u);
    const auto bytes = pattern(1000);
    EXPECT_EQ((*node)->write(600, bytes), 0);
    EXPECT_EQ((*node)->flush(), 0);
    EXPECT_EQ((*node)->highest_write(), 1600u);
    std::vector<std::uint8_t> back(1000);
    EXPECT_EQ((*node)->read(600, back), 0);
    EXPECT_EQ(back, bytes);
}

TEST(BlockFile, KeepsUnalignedWritesPastThePageCache) {
    Image image(8192);
    auto node = open_file({.name = "disk", .direct = true}, {.filename = image.name()});
    if (!node) GTEST_SKIP() << "no O_DIRECT here: " << node.error().description();
    const auto bytes = pattern(1000);
    EXPECT_EQ((*node)->write(600, bytes), 0);
    std::vector<std::uint8_t> back(1000);
    EXPECT_EQ((*node)->read(600, back), 0);
    EXPECT_EQ(back, bytes);
    std::array<std::uint8_t, 2> around{1, 1};
    EXPECT_EQ((*node)->read(598, around), 0);
    EXPECT_EQ(around, (std::array<std::uint8_t, 2>{0, 0}));
}

TEST(BlockFile, NamesTheFileItCannotOpen) {
    auto node = open_file({.name = "disk"}, {.filename = "/nonexistent/disk.img"});
    ASSERT_FALSE(node);
    EXPECT_EQ(node.error().description(),
              "Could not open '/nonexistent/disk.img': No such file or directory");
    EXPECT_EQ(open_file({.name = "d"},
                        {
                            .filename = "/tmp",
                        })
                  .error()
                  .description(),
              "Could not open '/tmp': Is a directory");
}

TEST(BlockFile, GivesSpaceBackOnlyWhenAsked) {
    Image image(1 << 20);
    const auto bytes = pattern(65536);
    std::vector<std::uint8_t> back(4);
    for (const bool unmap : {false, true}) {
        auto node = open_file({.name = "d", .unmap = unmap}, {.filename = image.name()});
        ASSERT_TRUE(node);
        (*node)->write(0, bytes);
        EXPECT_EQ((*node)->discard(0, 65536), 0);
        (*node)->read(0, back);
        EXPECT_EQ(back[0], unmap ? 0 : 1);
    }
}

TEST(BlockFile, MakesHolesOfZeros) {
    Image image(1 << 20);
    auto node = open_file({.name = "d", .unmap = true, .detect_zeroes = DetectZeroes::Unmap},
                          {.filename = image.name()});
    ASSERT_TRUE(node);
    (*node)->write(0, pattern(65536));
    const auto before = *(*node)->allocated();
    EXPECT_EQ((*node)->write(0, std::vector<std::uint8_t>(65536)), 0);
    EXPECT_LE(*(*node)->allocated(), before);
    std::vector<std::uint8_t> back(65536, 1);
    (*node)->read(0, back);
    EXPECT_EQ(back, std::vector<std::uint8_t>(65536));
}

TEST(BlockLocks, LetOneWriterInAndSayWhy) {
    Image image(4096);
    auto a = open_file({.name = "a"}, {.filename = image.name()});
    auto b = open_file({.name = "b"}, {.filename = image.name()});
    ASSERT_TRUE(a && b);
    NodeUse first("block device 'x'", "root"), second("block device 'y'", "root");
    ASSERT_TRUE(first.take(*a, disk_access));
    auto refused = second.take(*b, disk_access);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().description(), "Failed to get \"write\" lock");
    EXPECT_EQ(refused.error().hint(),
              fmt::format("Is another process using the image [{}]?", image.name()));
    EXPECT_EQ(second.take(*b, cdrom_access).error().description(),
              "Failed to get shared \"write\" lock");
    first.release();
    EXPECT_TRUE(second.take(*b, disk_access));
}

TEST(BlockLocks, LetReadersInTogether) {
    Image image(4096);
    auto a = open_file({.name = "a", .read_only = true}, {.filename = image.name()});
    auto b = open_file({.name = "b", .read_only = true}, {.filename = image.name()});
    NodeUse first("a", "root"), second("b", "root");
    EXPECT_TRUE(first.take(*a, cdrom_access));
    EXPECT_TRUE(second.take(*b, cdrom_access));
}

TEST(BlockLocks, CanBeLeftAlone) {
    Image image(4096);
    auto a = open_file({.name = "a"}, {.filename = image.name()});
    auto b = open_file({.name = "b"}, {image.name(), FileOptions::Locking::Off});
    NodeUse first("a", "root"), second("b", "root");
    EXPECT_TRUE(first.take(*a, disk_access));
    EXPECT_TRUE(second.take(*b, disk_access));
}

TEST(BlockLocks, GoWithAnInactiveNodeAndComeBack) {
    Image image(4096);
    auto a = open_file({.name = "a"}, {.filename = image.name()});
    auto b = open_file({.name = "b"}, {.filename = image.name()});
    NodeUse first("a", "root"), second("b", "root");
    ASSERT_TRUE(first.take(*a, disk_access));
    ASSERT_TRUE((*a)->set_active(false));
    EXPECT_EQ((*a)->write(0, pattern(4)), EPERM);
    ASSERT_TRUE(second.take(*b, disk_access));
    EXPECT_EQ((*a)->set_active(true).error().description(), "Failed to get \"write\" lock");
    EXPECT_FALSE((*a)->active());
    second.release();
    EXPECT_TRUE((*a)->set_active(true));
    EXPECT_EQ((*a)->write(0, pattern(4)), 0);
}

TEST(BlockUsers, HaveToAgree) {
    auto node = make_memory("f", 4096);
    NodeUse raw("node 'r'", "file"), disk("block device 'd'", "root");
    ASSERT_TRUE(raw.take(node, {consistent_read | writing, every_permission}));
    EXPECT_EQ(disk.take(node, disk_access).error().description(),
              "Permission conflict on node 'f': permissions 'write' are both required by node 'r' "
              "(uses node 'f' as 'file' child) and unshared by block device 'd' (uses node 'f' as "
              "'root' child).");
    EXPECT_TRUE(disk.take(node, {consistent_read | writing, every_permission}));
    EXPECT_FALSE(disk.change(disk_access));
    EXPECT_EQ(disk.access().shared, every_permission);
}

TEST(BlockUsers, CannotWriteToWhatIsReadOnly) {
    auto node = *make_null("null-co", {.name = "n", .read_only = true}, {});
    NodeUse disk("d", "root");
    EXPECT_EQ(disk.take(node, disk_access).error().description(), "Block node is read-only");
}

TEST(BlockOverlay, LeavesTheBaseAlone) {
    auto base = make_memory("base", 200000);
    base->write(65000, pattern(2000));
    auto overlay = make_temporary_overlay({.name = "top"}, base);
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

TEST(BlockOverlay, GrowsWithZeros) {
    auto overlay = make_temporary_overlay({.name = "top"}, make_memory("base", 1024));
    ASSERT_TRUE((*overlay)->truncate(200000));
    EXPECT_EQ((*overlay)->write(1000, pattern(600)), 0);
    std::vector<std::uint8_t> end(512, 9);
    EXPECT_EQ((*overlay)->read(150000, end), 0);
    EXPECT_EQ(end, std::vector<std::uint8_t>(512));
}

TEST(BlockRaw, IsAWindow) {
    auto child = make_memory("c", 10240);
    auto raw = make_raw({.name = "r"}, child, {.offset = 512, .size = 1024});
    ASSERT_TRUE(raw);
    EXPECT_EQ((*raw)->size(), 1024u);
    (*raw)->write(0, pattern(4));
    std::array<std::uint8_t, 4> b{};
    child->read(512, b);
    EXPECT_EQ(b[3], 4);
    EXPECT_EQ(make_raw({.name = "r2"}, child, {.offset = 11000}).error().description(),
              "Offset (11000) cannot be greater than size of the containing file (10240)");
    EXPECT_EQ(make_raw({.name = "r2"}, child, {.size = 100}).error().description(),
              "Specified size is not multiple of 512");
    EXPECT_FALSE(make_raw({.name = "r2"}, child, {.offset = 9216, .size = 2048}));
}

TEST(BlockRaw, StaysRawWhenItWasOnlyGuessed) {
    auto child = make_memory("c", 10240);
    auto raw = *make_raw({.name = "r"}, child, {.guessed = true});
    std::vector<std::uint8_t> header(512);
    const std::uint8_t qcow2[] = {'Q', 'F', 'I', 0xfb, 0, 0, 0, 3};
    std::copy(std::begin(qcow2), std::end(qcow2), header.begin());
    EXPECT_EQ(raw->write(0, header), EPERM);
    EXPECT_EQ(raw->write(512, header), 0);
    EXPECT_EQ(raw->write(0, pattern(512)), 0);
    EXPECT_EQ((*make_raw({.name = "s"}, child, {}))->write(0, header), 0);
}

}  // namespace
