// SPDX-License-Identifier: GPL-2.0-or-later
//
// The floppy controller with a disk in memory. Reset and half-way states were captured from QEMU
// 7.2.22.
#include "hw/block/fdc.h"

#include <gtest/gtest.h>

#include <numeric>

#include "block/drives.h"
#include "hw/core/reset.h"
#include "hw/core/system-bus.h"
#include "migration/vmstate/load.h"
#include "migration/vmstate/save.h"
#include "migration/vmstate/stream.h"
#include "tests/unit/hw/core/fake-platform.h"

namespace {

using namespace hw;
using hw::testing::FakePlatform;

class Fdc : public ::testing::Test {
protected:
    Fdc() {
        p.services.provide(drives);
        std::array<IrqIn, IsaBus::irq_count> lines{};
        lines[6] =
            IrqIn([](void* t, int, int level) { static_cast<Fdc*>(t)->irq = level; }, this, 6);
        isa.connect_irqs(lines);
        auto d = std::make_unique<IsaFdc>();
        fdc = d.get();
        EXPECT_TRUE(isa.plug(std::move(d), p.platform));
    }
    void add_drive(unsigned unit, block::NodeRef medium) {
        auto d = std::make_unique<FloppyDrive>();
        d->properties().unit = unit;
        if (medium) {
            d->properties().drive = medium->node_name();
            drives.add_node(medium);
            media.push_back(std::move(medium));
        }
        EXPECT_TRUE(fdc->floppy_bus().plug(std::move(d), p.platform));
    }
    void command(std::initializer_list<int> bytes) {
        for (int b : bytes)
            p.outb(0x3f5, static_cast<std::uint8_t>(b));
    }
    std::vector<int> result(unsigned n) {
        std::vector<int> v;
        while (n--)
            v.push_back(p.inb(0x3f5));
        return v;
    }
    std::vector<std::uint8_t> saved() {
        vmstate::Writer w;
        vmstate::save(fdc->vmstate(), fdc->state_for_saving(), w);
        return {w.data().begin(), w.data().end()};
    }

