// SPDX-License-Identifier: GPL-2.0-or-later
#include "hw/i386/linux-image.h"

#include <gtest/gtest.h>

namespace {

using Bytes = std::vector<std::uint8_t>;

/// A kernel of protocol 2.12 with `setup` sectors of setup code and 64 KiB of protected-mode part.
Bytes kernel(std::uint16_t protocol = 0x20c, std::uint8_t sectors = 3) {
    Bytes k((sectors + 1) * 512 + 0x10000, 0x90);
    std::fill(k.begin() + 0x1f1, k.begin() + 0x260, 0);
    k[0x1f1] = sectors;
    k[0x1fe] = 0x55;
    k[0x1ff] = 0xaa;
    std::copy_n("HdrS", 4, k.begin() + 0x202);
    k[0x206] = std::uint8_t(protocol);
    k[0x207] = std::uint8_t(protocol >> 8);
    k[0x211] = 1;
    k[0x22f] = 0x7f;  // initrd_addr_max 0x7f000000
    k[0x239] = 8;     // cmdline_size 2048
    return k;
}
std::uint32_t word(const Bytes& b, std::size_t at) {
    return b[at] | b[at + 1] << 8 | b[at + 2] << 16 | std::uint32_t(b[at + 3]) << 24;
}

TEST(LinuxImage, PlacesThePiecesOfABzImage) {
    auto image = hw::prepare_linux_image(kernel(), {}, "quiet", 64 << 20, 0x28000);
    ASSERT_TRUE(image);
    EXPECT_EQ(image->setup.address, 0x10000u);
    EXPECT_EQ(image->setup.bytes.size(), 4u * 512);
    EXPECT_EQ(image->kernel.address, 0x100000u);
    EXPECT_EQ(image->kernel.bytes.size(), 0x10000u);
    EXPECT_EQ(image->cmdline.address, 0x20000u);
    EXPECT_EQ(image->cmdline.bytes.size(), 6u);
    EXPECT_EQ(image->setup.bytes[0x210], 0xb0);
    EXPECT_EQ(image->setup.bytes[0x211] & 0x80, 0x80);
    EXPECT_EQ(word(image->setup.bytes, 0x228), 0x20000u);
}

TEST(LinuxImage, PutsTheInitrdBelowTheFirmwaresMemory) {
    const Blob initrd(Bytes(5000, 1));
    auto image = hw::prepare_linux_image(kernel(), initrd, "", 64 << 20, 0x28000);
    ASSERT_TRUE(image);
    const std::uint32_t expected = ((64u << 20) - 0x28000 - 1 - 5000) & ~4095u;
    EXPECT_EQ(image->initrd.address, expected);
    EXPECT_EQ(word(image->setup.bytes, 0x218), expected);
    EXPECT_EQ(word(image->setup.bytes, 0x21c), 5000u);
}

TEST(LinuxImage, HonoursTheKernelsLimitForTheInitrd) {
    const Blob initrd(Bytes(4096, 1));
    auto image = hw::prepare_linux_image(kernel(), initrd, "", 3ull << 30, 0x28000);
    ASSERT_TRUE(image);
    EXPECT_LT(image->initrd.address + 4096, 0x7f000001u);
}

TEST(LinuxImage, TakesTheVideoModeFromTheCommandLine) {
    auto mode = [](std::string_view cmdline) {
        auto image = hw::prepare_linux_image(kernel(), {}, cmdline, 64 << 20, 0);
        return image->setup.bytes[0x1fa] | image->setup.bytes[0x1fb] << 8;
    };
    EXPECT_EQ(mode("quiet vga=0x317 root=/dev/sda"), 0x317);
    EXPECT_EQ(mode("vga=ask"), 0xfffd);
    EXPECT_EQ(mode("notvga=3"), 0);
}

TEST(LinuxImage, RefusesWhatCannotBoot) {
    EXPECT_FALSE(hw::prepare_linux_image(Bytes(4096), {}, "", 64 << 20, 0));
    auto cut = kernel();
    cut.resize(1200);
    EXPECT_FALSE(hw::prepare_linux_image(cut, {}, "", 64 << 20, 0));
    EXPECT_FALSE(hw::prepare_linux_image(kernel(), {}, "", 1 << 20, 0));
    EXPECT_FALSE(hw::prepare_linux_image(kernel(), Bytes(8 << 20), "", 8 << 20, 0));
    auto e = hw::prepare_linux_image(kernel(), {}, std::string(3000, 'x'), 64 << 20, 0);
    ASSERT_FALSE(e);
    EXPECT_EQ(e.error().description(), "the command line has 3000 bytes, this kernel takes 2048");
}

}  // namespace
