// SPDX-License-Identifier: GPL-2.0-or-later
//
// Whom an inter-processor interrupt reaches, and as what: delivery modes, destinations, shorthands
// (SDM volume 3, 11.6); and the timer's divisors and masks.
#include <gtest/gtest.h>

#include "hw/intc/apic-registers.h"
#include "hw/intc/apic.h"
#include "tests/unit/hw/core/fake-platform.h"

using namespace hw;
using namespace hw::apic;

namespace {

struct Cpu final : ApicCpu {
    bool pending = false;
    int nmis = 0, smis = 0, inits = 0, starts = 0;
    void set_interrupt(bool up) override { pending = up; }
    void nmi() override { nmis++; }
    void smi() override { smis++; }
    void init() override { inits++; }
    void start(u8) override { starts++; }
};

struct Four : hw::testing::FakePlatform {
    ApicBus bus;
    std::array<Cpu, 4> cpu;
    std::vector<std::unique_ptr<LocalApic>> apic;

    Four() {
        for (unsigned n = 0; n < 4; n++) {
            auto a = std::make_unique<LocalApic>(bus, cpu[n], n, n == 0);
            EXPECT_TRUE(a->bring_up(platform));
            a->hold_reset();
            a->leave_reset();
            a->write_register(Svr, 0x1ff);
            apic.push_back(std::move(a));
        }
    }
    void send(unsigned from, u8 destination, u32 command) {
        apic[from]->write_register(IcrHigh, u32(destination) << 24);
        apic[from]->write_register(IcrLow, command);
    }
    /// The processors with an interrupt, as bits; it is taken and ended.
    unsigned interrupted() {
        unsigned who = 0;
        for (unsigned n = 0; n < 4; n++)
            if (cpu[n].pending) {
                who |= 1u << n;
                apic[n]->acknowledge();
                apic[n]->write_register(Eoi, 0);
            }
        return who;
    }
    template <class M>
    unsigned count(M member) {
        unsigned who = 0;
        for (unsigned n = 0; n < 4; n++) {
            EXPECT_LE(cpu[n].*member, 1);
            who |= unsigned(cpu[n].*member) << n;
            cpu[n].*member = 0;
        }
        return who;
    }
};

}  // namespace

TEST(ApicDelivery, PhysicalDestinationsAndShorthands) {
    Four s;
    s.send(0, 2, 0x4051);
    EXPECT_EQ(s.interrupted(), 0b0100u);
    s.send(1, 0xff, 0x4051);
    EXPECT_EQ(s.interrupted(), 0b1111u) << "FFh is all, the sender too";
    s.send(1, 9, 0x4051);
    EXPECT_EQ(s.interrupted(), 0u) << "nobody";
    s.send(2, 0, 0x44051);
    EXPECT_EQ(s.interrupted(), 0b0100u) << "self";
    s.send(2, 0, 0x84051);
    EXPECT_EQ(s.interrupted(), 0b1111u) << "all";
    s.send(2, 0, 0xc4051);
    EXPECT_EQ(s.interrupted(), 0b1011u) << "all but self";
}

TEST(ApicDelivery, LogicalDestinationsFlatAndInClusters) {
    Four s;
    for (unsigned n = 0; n < 4; n++)
        s.apic[n]->write_register(Ldr, 1u << (24 + n));
    s.send(0, 0b1010, 0x4851);
    EXPECT_EQ(s.interrupted(), 0b1010u);
    s.send(0, 0xff, 0x4851);
    EXPECT_EQ(s.interrupted(), 0b1111u);
    // Clusters of four: two members in the first, two in the second.
    for (unsigned n = 0; n < 4; n++) {
        s.apic[n]->write_register(Dfr, 0x0fffffff);
        s.apic[n]->write_register(Ldr, ((n / 2) << 4 | 1u << (n % 2)) << 24);
    }
    s.send(0, 0x13, 0x4851);
    EXPECT_EQ(s.interrupted(), 0b1100u);
    s.send(0, 0x02, 0x4851);
    EXPECT_EQ(s.interrupted(), 0b0010u);
    s.send(0, 0x23, 0x4851);
    EXPECT_EQ(s.interrupted(), 0u);
}

