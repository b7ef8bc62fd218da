// SPDX-License-Identifier: GPL-2.0-or-later
#include "hw/intc/apic.h"

#include <gtest/gtest.h>

#include "hw/intc/apic-registers.h"
#include "hw/intc/i8259.h"
#include "hw/intc/ioapic.h"
#include "hw/intc/timer-path.h"
#include "tests/unit/hw/isa-fixture.h"

using namespace hw;
using namespace hw::apic;

namespace {

struct Cpu final : ApicCpu {
    bool pending = false;
    int nmis = 0, smis = 0, inits = 0, started = -1;
    void set_interrupt(bool up) override { pending = up; }
    void nmi() override { nmis++; }
    void smi() override { smis++; }
    void init() override { inits++; }
    void start(u8 vector) override { started = vector; }
};

struct Apics : hw::testing::IsaFixture {
    ApicBus messages;
    Cpu cpu[2];
    LocalApic first{messages, cpu[0], 0, true}, second{messages, cpu[1], 1, false};
    IoApic ioapic{messages};
    std::unique_ptr<exec::MemoryRegion> window = LocalApic::make_window(map, messages);
    I8259& pic = plug(std::make_unique<I8259>(I8259Config{0x20, 0x4d0, 0xf8, true}));

    Apics() {
        memory_root->add_subregion(0xfee00000, *window, 4096);
        for (Device* d : {static_cast<Device*>(&first), static_cast<Device*>(&second),
                          static_cast<Device*>(&ioapic)}) {
            EXPECT_TRUE(d->bring_up(platform));
            d->hold_reset();
            d->leave_reset();
        }
        first.connect_pic(pic);
        pic.output().connect(
            IrqIn([](void* a, int, int level) { static_cast<LocalApic*>(a)->set_lint0(level); },
                  &first, 0));
        for (LocalApic* a : {&first, &second})
            a->write_register(Svr, 0x1ff);
    }
    void redirect(unsigned pin, u64 entry) {
        write(0xfec00000, 4, 0x11 + 2 * pin);
        write(0xfec00010, 4, entry >> 32);
        write(0xfec00000, 4, 0x10 + 2 * pin);
        write(0xfec00010, 4, entry & 0xffffffff);
    }
};

}  // namespace

TEST(LocalApic, HigherVectorsInterruptLowerOnes) {
    Apics s;
    s.first.receive({.vector = 0x41});
    EXPECT_TRUE(s.cpu[0].pending);
    EXPECT_EQ(s.first.acknowledge(), 0x41);
    EXPECT_FALSE(s.cpu[0].pending);
    s.first.receive({.vector = 0x45});
    EXPECT_FALSE(s.cpu[0].pending);  // the same class waits
    s.first.receive({.vector = 0x51});
    EXPECT_EQ(s.first.acknowledge(), 0x51);
    s.first.write_register(Eoi, 0);
    EXPECT_FALSE(s.cpu[0].pending);
    s.first.write_register(Eoi, 0);
    EXPECT_EQ(s.first.acknowledge(), 0x45);
}

TEST(LocalApic, TaskPriorityHoldsBack) {
    Apics s;
    s.first.set_tpr(5);
    s.first.receive({.vector = 0x51});
    EXPECT_FALSE(s.cpu[0].pending);
    s.first.set_tpr(4);
    EXPECT_TRUE(s.cpu[0].pending);
    EXPECT_EQ(s.first.read_register(Ppr), 0x40u);
}

TEST(LocalApic, InitAndStartUpWakeTheOther) {
    Apics s;
    EXPECT_TRUE(s.second.state().wait_for_sipi);
    s.first.write_register(IcrLow, 0x000c4500);  // INIT, all but self
    EXPECT_EQ(s.cpu[1].inits, 1);
    EXPECT_EQ(s.cpu[0].inits, 0);
    s.first.write_register(IcrLow, 0x000c4610);
    EXPECT_EQ(s.cpu[1].started, 0x10);
    s.cpu[1].started = -1;
    s.first.write_register(IcrLow, 0x000c4620);  // it runs: ignored
    EXPECT_EQ(s.cpu[1].started, -1);
}

TEST(LocalApic, IpisReachByIdAndByLogicalId) {
    Apics s;
    s.first.write_register(IcrHigh, 1u << 24);
    s.first.write_register(IcrLow, 0x4031);
    EXPECT_EQ(s.second.acknowledge(), 0x31);
    s.second.write_register(Ldr, 0x02u << 24);
    s.first.write_register(IcrHigh, 0x02u << 24);
    s.first.write_register(IcrLow, 0x4842);
    EXPECT_TRUE(s.cpu[1].pending);
    s.first.write_register(IcrLow, 0x00044400);  // NMI to self
    EXPECT_EQ(s.cpu[0].nmis, 1);
}

