// SPDX-License-Identifier: GPL-2.0-or-later
#include "hw/intc/i8259.h"

#include <gtest/gtest.h>

#include "tests/unit/hw/isa-fixture.h"

using namespace hw;

namespace {

struct Pair : hw::testing::IsaFixture {
    I8259& master = plug(std::make_unique<I8259>(I8259Config{0x20, 0x4d0, 0xf8, true}));
    I8259& slave = plug(std::make_unique<I8259>(I8259Config{0xa0, 0x4d1, 0xde, false}));

    Pair() {
        slave.output().connect(master.input(2));
        master.connect_slave(slave);
    }
    /// As a PC's firmware does: vectors 08h and 70h.
    void initialize() {
        for (int value : {0x11, 0x08, 0x04, 0x01})
            outb(value == 0x11 ? 0x20 : 0x21, u8(value));
        for (int value : {0x11, 0x70, 0x02, 0x01})
            outb(value == 0x11 ? 0xa0 : 0xa1, u8(value));
    }
};

}  // namespace

TEST(I8259, VectorsComeByPriorityAndNest) {
    Pair p;
    p.initialize();
    p.master.set_irq(4, 1);
    p.master.set_irq(1, 1);
    EXPECT_EQ(p.master.acknowledge(), 0x09);
    EXPECT_FALSE(p.master.output().level());  // IR4 waits for the EOI of IR1
    p.outb(0x20, 0x20);
    EXPECT_TRUE(p.master.output().level());
    EXPECT_EQ(p.master.acknowledge(), 0x0c);
    p.master.set_irq(0, 1);
    EXPECT_TRUE(p.master.output().level());  // higher priority interrupts the service
}

TEST(I8259, TheSlaveAnswersThroughTheCascade) {
    Pair p;
    p.initialize();
    p.slave.set_irq(6, 1);
    EXPECT_EQ(p.master.acknowledge(), 0x76);
    p.outb(0xa0, 0x0b);
    EXPECT_EQ(p.inb(0xa0), 0x40);  // ISR
    p.outb(0x20, 0x0b);
    EXPECT_EQ(p.inb(0x20), 0x04);
}

TEST(I8259, ARequestThatVanishedIsSpurious) {
    Pair p;
    p.initialize();
    p.outb(0x4d0, 0x20);  // IR5 by level
    p.master.set_irq(5, 1);
    p.master.set_irq(5, 0);
    EXPECT_EQ(p.master.acknowledge(), 0x0f);
    p.outb(0x20, 0x0b);
    EXPECT_EQ(p.inb(0x20), 0);  // and is not in service
}

TEST(I8259, AnEdgeCountsOnceALevelAgainAfterEoi) {
    Pair p;
    p.initialize();
    p.outb(0x4d0, 0xff);
    EXPECT_EQ(p.inb(0x4d0), 0xf8);  // IR0-2 are edges by the board's wiring
    p.master.set_irq(3, 1);
    p.master.set_irq(1, 1);
    EXPECT_EQ(p.master.acknowledge(), 0x09);
    p.outb(0x20, 0x61);  // specific EOI
    EXPECT_EQ(p.master.acknowledge(), 0x0b);
    p.outb(0x20, 0x63);
    EXPECT_EQ(p.master.acknowledge(), 0x0b);  // still up
    p.master.set_irq(3, 0);
    p.outb(0x20, 0x63);
    EXPECT_FALSE(p.master.output().level());
}

TEST(I8259, RotationMovesTheLowestPriority) {
    Pair p;
    p.initialize();
    p.outb(0x20, 0xc3);  // IR3 is lowest, so IR4 is highest
    p.master.set_irq(1, 1);
    p.master.set_irq(4, 1);
    EXPECT_EQ(p.master.acknowledge(), 0x0c);
    p.outb(0x20, 0xa0);  // rotate on non-specific EOI: IR4 becomes lowest
    EXPECT_EQ(p.master.state().priority_add, 5);
    EXPECT_EQ(p.master.acknowledge(), 0x09);
}

TEST(I8259, SpecialMaskModeLetsLowerOnesIn) {
    Pair p;
    p.initialize();
    p.master.set_irq(1, 1);
    EXPECT_EQ(p.master.acknowledge(), 0x09);
    p.master.set_irq(4, 1);
    EXPECT_FALSE(p.master.output().level());
    p.outb(0x20, 0x68);  // set special mask mode
    p.outb(0x21, 0x02);  // mask what is in service
    EXPECT_EQ(p.master.acknowledge(), 0x0c);
}

TEST(I8259, PollTakesTheRequest) {
    Pair p;
    p.initialize();
    p.master.set_irq(6, 1);
    p.outb(0x20, 0x0c);
    EXPECT_EQ(p.inb(0x20), 0x86);
    p.outb(0x20, 0x0c);
    EXPECT_EQ(p.inb(0x20), 0x00);
}

TEST(I8259, AutoEoiLeavesNothingInService) {
    Pair p;
    for (int value : {0x11, 0x20, 0x04, 0x03})
        p.outb(value == 0x11 ? 0x20 : 0x21, u8(value));
    p.master.set_irq(1, 1);
    EXPECT_EQ(p.master.acknowledge(), 0x21);
    EXPECT_EQ(p.master.state().isr, 0);
    EXPECT_EQ(p.master.state().auto_eoi, 1);
}

// The registers that QEMU 7.2.22 saves after the same accesses.
TEST(I8259, StateAfterInitializationIsAsCaptured) {
    Pair p;
    p.initialize();
    p.outb(0x21, 0xb8);
    p.outb(0xa1, 0x8e);
    p.outb(0x4d0, 0x00);
    p.outb(0x4d1, 0x0c);
    p.outb(0x20, 0x0b);
    const I8259State& m = p.master.state();
    EXPECT_EQ(m.imr, 184);
    EXPECT_EQ(m.irq_base, 8);
    EXPECT_EQ(m.read_reg_select, 1);
    EXPECT_EQ(m.init_state, 0);
    EXPECT_EQ(m.init4, 1);
    const I8259State& s = p.slave.state();
    EXPECT_EQ(s.imr, 142);
    EXPECT_EQ(s.irq_base, 112);
    EXPECT_EQ(s.elcr, 12);
    EXPECT_EQ(p.master.describe(),
              "pic0: irr=00 imr=b8 isr=00 hprio=0 irq_base=08 rr_sel=1 elcr=00 fnm=0");
}
