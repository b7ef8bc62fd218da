// SPDX-License-Identifier: GPL-2.0-or-later
//
// Disks and CD-ROM drives behind the PIIX3's IDE function, over media in memory. IDENTIFY data was
// captured from QEMU 7.2.22.
#include <gtest/gtest.h>

#include <numeric>

#include "block/drives.h"
#include "hw/ide/piix.h"
#include "tests/unit/hw/pci/pc-chips.h"

namespace {

using namespace hw;

class Ide : public hw::testing::PcChips {
protected:
    static constexpr unsigned devfn = 9;

    Ide() {
        p.services.provide(drives);
        auto d = std::make_unique<PiixIde>(piix3_ide_type);
        ide = d.get();
        d->channel(0).irq().connect(line(14));
        d->channel(1).irq().connect(line(15));
        plug(std::move(d), devfn);
        node = block::make_memory("d0", 64 << 20);
        drives.add_node(node);
        auto hd = ide_hd_type.create();
        static_cast<IdeDrive&>(*hd).properties().drive = "d0";
        auto plugged = ide->bus(0).plug(std::move(hd), p.platform);
        EXPECT_TRUE(plugged) << plugged.error().description();
        auto cd = ide_cd_type.create();
        EXPECT_TRUE(ide->bus(1).plug(std::move(cd), p.platform));
        disc = ide->bus(1).drive(0)->disk();
        reset(system);
    }

    // The media are this class's members, and go first.
    ~Ide() override { host->bus().unplug(*ide); }
    void answer() { drives.drain_all(); }
    void command(std::uint8_t op, std::uint32_t lba, std::uint8_t count) {
        p.outb(0x1f6, static_cast<std::uint8_t>(0xe0 | lba >> 24));
        p.outb(0x1f2, count);
        p.outb(0x1f3, static_cast<std::uint8_t>(lba));
        p.outb(0x1f4, static_cast<std::uint8_t>(lba >> 8));
        p.outb(0x1f5, static_cast<std::uint8_t>(lba >> 16));
        p.outb(0x1f7, op);
        answer();
    }
    std::vector<std::uint8_t> pattern(std::size_t n, int first = 1) {
        std::vector<std::uint8_t> v(n);
        std::iota(v.begin(), v.end(), static_cast<std::uint8_t>(first));
        return v;
    }
    std::vector<std::uint8_t> read_data(std::uint16_t port, unsigned words) {
        std::vector<std::uint8_t> v;
        for (unsigned i = 0; i < words; i++) {
            const std::uint16_t w = p.inw(port);
            v.push_back(static_cast<std::uint8_t>(w));
            v.push_back(static_cast<std::uint8_t>(w >> 8));
        }
        return v;
    }
    void packet(std::vector<std::uint8_t> cdb, std::uint16_t limit = 0xfffe) {
        cdb.resize(12);
        p.outb(0x176, 0xa0);
        p.outb(0x171, 0);
        p.outb(0x174, static_cast<std::uint8_t>(limit));
        p.outb(0x175, static_cast<std::uint8_t>(limit >> 8));
        p.outb(0x177, 0xa0);
        for (unsigned i = 0; i < 12; i += 2)
            p.outw(0x170, static_cast<std::uint16_t>(cdb[i] | cdb[i + 1] << 8));
        answer();
    }

