// SPDX-License-Identifier: GPL-2.0-or-later
#include "hw/nvram/fw_cfg.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "tests/unit/hw/core/fake-platform.h"

using namespace hw;

TEST(FwCfg, FilesAreNumberedByName) {
    hw::testing::FakePlatform p;
    FwCfg fw;
    ASSERT_TRUE(fw.bring_up(p.platform));
    ASSERT_TRUE(fw.add_file("etc/z", {1}));
    ASSERT_TRUE(fw.add_file("etc/a", {7, 8}));
    EXPECT_FALSE(fw.add_file("etc/a", {}));
    p.outw(0x510, 0x20);
    EXPECT_EQ(p.inb(0x511), 7);
    EXPECT_EQ(p.inb(0x511), 8);
    EXPECT_EQ(p.inb(0x511), 0);
    p.outw(0x510, 0x21);
    EXPECT_EQ(p.inb(0x511), 1);
    p.outw(0x510, 0x19);
    for (const int byte : {0, 0, 0, 2, 0, 0, 0, 2, 0, 0x20})
        EXPECT_EQ(p.inb(0x511), byte);
}

TEST(FwCfg, AKeyBeyondTheSlotsReadsAsNothing) {
    hw::testing::FakePlatform p;
    FwCfg fw;
    ASSERT_TRUE(fw.bring_up(p.platform));
    p.outw(0x510, 0x3000);
    EXPECT_EQ(fw.state().cur_entry, 0xffff);
    EXPECT_EQ(p.inb(0x511), 0);
}

namespace {

/// A device and memory to give its DMA engine orders in.
struct WithMemory : ::testing::Test {
    hw::testing::FakePlatform p;
    std::unique_ptr<exec::MemoryRegion> ram =
        exec::MemoryRegion::ram(p.map, "ram", **p.map.allocate_ram("ram", 0x80000));
    FwCfg fw;

    WithMemory() {
        p.memory_root->add_subregion(0, *ram);
        EXPECT_TRUE(fw.bring_up(p.platform));
    }
    /// What becomes of the control word.
    u32 access(u32 control, u32 length, u64 address) {
        for (int i = 0; i < 4; i++) {
            p.write(0x1000 + u64(i), 1, control >> (24 - 8 * i));
            p.write(0x1004 + u64(i), 1, length >> (24 - 8 * i));
        }
        for (int i = 0; i < 8; i++)
            p.write(0x1008 + u64(i), 1, address >> (56 - 8 * i));
        p.outl(0x518, 0x00100000);  // 1000h, big endian
        return u32(p.read(0x1000, 4));
    }
};
using FwCfgDma = WithMemory;
constexpr u32 error = 0x01000000;  // as the guest sees the big-endian word

}  // namespace

TEST_F(FwCfgDma, ReadsSkipsAndSaysWhatItCannotDo) {
    ASSERT_TRUE(fw.add_file("opt/x", {1, 2, 3, 4, 5}));
    EXPECT_EQ(p.inl(0x514), 0x554d4551u);              // "QEMU"
    EXPECT_EQ(access(0x20u << 16 | 8 | 4, 1, 0), 0u);  // select, skip one
    p.write(0x2004, 1, 0xee);
    EXPECT_EQ(access(2, 6, 0x2000), 0u);
    EXPECT_EQ(p.read(0x2000, 4), 0x05040302u);
    EXPECT_EQ(p.read(0x2004, 1), 0u);                           // beyond the end: zeros
    EXPECT_EQ(access(0x20u << 16 | 8 | 16, 1, 0x2000), error);  // not writable
}

TEST_F(FwCfgDma, ReadsAFileThatStaysOnDisk) {
    char name[] = "/tmp/fw-cfg-XXXXXX";
    ::close(::mkstemp(name));
    constexpr u32 size = 300000;
    {
        std::ofstream out(name);
        for (u32 i = 0; i < size; i++)
            out.put(static_cast<char>(i * 7 >> 3));
    }
    const auto byte = [](u32 at) { return u64(at * 7 >> 3 & 0xff); };
    fw.add(FwCfgKey::InitrdData, *Blob::open(name, size));
    EXPECT_EQ(access(0x12u << 16 | 8 | 2, size, 0x2000), 0u);
    u32 wrong = 0;
    for (u32 i = 0; i < size; i++)
        wrong += p.read(0x2000 + i, 1) != byte(i);
    EXPECT_EQ(wrong, 0u);

    p.outw(0x510, 0x12);
    for (u32 i = 0; i < 10; i++)
        EXPECT_EQ(u64(p.inb(0x511)), byte(i));
    EXPECT_EQ(access(4, 200000, 0), 0u);
    EXPECT_EQ(u64(p.inb(0x511)), byte(200010));

    // Someone cuts the file: an error for the guest, zeros at the port, and the emulator goes on.
    std::filesystem::resize_file(name, 1000);
    EXPECT_EQ(access(0x12u << 16 | 8 | 2, size, 0x2000), error);
    p.outw(0x510, 0x12);
    EXPECT_EQ(p.inb(0x511), 0);
    EXPECT_EQ(fw.state().cur_offset, 1u);
    std::filesystem::remove(name);
}
