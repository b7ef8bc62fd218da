// SPDX-License-Identifier: GPL-2.0-or-later
//
// Traps and shadows: single step, breakpoints, what MOV SS and STI hold back, and faults of a task
// that has just been switched to.
#include "tests/unit/target/i386/test-machine.h"

#include <gtest/gtest.h>

namespace i386 {
namespace {

/// 32-bit code whose faults end the test: the handler of vector v is a HLT at 1800h + 10h * v.
struct Machine : TestMachine {
    Machine() {
        protected_mode();
        for (unsigned v = 0; v < 48; v++) {
            interrupt_gate(v, 8, 0x1800 + v * 16);
            put(0x1800 + v * 16, {0xf4});
        }
    }
    int stopped_in() const {
        const u64 at = cpu.s.regs[rip];
        return at >= 0x1800 && at < 0x1b00 ? int((at - 0x1801) / 16) : -1;
    }
    u32 word(unsigned n) const { return peek<u32>(u32(cpu.s.regs[rsp]) + n * 4); }
    void step_from_here() { cpu.set_eflags(cpu.eflags() | tf); }
};

TEST(SingleStep, TheShadowOfMovSsCoversTheNextInstruction) {
    for (const bool pop : {false, true}) {
        Machine m;
        if (pop)
            m.put(0x1000, {0x6a, 0x10, 0x17, 0x90, 0x90});  // push 10h; pop ss; nop; nop
        else
            m.put(0x1000, {0x40, 0x8e, 0xd0, 0x90, 0x90});  // inc eax; mov ss,ax; ...
        m.cpu.s.regs[rax] = 0xf;
        // The first instruction is stepped: its handler returns.
        // cmp dword [esp],1001h or 1002h; je +1; hlt; iret
        const unsigned after = pop ? 0x1002 : 0x1001;
        m.put(0x1810, {0x81, 0x3c, 0x24, after & 0xff, after >> 8, 0, 0, 0x74, 0x01, 0xf4, 0xcf});
        m.step_from_here();
        EXPECT_EQ(m.run(), Stop::halted);
        EXPECT_EQ(m.word(0), 0x1004u) << "not between the load of SS and the NOP";
        EXPECT_TRUE(m.cpu.s.dr[6] & 1 << 14);
    }
}

TEST(SingleStep, StiHasNoShadowForTraps) {
    Machine m;
    m.put(0x1000, {0xfb, 0x90});
    m.step_from_here();
    EXPECT_EQ(m.run(), Stop::halted);
    EXPECT_EQ(m.word(0), 0x1001u);
}

TEST(SingleStep, IntIsNotStepped) {
    Machine m;
    m.put(0x1000, {0xcd, 0x21, 0x90, 0x90});
    m.put(0x1800 + 0x21 * 16, {0x43, 0x43, 0xcf});  // inc ebx; inc ebx; iret
    m.step_from_here();
    EXPECT_EQ(m.run(), Stop::halted);
    EXPECT_EQ(m.stopped_in(), exc_db);
    EXPECT_EQ(m.cpu.s.regs[rbx], 2u) << "the handler ran through";
    EXPECT_EQ(m.word(0), 0x1003u) << "IRET brought TF back, which steps the instruction after it";
}

TEST(SingleStep, SyscallGoesByTheFlagsItLeaves) {
    for (const bool masked : {false, true}) {
        TestMachine m;
        m.long_mode();
        m.long_gate(1, 0x30, 0x1800);
        m.put(0x1800, {0xf4});
        m.cpu.s.msr.star = u64(0x30) << 32;
        m.cpu.s.msr.lstar = 0x1200;
        m.cpu.s.msr.fmask = masked ? u64(tf) : 0;
        m.put(0x1000, {0x0f, 0x05});
        m.put(0x1200, {0xf4});
        m.cpu.set_eflags(m.cpu.eflags() | tf);
        EXPECT_EQ(m.run(), Stop::halted);
        EXPECT_EQ(m.cpu.s.regs[rip], masked ? 0x1201u : 0x1801u);
    }
}

TEST(Breakpoints, OfDataWaitForTheEndOfTheShadow) {
    Machine m;
    m.poke<u32>(0x300000, 0x10);
    m.cpu.set_dr(0, 0x300000);
    m.cpu.set_dr(7, 0x000f0001);                                   // reads too
    m.put(0x1000, {0x8e, 0x15, 0, 0, 0x30, 0, 0x90, 0x90, 0xf4});  // mov ss,[300000h]; nop
    EXPECT_EQ(m.run(), Stop::halted);
    EXPECT_EQ(m.stopped_in(), exc_db);
    EXPECT_EQ(m.word(0), 0x1007u);
    EXPECT_EQ(m.cpu.s.dr[6] & 0x400f, 1u);
}

TEST(Breakpoints, OfPortsNeedDe) {
    struct {
        unsigned length;  // DR7's field
        u64 at;
        bool de, hits;
    } const cases[] = {{0, 0x64, true, true}, {0, 0x64, false, false}, {0, 0x65, true, false},
                       {3, 0x66, true, true}, {1, 0x65, true, true},   {1, 0x62, true, false}};
    for (const auto& c : cases) {
        Machine m;
        if (c.de) m.cpu.set_cr4(m.cpu.s.cr4 | cr4_de);
        m.cpu.set_dr(2, c.at);
        m.cpu.set_dr(7, c.length << 26 | 2u << 24 | 1 << 4);
        m.put(0x1000, {0xe4, 0x64, 0x90, 0xf4});  // in al,64h
        EXPECT_EQ(m.run(), Stop::halted);
        EXPECT_EQ(m.stopped_in(), c.hits ? exc_db : -1) << c.at;
        EXPECT_EQ(m.cpu.s.dr[6] & 0xf, c.hits ? 4u : 0u);
        if (c.hits) {
            EXPECT_EQ(m.word(0), 0x1002u);
        }
    }
    Machine m;  // each element of a string, too
    m.cpu.set_cr4(m.cpu.s.cr4 | cr4_de);
    m.cpu.set_dr(0, 0x80);
    m.cpu.set_dr(7, 2u << 16 | 1);
    m.cpu.s.regs[rdx] = 0x80;
    m.cpu.s.regs[rsi] = 0x300000;
    m.put(0x1000, {0x6e, 0x90, 0xf4});  // outsb
    EXPECT_EQ(m.run(), Stop::halted);
    EXPECT_EQ(m.stopped_in(), exc_db);
    EXPECT_EQ(m.word(0), 0x1001u);
}

/// A machine whose code is about to jump to the task of the TSS at 700h.
struct TaskMachine : Machine {
    TaskMachine() {
        poke<u64>(0x540, 0x0000890007000067);
        cpu.s.gdt.limit = 0x47;
        poke<u64>(0x528, 0x00008b0006000067);  // the current one is busy
        poke<u32>(0x720, 0x1200);              // EIP
        poke<u32>(0x724, 0x2);                 // EFLAGS
        poke<u32>(0x738, 0x5000);              // ESP
        for (unsigned n = 0; n < 6; n++)
            poke<u16>(0x748 + n * 4, n == 1 ? 8 : 0x10);
        put(0x1000, {0x90, 0x90, 0xea, 0, 0, 0, 0, 0x40, 0});  // nop; nop; jmp 40h:0
        put(0x1200, {0x90, 0xf4});
    }
};

TEST(Tasks, AFaultOfTheNewTaskIsAtItsFirstInstruction) {
    struct {
        unsigned at;
        u32 value;
        unsigned vector;
        u32 error;
    } const cases[] = {
        {0x748 + 3 * 4, 0x50, exc_ts, 0x50},  // DS beyond the GDT
        {0x748 + 0 * 4, 0x28, exc_ts, 0x28},  // ES is a system segment
        {0x748 + 5 * 4, 0x48, exc_np, 0x48},  // GS is not present
    };
    for (const auto& c : cases) {
        TaskMachine m;
        m.poke<u64>(0x548, 0x00cf13000000ffff);
        m.cpu.s.gdt.limit = 0x4f;
        m.poke<u16>(c.at, u16(c.value));
        EXPECT_EQ(m.run(), Stop::halted);
        EXPECT_EQ(m.stopped_in(), int(c.vector)) << std::hex << c.at;
        EXPECT_EQ(m.word(0), c.error);
        EXPECT_EQ(m.word(1), 0x1200u);
        EXPECT_EQ(m.cpu.s.tr.selector, 0x40u) << "the switch has happened";
        EXPECT_EQ(m.peek<u32>(0x620), 0x1009u) << "the old task goes on behind its jump";
    }
}

TEST(Tasks, AFaultBeforeTheSwitchBelongsToTheOldTask) {
    TaskMachine m;
    m.poke<u64>(0x540, 0x0000890007000066);  // one byte too short
    EXPECT_EQ(m.run(), Stop::halted);
    EXPECT_EQ(m.stopped_in(), exc_ts);
    EXPECT_EQ(m.word(0), 0x40u);
    EXPECT_EQ(m.word(1), 0x1002u);
    EXPECT_EQ(m.cpu.s.tr.selector, 0x28u);
    EXPECT_EQ(m.peek<u8>(0x545), 0x89) << "not busy";
    EXPECT_EQ(m.peek<u8>(0x52d), 0x8b) << "still busy";
}

TEST(Tasks, TheTraceBitTrapsBeforeTheFirstInstruction) {
    TaskMachine m;
    m.poke<u16>(0x764, 1);
    EXPECT_EQ(m.run(), Stop::halted);
    EXPECT_EQ(m.stopped_in(), exc_db);
    EXPECT_EQ(m.word(0), 0x1200u);
    EXPECT_TRUE(m.cpu.s.dr[6] & 1 << 15);
}

TEST(Control, LockBeforeCr0IsCr8OnAmd) {
    for (const char* model : {"max", "Nehalem"}) {
        TestMachine m(model);
        m.protected_mode();
        m.interrupt_gate(exc_ud, 8, 0x1800);
        m.put(0x1800, {0xf4});
        m.put(0x1000, {0xf0, 0x0f, 0x20, 0xc0, 0xf4});  // lock mov eax,cr0
        m.cpu.s.regs[rax] = 0x55;
        EXPECT_EQ(m.run(), Stop::halted);
        const bool amd = std::string_view(model) == "max";
        EXPECT_EQ(m.cpu.s.regs[rip], amd ? 0x1005u : 0x1801u);
        EXPECT_EQ(m.cpu.s.regs[rax], amd ? 0u : 0x55u);
    }
}

TEST(Priorities, AnInvalidLockComesBeforeADeviceThatIsNotThere) {
    for (const bool lock : {false, true}) {
        Machine m;
        m.cpu.set_cr0(m.cpu.s.cr0 | cr0_ts);
        m.put(0x1000, {lock ? 0xf0u : 0x90u, 0xd8, 0xc0});  // fadd st,st
        EXPECT_EQ(m.run(), Stop::halted);
        EXPECT_EQ(m.stopped_in(), lock ? exc_ud : exc_nm);
    }
}

TEST(Priorities, ATrapComesBeforeAnInterrupt) {
    Machine m;
    m.interrupt_gate(0x21, 8, 0x1a10);
    m.put(0x1a10, {0x43, 0xcf});              // inc ebx; iret
    m.put(0x1810, {0xbb, 7, 0, 0, 0, 0xf4});  // the trap's handler: mov ebx,7; hlt
    m.put(0x1000, {0x90, 0x90});
    m.cpu.set_eflags(m.cpu.eflags() | tf | iflag);
    m.bus.irq = 0x21;
    m.cpu.s.inhibit_irq = true;  // not before the first NOP has ended
    m.cpu.request(request_interrupt);
    EXPECT_EQ(m.run(), Stop::halted);
    EXPECT_EQ(m.cpu.s.regs[rbx], 7u);
    EXPECT_EQ(m.word(0), 0x1001u) << "the handler of #DB runs first, with interrupts off";
    EXPECT_EQ(m.bus.irq, 0x21);
}

TEST(Priorities, ACodeBreakpointComesAfterAnInterruptAndBeforeTheFetch) {
    Machine m;
    m.cpu.set_dr(0, 0x1000);
    m.cpu.set_dr(7, 1);
    m.put(0x1000, {0x0f, 0x0b});              // ud2
    m.put(0x1800 + 0x21 * 16, {0x43, 0xcf});  // inc ebx; iret
    m.cpu.set_eflags(m.cpu.eflags() | iflag);
    m.bus.irq = 0x21;
    m.cpu.request(request_interrupt);
    EXPECT_EQ(m.run(), Stop::halted);
    EXPECT_EQ(m.cpu.s.regs[rbx], 1u);
    EXPECT_EQ(m.stopped_in(), exc_db);
    EXPECT_EQ(m.word(0), 0x1000u);
}

TEST(Control, SysenterIsNotForRealMode) {
    TestMachine m;
    m.real_mode();
    m.cpu.s.msr.sysenter_cs = 8;
    m.poke<u16>(exc_gp * 4, 0x1800);
    m.poke<u16>(exc_gp * 4 + 2, 0);
    m.put(0x1800, {0xf4});
    m.put(0x1000, {0x0f, 0x34});
    EXPECT_EQ(m.run(), Stop::halted);
    EXPECT_EQ(m.cpu.s.regs[rip], 0x1801u);
}

TEST(Control, PagingCannotEndWhilePcidsAreOn) {
    TestMachine m("max,+pcid");
    m.long_mode();
    m.cpu.set_segment(cs, {8, 0xffffffff, 0, 0x00cf9b00});
    m.cpu.update_mode();
    m.cpu.set_cr4(m.cpu.s.cr4 | cr4_pcide);
    EXPECT_THROW(m.cpu.set_cr0(m.cpu.s.cr0 & ~u64(cr0_pg)), Fault);
    m.cpu.set_cr4(m.cpu.s.cr4 & ~u64(cr4_pcide));
    m.cpu.set_cr0(m.cpu.s.cr0 & ~u64(cr0_pg));
    EXPECT_FALSE(m.cpu.s.msr.efer & efer_lma);
}

}  // namespace
}  // namespace i386