    FakePlatform p;
    block::Drives drives{block::make_inline_executor()};
    std::vector<block::NodeRef> media;
    IsaBus isa{nullptr, *p.memory_root, *p.io_root};
    IsaFdc* fdc = nullptr;
    int irq = 0;
};

TEST_F(Fdc, ResetStateIsTheCapturedOne) {
    reset(isa);
    const auto bytes = saved();
    ASSERT_EQ(bytes.size(), 593u);
    EXPECT_EQ(bytes[0], 0x40);
    EXPECT_EQ(bytes[1], 0xc0);
    EXPECT_EQ(bytes[2] & ~8, 0x04);  // no DMA controller here
    EXPECT_EQ(bytes[5], 0x80);
    EXPECT_EQ(bytes[9 + 512 + 7], 1);  // data_len
    EXPECT_EQ(p.inb(0x3f4), 0x80);
    EXPECT_EQ(fdc->drive_type(0), FloppyType::None);
}

TEST_F(Fdc, AnEmptyDriveTakesTheLargestMedium) {
    add_drive(0, nullptr);
    reset(isa);
    EXPECT_EQ(fdc->drive_type(0), FloppyType::F288);
    EXPECT_EQ(fdc->state().drives[0].sect, 1);
    EXPECT_EQ(fdc->state().drives[1].sect, 0);
    EXPECT_EQ(p.inb(0x3f7), 0x80);
}

TEST_F(Fdc, StopsHalfWayThroughACommandAsQemuDoes) {
    add_drive(1, *block::make_null("null-co", {.name = "n"}, {.size = 1474560}));
    reset(isa);
    p.outb(0x3f2, 0x1c);
    for (int i = 0; i < 4; i++) {
        command({0x08});
        EXPECT_EQ(p.inb(0x3f5), 0x80);
        EXPECT_EQ(p.inb(0x3f5), 0x00);
    }
    command({0x03, 0xdf, 0x02, 0xe6, 0x00, 0x01, 0x00});
    const FdcState& s = fdc->state();
    EXPECT_EQ(s.sra, 0);
    EXPECT_EQ(s.srb, 193);
    EXPECT_EQ(s.dor, 28);
    EXPECT_EQ(s.msr, 144);
    EXPECT_EQ(s.data_pos, 4u);
    EXPECT_EQ(s.data_len, 9u);
    EXPECT_EQ(s.timer0, 13);
    EXPECT_EQ(s.timer1, 1);
    EXPECT_EQ(s.fifo[0], 230);
}

TEST_F(Fdc, ReportsEachDriveAfterAReset) {
    add_drive(0, nullptr);
    reset(isa);
    p.outb(0x3f2, 0x00);
    p.outb(0x3f2, 0x0c);
    EXPECT_EQ(irq, 1);
    for (int n = 0; n < 4; n++) {
        command({0x08});
        EXPECT_EQ(result(2), (std::vector<int>{0xc0 + n, 0}));
    }
    EXPECT_EQ(irq, 0);
    command({0x10});
    EXPECT_EQ(result(1), std::vector<int>{0x90});
    command({0x01});
    EXPECT_EQ(result(1), std::vector<int>{0x80});
}

TEST_F(Fdc, ReadsAndWritesSectorsWithoutDma) {
    auto medium = block::make_memory("m", 1474560);
    std::vector<std::uint8_t> bytes(1024);
    std::iota(bytes.begin(), bytes.end(), std::uint8_t{3});
    const std::uint64_t at = ((3 * 2 + 1) * 18 + 4) * 512;
    medium->write(at, bytes);
    add_drive(0, medium);
    reset(isa);
    EXPECT_EQ(fdc->drive_type(0), FloppyType::F144);
    p.outb(0x3f2, 0x1c);
    command({0x03, 0xaf, 0x03});                       // SPECIFY, without DMA
    command({0xe6, 0x04, 3, 1, 5, 2, 6, 0x1b, 0xff});  // track 3, head 1, sectors 5 and 6
    std::vector<std::uint8_t> got;
    for (int i = 0; i < 1024; i++)
        got.push_back(p.inb(0x3f5));
    EXPECT_EQ(got, bytes);
    EXPECT_EQ(irq, 1);

    reset(isa);
    p.outb(0x3f2, 0x1c);
    command({0x03, 0xaf, 0x03});
    command({0xc5, 0x00, 0, 0, 1, 2, 1, 0x1b, 0xff});
    for (int i = 0; i < 512; i++)
        p.outb(0x3f5, 0x5a);
    std::vector<std::uint8_t> sector(512);
    medium->read(0, sector);
    EXPECT_EQ(sector[0], 0x5a);
    EXPECT_EQ(sector[511], 0x5a);
}

TEST_F(Fdc, RefusesWhatTheDiskDoesNotHave) {
    add_drive(0, *block::make_null("null-co", {.name = "n"}, {.size = 1474560}));
    reset(isa);
    p.outb(0x3f2, 0x1c);
    command({0xe6, 0x00, 90, 0, 1, 2, 18, 0x1b, 0xff});
    EXPECT_EQ(result(3), (std::vector<int>{0x40, 0, 0}));
}

TEST_F(Fdc, AResultUnderWaySurvivesSaveAndLoad) {
    add_drive(0, nullptr);
    reset(isa);
    command({0x0e});
    result(3);
    const auto bytes = saved();
    reset(isa);
    vmstate::Reader r(bytes);
    auto staged = fdc->stage();
    const auto blank = fdc->blank();
    ASSERT_TRUE(vmstate::load(fdc->vmstate(), staged->data(), 2, r, {.blank = blank->data()}));
    staged->commit(2);
    EXPECT_EQ(saved(), bytes);
    EXPECT_EQ(result(7)[5], 0x60);  // what CONFIGURE would set
}

}  // namespace
