// SPDX-License-Identifier: GPL-2.0-or-later
//
// Guest memory on the host, and its dirty bits.
#include "exec/ram-block.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace exec {
namespace {

struct RamBlockTest : testing::Test {
    RamBlockTest() {
        std::string name = testing::TempDir() + "ram.XXXXXX";
        dir = mkdtemp(name.data());
    }
    ~RamBlockTest() override { std::filesystem::remove_all(dir); }
    MemoryMap map;
    std::string dir;
};

TEST_F(RamBlockTest, IsZeroAndFoundByName) {
    auto block = map.allocate_ram("pc.ram", 0x3001);
    ASSERT_TRUE(block);
    EXPECT_EQ((*block)->size(), 0x3001u);
    EXPECT_EQ((*block)->pages(), 4u);
    EXPECT_EQ((*block)->host()[0x3000], 0);
    EXPECT_EQ(map.find_ram("pc.ram"), *block);
    auto twice = map.allocate_ram("pc.ram", 0x1000);
    ASSERT_FALSE(twice);
    EXPECT_EQ(twice.error().description(), "there is a RAM block 'pc.ram' already");
    map.release_ram(**block);
    EXPECT_EQ(map.find_ram("pc.ram"), nullptr);
}

TEST_F(RamBlockTest, LargeBlocksStandOnAHugePage) {
    auto block = map.allocate_ram("ram", 5 << 20);
    ASSERT_TRUE(block);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>((*block)->host()) % (2 << 20), 0u);
}

TEST_F(RamBlockTest, SharedFileHoldsWhatTheGuestWrote) {
    const std::string path = dir + "/mem";
    {
        auto block = map.allocate_ram("mem", 0x2000,
                                      {.kind = RamSource::Kind::File, .path = path, .share = true});
        ASSERT_TRUE(block) << block.error().description();
        (*block)->host()[0x1234] = 0x5a;
        map.release_ram(**block);
    }
    EXPECT_EQ(std::filesystem::file_size(path), 0x2000u);
    auto again = map.allocate_ram(
        "mem", 0x2000,
        {.kind = RamSource::Kind::File, .path = path, .share = false, .prealloc = true});
    ASSERT_TRUE(again);
    EXPECT_EQ((*again)->host()[0x1234], 0x5a);
    (*again)->host()[0] = 1;  // private: the file keeps its 0
    EXPECT_EQ(std::ifstream(path, std::ios::binary).get(), 0);
}

TEST_F(RamBlockTest, DirectoryTakesAnUnlinkedFile) {
    auto block = map.allocate_ram("mem", 0x1000,
                                  {.kind = RamSource::Kind::File, .path = dir, .share = true});
    ASSERT_TRUE(block);
    EXPECT_GE((*block)->fd(), 0);
    EXPECT_TRUE(std::filesystem::is_empty(dir));
}

TEST_F(RamBlockTest, MemfdCanBeMappedElsewhere) {
    auto block = map.allocate_ram("mem", 0x1000, {.kind = RamSource::Kind::Memfd, .share = true});
    ASSERT_TRUE(block);
    (*block)->host()[7] = 42;
    std::uint8_t byte = 0;
    EXPECT_EQ(pread((*block)->fd(), &byte, 1, 7), 1);
    EXPECT_EQ(byte, 42);
}

TEST_F(RamBlockTest, ErrorsNameTheFileAndTheReason) {
    auto missing = map.allocate_ram(
        "mem", 0x1000, {.kind = RamSource::Kind::File, .path = dir + "/no/such", .share = true});
    ASSERT_FALSE(missing);
    EXPECT_EQ(missing.error().description(), "can't open backing store " + dir +
                                                 "/no/such for guest RAM: No such file or "
                                                 "directory");
    std::ofstream(dir + "/small") << "x";
    auto small =
        map.allocate_ram("mem", 0x1000, {.kind = RamSource::Kind::File, .path = dir + "/small"});
    ASSERT_FALSE(small);
    EXPECT_EQ(small.error().description(),
              "backing store size 0x1 does not match 'size' option 0x1000");
    EXPECT_TRUE(map.ram_blocks().empty());
    EXPECT_FALSE(map.allocate_ram("mem", 0x1000, {.alignment = 0x3000}));
    EXPECT_FALSE(map.allocate_ram("mem", 0));
}

TEST_F(RamBlockTest, EachClientHasItsOwnDirtyBits) {
    RamBlock& block = **map.allocate_ram("ram", 200 * page_size);
    block.mark_dirty(0, 1);  // nobody watches
    block.watch(DirtyClient::Vga, true);
    block.watch(DirtyClient::Migration, true);
    EXPECT_FALSE(block.dirty(DirtyClient::Vga, 0));
    block.mark_dirty(63 * page_size + 5, 70 * page_size);
    EXPECT_FALSE(block.dirty(DirtyClient::Vga, 62));
    EXPECT_TRUE(block.dirty(DirtyClient::Vga, 63));
    EXPECT_TRUE(block.dirty(DirtyClient::Vga, 133));
    EXPECT_FALSE(block.dirty(DirtyClient::Vga, 134));
    EXPECT_TRUE(block.test_and_clear(DirtyClient::Vga, 0, 100 * page_size));
    EXPECT_FALSE(block.any_dirty(DirtyClient::Vga, 0, 100 * page_size));
    EXPECT_TRUE(block.any_dirty(DirtyClient::Vga, 0, 200 * page_size));
    EXPECT_FALSE(block.test_and_clear(DirtyClient::Vga, 0, 100 * page_size));
    EXPECT_TRUE(block.dirty(DirtyClient::Migration, 70));
    EXPECT_FALSE(block.dirty(DirtyClient::Snapshot, 70));
}

TEST_F(RamBlockTest, WatchersAreCountedAndStartClean) {
    RamBlock& block = **map.allocate_ram("ram", page_size);
    block.watch(DirtyClient::Code, true);
    block.watch(DirtyClient::Code, true);
    block.watch(DirtyClient::Code, false);
    block.mark_dirty(0, 8);
    EXPECT_TRUE(block.dirty(DirtyClient::Code, 0));
    block.watch(DirtyClient::Code, false);
    EXPECT_EQ(block.watchers(), 0);
    block.watch(DirtyClient::Code, true);
    EXPECT_FALSE(block.dirty(DirtyClient::Code, 0));
}

}  // namespace
}  // namespace exec