TEST(LocalApic, TimerOneShotAndPeriodic) {
    Apics s;
    s.first.write_register(LvtFirst, 0x40);
    s.first.write_register(DivideConfiguration, 0xb);  // by 1
    s.first.write_register(InitialCount, 1000);
    s.advance(500);
    EXPECT_EQ(s.first.read_register(CurrentCount), 500u);
    s.advance(600);
    EXPECT_EQ(s.first.acknowledge(), 0x40);
    s.first.write_register(Eoi, 0);
    s.advance(10000);
    EXPECT_FALSE(s.cpu[0].pending);

    s.first.write_register(LvtFirst, 0x20040);
    s.first.write_register(InitialCount, 999);
    for (int i = 0; i < 5; i++) {
        s.advance(1000);
        EXPECT_EQ(s.first.acknowledge(), 0x40) << i;
        s.first.write_register(Eoi, 0);
    }
}

TEST(LocalApic, ThePicPassesThroughLint0) {
    Apics s;
    for (int value : {0x11, 0x08, 0x04, 0x01})
        s.outb(value == 0x11 ? 0x20 : 0x21, u8(value));
    s.pic.set_irq(1, 1);
    EXPECT_FALSE(s.cpu[0].pending);  // LINT0 is masked
    s.first.write_register(LvtFirst + 0x30, 0x700);
    EXPECT_TRUE(s.cpu[0].pending);
    EXPECT_EQ(s.first.acknowledge(), 0x09);
    EXPECT_FALSE(s.cpu[0].pending);
}

TEST(IoApic, EdgesAreSentOnceLevelsUntilEoi) {
    Apics s;
    s.redirect(5, 0x0000000000000031);
    s.ioapic.set_irq(5, 1);
    EXPECT_EQ(s.first.acknowledge(), 0x31);
    s.first.write_register(Eoi, 0);
    EXPECT_FALSE(s.cpu[0].pending);
    s.redirect(10, 0x0100000000008042);  // level, to processor 1
    s.ioapic.set_irq(10, 1);
    EXPECT_EQ(s.second.acknowledge(), 0x42);
    EXPECT_FALSE(s.cpu[1].pending);
    s.second.write_register(Eoi, 0);
    EXPECT_TRUE(s.cpu[1].pending);  // still up: again
    s.second.acknowledge();
    s.ioapic.set_irq(10, 0);
    s.second.write_register(Eoi, 0);
    EXPECT_FALSE(s.cpu[1].pending);
}

TEST(IoApic, MaskedEdgesAreLostAndIrq0IsPin2) {
    Apics s;
    s.ioapic.set_irq(5, 1);
    s.redirect(5, 0x31);
    EXPECT_FALSE(s.cpu[0].pending);
    s.redirect(2, 0x30);
    s.ioapic.set_irq(0, 1);
    EXPECT_EQ(s.first.acknowledge(), 0x30);
}

TEST(ApicWindow, ADevicesWriteIsAMessageAProcessorsAnAccess) {
    Apics s;
    s.write(0xfee01000, 4, 0x4055);  // to processor 1
    EXPECT_EQ(s.second.acknowledge(), 0x55);
    s.messages.set_current(&s.second);
    EXPECT_EQ(s.read(0xfee00020, 4), 1u << 24);
    s.write(0xfee00080, 4, 0x30);
    EXPECT_EQ(s.second.state().tpr, 0x30);
    EXPECT_EQ(s.first.state().tpr, 0);
}

TEST(TimerPath, FollowsIrq0ThroughTheIoApicOrThePic) {
    Apics s;
    TimerPath path(s.pic, &s.ioapic, s.messages);
    int taken = 0;
    path.on_taken([&] { taken++; });
    auto tick = [&] {
        for (int level : {1, 0}) {
            s.pic.set_irq(0, level);
            s.ioapic.set_irq(0, level);
        }
    };
    for (int value : {0x11, 0x08, 0x04, 0x01})
        s.outb(value == 0x11 ? 0x20 : 0x21, u8(value));
    s.first.write_register(LvtFirst + 0x30, 0x700);  // LINT0: ExtINT
    tick();
    EXPECT_TRUE(path.waiting());
    EXPECT_EQ(s.first.acknowledge(), 0x08);
    EXPECT_FALSE(path.waiting());
    EXPECT_EQ(taken, 1);

    s.outb(0x21, 0xff);
    tick();
    EXPECT_FALSE(path.waiting());  // masked everywhere
    s.redirect(2, 0x30);
    tick();
    EXPECT_TRUE(path.waiting());
    s.first.receive({.vector = 0x41});
    EXPECT_EQ(s.first.acknowledge(), 0x41);
    EXPECT_EQ(taken, 1);  // another interrupt
    s.first.write_register(Eoi, 0);
    EXPECT_EQ(s.first.acknowledge(), 0x30);
    EXPECT_EQ(taken, 2);
    EXPECT_FALSE(path.waiting());
    s.redirect(2, 0x400);  // an NMI is not kept
    tick();
    EXPECT_FALSE(path.waiting());
}