TEST(ApicDelivery, LowestPriorityReachesOne) {
    Four s;
    for (unsigned n = 0; n < 4; n++) {
        s.apic[n]->write_register(Ldr, 1u << (24 + n));
        s.apic[n]->write_register(Tpr, n == 2 ? 0x10 : 0x20);
    }
    s.send(0, 0xff, 0x4951);
    EXPECT_EQ(s.interrupted(), 0b0100u);
    s.send(0, 0b1011, 0x4951);
    EXPECT_EQ(s.interrupted(), 0b0001u) << "the first among equals";
}

TEST(ApicDelivery, SmiNmiInitAndStartUp) {
    Four s;
    s.send(0, 1, 0x4200);
    EXPECT_EQ(s.count(&Cpu::smis), 0b0010u);
    s.send(0, 0, 0xc4400);
    EXPECT_EQ(s.count(&Cpu::nmis), 0b1110u);
    s.send(0, 0, 0xc4500);
    EXPECT_EQ(s.count(&Cpu::inits), 0b1110u);
    EXPECT_FALSE(s.apic[1]->read_register(Svr) & svr_enable) << "INIT turns it off";
    s.send(0, 0, 0xc8500);  // level de-assert
    EXPECT_EQ(s.count(&Cpu::inits), 0u);
    s.send(0, 3, 0x4608);
    EXPECT_EQ(s.count(&Cpu::starts), 0b1000u);
    s.send(0, 3, 0x4608);
    EXPECT_EQ(s.count(&Cpu::starts), 0u) << "once after an INIT";
    s.send(0, 0, 0x84300);  // reserved
    EXPECT_EQ(s.interrupted() | s.count(&Cpu::nmis) | s.count(&Cpu::smis), 0u);
}

TEST(ApicDelivery, AVectorBelowSixteenIsAnError) {
    Four s;
    s.apic[1]->write_register(LvtFirst + 0x50, 0x61);
    s.send(0, 1, 0x4005);
    EXPECT_EQ(s.apic[1]->read_register(Esr), u32(esr_receive_illegal));
    EXPECT_EQ(s.apic[1]->acknowledge(), 0x61) << "the error's own interrupt";
    s.apic[1]->write_register(Esr, 0);
    EXPECT_EQ(s.apic[1]->read_register(Esr), 0u);
}

TEST(ApicDelivery, TheTimerDividesByOneTo128) {
    constexpr unsigned encodings[] = {0xb, 0x0, 0x1, 0x2, 0x3, 0x8, 0x9, 0xa};
    for (unsigned shift = 0; shift < 8; shift++) {
        Four s;
        LocalApic& a = *s.apic[0];
        a.write_register(LvtFirst, 0x40);
        a.write_register(DivideConfiguration, encodings[shift]);
        a.write_register(InitialCount, 1000);
        s.advance((1000 << shift) - 1);
        EXPECT_EQ(a.read_register(CurrentCount), 1u);
        EXPECT_FALSE(s.cpu[0].pending);
        s.advance(1);
        EXPECT_EQ(a.read_register(CurrentCount), 0u);
        s.advance(1 << shift);  // zero is one count long
        EXPECT_TRUE(s.cpu[0].pending);
    }
}

TEST(ApicDelivery, AMaskedTimerCountsAndAZeroStopsIt) {
    Four s;
    LocalApic& a = *s.apic[0];
    a.write_register(DivideConfiguration, 0xb);
    a.write_register(LvtFirst, lvt_masked | 0x40);
    a.write_register(InitialCount, 1000);
    s.advance(400);
    EXPECT_EQ(a.read_register(CurrentCount), 600u);
    s.advance(1000);
    EXPECT_FALSE(s.cpu[0].pending);
    a.write_register(InitialCount, 1000);
    s.advance(400);
    a.write_register(LvtFirst, 0x40);  // unmasked on the way
    s.advance(601);
    EXPECT_TRUE(s.cpu[0].pending);
    a.acknowledge();
    a.write_register(Eoi, 0);
    a.write_register(LvtFirst, lvt_periodic | 0x40);
    a.write_register(InitialCount, 1000);
    s.advance(2500);
    EXPECT_TRUE(s.cpu[0].pending);
    a.acknowledge();
    a.write_register(Eoi, 0);
    a.write_register(InitialCount, 0);
    s.advance(5000);
    EXPECT_FALSE(s.cpu[0].pending);
}