    block::Drives drives{block::make_inline_executor()};
    block::NodeRef node;
    block::BlockBackend* disc = nullptr;
    PiixIde* ide = nullptr;
};

TEST_F(Ide, ResetStateIsTheCapturedOne) {
    EXPECT_EQ(config(devfn, 0x04), 0x02800000u);
    EXPECT_EQ(config(devfn, 0x08), 0x01018000u);
    EXPECT_EQ(config(devfn, 0x20), 0x00000001u);
    EXPECT_EQ(saved(*ide).size(), 430u);
    EXPECT_EQ(p.inb(0x1f7), 0x50);
    EXPECT_EQ(p.inb(0x174), 0x14);
    EXPECT_EQ(p.inb(0x175), 0xeb);
}

TEST_F(Ide, TheFirstDriveAnswersForAnAbsentSecond) {
    p.outb(0x1f6, 0xb0);
    const std::uint8_t expected[] = {0, 1, 1, 0xff, 0xff, 0xb0, 0};
    for (std::uint16_t i = 0; i < std::size(expected); i++)
        EXPECT_EQ(p.inb(static_cast<std::uint16_t>(0x1f1 + i)), expected[i]) << i;
    EXPECT_EQ(p.inb(0x3f6), 0);
    p.outb(0x1f7, 0xec);
    EXPECT_EQ(irq[14], 0);
}

TEST_F(Ide, TellsOfItsHealth) {
    auto smart = [&](std::uint8_t sub, std::uint8_t sector = 0) {
        p.outb(0x1f1, sub);
        for (const auto& [port, value] :
             {std::pair{0x1f2, 1}, {0x1f3, +sector}, {0x1f4, 0x4f}, {0x1f5, 0xc2}, {0x1f6, 0xe0}})
            p.outb(static_cast<std::uint16_t>(port), static_cast<std::uint8_t>(value));
        p.outb(0x1f7, 0xb0);
        return p.inb(0x1f7);
    };
    auto block = [&] {
        auto bytes = read_data(0x1f0, 256);
        EXPECT_EQ(std::accumulate(bytes.begin(), bytes.end(), 0) & 0xff, 0);
        return bytes;
    };
    EXPECT_EQ(smart(0xd0), 0x58);
    EXPECT_EQ(block()[511], 0x06);  // with all else as captured from QEMU 7.2.22, so is the sum
    EXPECT_EQ(smart(0xd1), 0x58);
    EXPECT_EQ(block()[511], 0xaf);
    EXPECT_EQ(smart(0xd4, 3), 0x41);
    for (int i = 0; i < 23; i++)
        EXPECT_EQ(smart(0xd4, static_cast<std::uint8_t>(i % 3)), 0x50);
    EXPECT_EQ(smart(0xd5, 6), 0x58);
    const auto log = block();
    EXPECT_EQ(log[508], 2);               // 21 places
    EXPECT_EQ(log[2 + 24 * 20], 20 % 3);  // the last but two
    EXPECT_EQ(log[2 + 24], 22 % 3);
    EXPECT_EQ(smart(0xd5, 7), 0x41);
    EXPECT_EQ(smart(0xda), 0x50);
    EXPECT_EQ(p.inb(0x1f4) | p.inb(0x1f5) << 8, 0xc24f);
    EXPECT_EQ(smart(0xd9), 0x50);
    EXPECT_EQ(smart(0xd0), 0x41);
    EXPECT_EQ(smart(0xd8), 0x50);
    EXPECT_EQ(smart(0xd0), 0x58);
}

TEST_F(Ide, IdentifiesItselfAsQemusDisk) {
    p.outb(0x1f7, 0xec);
    EXPECT_EQ(p.inb(0x3f6), 0x58);
    EXPECT_EQ(irq[14], 1);
    p.inb(0x1f7);
    EXPECT_EQ(irq[14], 0);
    std::vector<std::uint16_t> w(256);
    for (auto& x : w)
        x = p.inw(0x1f0);
    EXPECT_EQ(p.inb(0x1f7), 0x50);
    const std::pair<unsigned, unsigned> expected[] = {
        {0, 0x0040},   {1, 130},     {3, 16},      {4, 0x7e00},  {6, 63},      {10, 0x514d},
        {13, 0x3120},  {27, 0x5145}, {47, 0x8010}, {49, 0x0b00}, {57, 0xffe0}, {58, 1},
        {59, 0x0110},  {60, 0},      {61, 2},      {69, 0x4000}, {80, 0x00f0}, {82, 0x4021},
        {83, 0x7400},  {85, 0x4021}, {86, 0x3400}, {88, 0x203f}, {93, 0x6001}, {101, 2},
        {106, 0x6000}, {169, 1}};
    for (auto [n, v] : expected)
        EXPECT_EQ(w[n], v) << "word " << n;
}

TEST_F(Ide, MovesSectorsByPio) {
    const auto bytes = pattern(1024);
    node->write(5 * 512, bytes);
    command(0x20, 5, 2);
    EXPECT_EQ(irq[14], 1);
    auto got = read_data(0x1f0, 256);
    answer();
    auto second = read_data(0x1f0, 256);
    got.insert(got.end(), second.begin(), second.end());
    EXPECT_EQ(got, bytes);
    EXPECT_EQ(p.inb(0x1f7), 0x50);

    command(0x30, 9, 1);
    EXPECT_EQ(p.inb(0x1f7), 0x58);
    for (unsigned i = 0; i < 256; i++)
        p.outw(0x1f0, static_cast<std::uint16_t>(i));
    EXPECT_EQ(p.inb(0x3f6) & 0x80, 0x80);
    answer();
    EXPECT_EQ(p.inb(0x1f7), 0x50);
    std::vector<std::uint8_t> sector(512);
    node->read(9 * 512, sector);
    EXPECT_EQ(sector[510], 0xff);
    EXPECT_EQ(sector[511], 0);
}

TEST_F(Ide, RefusesWhatIsBeyondTheEnd) {
    command(0x20, 0x20000, 1);
    EXPECT_EQ(p.inb(0x3f6), 0x41);
    EXPECT_EQ(p.inb(0x1f1), 0x04);
    p.outb(0x1f7, 0xfe);  // no such command
    EXPECT_EQ(p.inb(0x1f7), 0x41);
}

TEST_F(Ide, MovesSectorsByBusMastering) {
    const auto bytes = pattern(4096, 7);
    node->write(100 * 512, bytes);
    set_config(devfn, 0x20, 0xc001);
    set_config(devfn, 0x04, 5, 2);
    // Two descriptors: 1 KiB at 0x2000, 3 KiB at 0x4000, last.
    p.write(0x1000, 4, 0x2000);
    p.write(0x1004, 4, 1024);
    p.write(0x1008, 4, 0x4000);
    p.write(0x100c, 4, 0x80000000 | 3072);
    p.outl(0xc004, 0x1000);
    p.outb(0xc002, 0x06);
    command(0xc8, 100, 8);
    EXPECT_EQ(p.inb(0x3f6), 0x58);
    p.outb(0xc000, 0x09);
    answer();
    EXPECT_EQ(p.inb(0x3f6), 0x50);
    EXPECT_EQ(p.inb(0xc002), 0x04);
    EXPECT_EQ(irq[14], 1);
    EXPECT_TRUE(std::equal(bytes.begin(), bytes.begin() + 1024, ram_block->host() + 0x2000));
    EXPECT_TRUE(std::equal(bytes.begin() + 1024, bytes.end(), ram_block->host() + 0x4000));
    p.outb(0xc000, 0x00);

    p.outl(0xc004, 0x1000);
    command(0xca, 500, 8);
    p.outb(0xc000, 0x01);
    answer();
    std::vector<std::uint8_t> back(4096);
    node->read(500 * 512, back);
    EXPECT_EQ(back, bytes);
}

TEST_F(Ide, ShortDescriptorsEndWithoutAnInterrupt) {
    set_config(devfn, 0x20, 0xc001);
    set_config(devfn, 0x04, 5, 2);
    p.write(0x1000, 4, 0x2000);
    p.write(0x1004, 4, 0x80000000 | 512);
    p.outl(0xc004, 0x1000);
    command(0xc8, 0, 2);
    p.outb(0xc000, 0x09);
    answer();
    EXPECT_EQ(p.inb(0xc002) & 5, 0);
    EXPECT_EQ(irq[14], 0);
}

TEST_F(Ide, ATransferUnderWaySurvivesSaveAndLoad) {
    const auto bytes = pattern(512, 3);
    node->write(77 * 512, bytes);
    command(0x20, 77, 1);
    auto got = read_data(0x1f0, 10);
    const auto state = saved(*ide);
    EXPECT_EQ(state.size(), 430u + 1 + 1 + 19 + 4 + 131097);
    reset(system);
    restore(*ide, state);
    EXPECT_EQ(saved(*ide), state);
    auto rest = read_data(0x1f0, 246);
    got.insert(got.end(), rest.begin(), rest.end());
    EXPECT_EQ(got, bytes);
}

TEST_F(Ide, SoftwareResetShowsTheSignatures) {
    command(0x20, 0, 1);
    p.outb(0x3f6, 0x04);
    p.outb(0x3f6, 0x00);
    EXPECT_EQ(p.inb(0x1f7), 0x50);
    EXPECT_EQ(p.inb(0x1f1), 1);
    EXPECT_EQ(p.inb(0x1f2), 1);
    p.outb(0x376, 0x04);
    EXPECT_EQ(p.inb(0x177), 0);
    EXPECT_EQ(p.inb(0x175), 0xeb);
}

TEST_F(Ide, AnEmptyDriveIsNotReadyThenAnnouncesAMedium) {
    packet({0x00});
    EXPECT_EQ(p.inb(0x177), 0x41);
    EXPECT_EQ(p.inb(0x171), 0x20);
    auto medium = block::make_memory("iso", 2048 * 100);
    const auto bytes = pattern(4096);
    medium->write(2048 * 16, bytes);
    ASSERT_TRUE(disc->insert(medium));
    disc->move_tray(true);
    packet({0x00});
    EXPECT_EQ(p.inb(0x171), 0x20);  // the tray was out
    packet({0x00});
    EXPECT_EQ(p.inb(0x171), 0x60);  // unit attention: the medium may have changed
    packet({0x00});                 // said again, to a command that may not be answered before
    packet({0x00});
    EXPECT_EQ(p.inb(0x177), 0x50);
    packet({0x25});
    EXPECT_EQ(p.inb(0x172) & 7, 2);
    EXPECT_EQ(p.inb(0x174), 8);
    EXPECT_EQ(read_data(0x170, 4), (std::vector<std::uint8_t>{0, 0, 0, 99, 0, 0, 8, 0}));
    EXPECT_EQ(p.inb(0x172) & 7, 3);

    packet({0x28, 0, 0, 0, 0, 16, 0, 0, 2, 0}, 2048);
    auto got = read_data(0x170, 1024);
    answer();
    auto more = read_data(0x170, 1024);
    got.insert(got.end(), more.begin(), more.end());
    EXPECT_EQ(got, bytes);
    EXPECT_EQ(p.inb(0x177), 0x50);
}

TEST_F(Ide, RefusesDrivesThatDoNotFit) {
    auto hd = ide_hd_type.create();
    static_cast<IdeDrive&>(*hd).properties().drive = "nope";
    auto plugged = ide->bus(0).plug(std::move(hd), p.platform);
    ASSERT_FALSE(plugged);
    EXPECT_EQ(plugged.error().description(), "Property 'ide-hd.drive' can't find value 'nope'");
    auto third = ide_hd_type.create();
    static_cast<IdeDrive&>(*third).properties().unit = 0;
    plugged = ide->bus(0).plug(std::move(third), p.platform);
    ASSERT_FALSE(plugged);
    EXPECT_EQ(plugged.error().description(), "IDE unit 0 is in use");
}

}  // namespace
