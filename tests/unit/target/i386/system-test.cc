// SPDX-License-Identifier: GPL-2.0-or-later
//
// What the host cannot show from user code: gates, tasks, virtual-8086 and system management mode,
// page permissions, breakpoints.
#include "tests/unit/target/i386/test-machine.h"

#include <gtest/gtest.h>

namespace i386 {
namespace {

/// Handlers at 1800h + 10h * vector that end the test: the stack shows what was pushed.
void stop_at_faults(TestMachine& m) {
    for (unsigned v = 0; v < 32; v++) {
        m.interrupt_gate(v, 8, 0x1800 + v * 16);
        m.put(0x1800 + v * 16, {0xf4});
    }
}
/// The vector whose handler stopped the machine, by rip.
int stopped_in(const TestMachine& m) {
    const u64 at = m.cpu.s.regs[rip];
    return at >= 0x1800 && at < 0x1a00 ? int((at - 0x1801) / 16) : -1;
}
u32 stack_word(const TestMachine& m, unsigned n) {
    return m.peek<u32>(u32(m.cpu.s.regs[rsp]) + n * 4);
}

TEST(Segments, LimitViolationIsGeneralProtection) {
    TestMachine m;
    m.protected_mode();
    stop_at_faults(m);
    // FS: data segment of 1000h bytes at 30000h, made by descriptor 40h.
    m.poke<u64>(0x540, 0x0040930300000fff);
    m.cpu.s.gdt.limit = 0x47;
    // mov ax,40h; mov fs,ax; mov eax,fs:[0ffch]; mov eax,fs:[0ffdh]
    m.put(0x1000, {0x66, 0xb8, 0x40, 0, 0x8e, 0xe0, 0x64, 0xa1, 0xfc, 0x0f, 0, 0, 0x64, 0xa1, 0xfd,
                   0x0f, 0, 0, 0xf4});
    EXPECT_EQ(m.run(), Stop::halted);
    EXPECT_EQ(stopped_in(m), exc_gp);
    EXPECT_EQ(stack_word(m, 0), 0u) << "error code";
    EXPECT_EQ(stack_word(m, 1), 0x100cu) << "the second access";
}

TEST(Segments, LoadsCheckTypePresenceAndPrivilege) {
    struct Case {
        u64 descriptor;
        u16 selector;
        int vector;
    };
    const Case cases[] = {
        {0x00cf93000000ffff, 0x40, -1},     {0x00cf13000000ffff, 0x40, exc_np},
        {0x00cf99000000ffff, 0x40, exc_gp},  // execute-only code into DS
        {0x00cf93000000ffff, 0x43, exc_gp},  // RPL 3, DPL 0
        {0x00cf93000000ffff, 0x48, exc_gp},  // beyond the limit
        {0x0000890006000067, 0x40, exc_gp},  // a TSS
    };
    for (const Case& c : cases) {
        TestMachine m;
        m.protected_mode();
        stop_at_faults(m);
        m.poke<u64>(0x540, c.descriptor);
        m.cpu.s.gdt.limit = 0x47;
        m.cpu.s.regs[rax] = c.selector;
        m.put(0x1000, {0x8e, 0xd8, 0xf4});  // mov ds,ax; hlt
        EXPECT_EQ(m.run(), Stop::halted);
        EXPECT_EQ(stopped_in(m), c.vector) << std::hex << c.descriptor;
        if (c.vector >= 0) {
            EXPECT_EQ(stack_word(m, 0), c.selector & 0xfffcu);
        }
    }
}

TEST(Gates, CallGateCopiesParametersToTheInnerStack) {
    TestMachine m;
    m.protected_mode();
    stop_at_faults(m);
    m.poke<u32>(0x604, 0x7000);
    m.poke<u16>(0x608, 0x10);
    // Call gate 40h: 8:1200h, two parameters, DPL 3.
    m.poke<u64>(0x540, 0x0000ec0200081200);
    m.cpu.s.gdt.limit = 0x47;
    // iret to ring 3 at 1100h with ESP 6000h
    m.put(0x1000, {0x6a, 0x23, 0x68, 0, 0x60, 0, 0, 0x9c, 0x6a, 0x1b, 0x68, 0, 0x11, 0, 0, 0xcf});
    // push 11h; push 22h; call 43h:0
    m.put(0x1100, {0x6a, 0x11, 0x6a, 0x22, 0x9a, 0, 0, 0, 0, 0x43, 0});
    // mov eax,[esp+8]; mov ebx,[esp+12]; mov ecx,[esp]; retf 8
    m.put(0x1200, {0x8b, 0x44, 0x24, 0x08, 0x8b, 0x5c, 0x24, 0x0c, 0x8b, 0x0c, 0x24, 0xca, 8, 0});
    m.put(0x110b, {0xf4});  // HLT in ring 3: #GP ends it
    EXPECT_EQ(m.run(), Stop::halted);
    EXPECT_EQ(stopped_in(m), exc_gp);
    EXPECT_EQ(m.cpu.s.regs[rax], 0x22u);
    EXPECT_EQ(m.cpu.s.regs[rbx], 0x11u);
    EXPECT_EQ(m.cpu.s.regs[rcx], 0x110bu);
    EXPECT_EQ(stack_word(m, 4), 0x6000u) << "RETF 8 released the parameters on both stacks";
}

TEST(Tasks, CallSwitchesAndIretReturns) {
    TestMachine m;
    m.protected_mode();
    stop_at_faults(m);
    // The other task's TSS at 700h, descriptor 40h.
    m.poke<u64>(0x540, 0x0000890007000067);
    m.cpu.s.gdt.limit = 0x47;
    m.poke<u64>(0x528, 0x00008b0006000067);  // the current one is busy
    m.poke<u32>(0x720, 0x1200);              // EIP
    m.poke<u32>(0x724, 0x2);                 // EFLAGS
    m.poke<u32>(0x728, 0x77);                // EAX
    m.poke<u32>(0x738, 0x5000);              // ESP
    for (unsigned n = 0; n < 6; n++)
        m.poke<u16>(0x748 + n * 4, n == 1 ? 8 : 0x10);
    m.cpu.s.regs[rbx] = 0x55;
    m.put(0x1000, {0x9a, 0, 0, 0, 0, 0x40, 0, 0xf4});  // call 40h:0; hlt
    m.put(0x1200, {0xa3, 0, 0, 0x30, 0, 0x40, 0xcf});  // mov [300000h],eax; inc eax; iret
    EXPECT_EQ(m.run(), Stop::halted);
    EXPECT_EQ(m.cpu.s.regs[rip], 0x1008u);
    EXPECT_EQ(m.peek<u32>(0x300000), 0x77u);
    EXPECT_EQ(m.cpu.s.regs[rbx], 0x55u) << "restored from the first task's TSS";
    EXPECT_EQ(m.peek<u32>(0x728), 0x78u) << "saved to the second's";
    EXPECT_EQ(m.cpu.s.tr.selector, 0x28u);
    EXPECT_EQ(m.peek<u8>(0x545) & 2, 0) << "not busy any more";
    EXPECT_TRUE(m.cpu.s.cr0 & cr0_ts);
}

TEST(Vm86, RunsRealModeCodeAndTrapsOut) {
    TestMachine m;
    m.protected_mode();
    stop_at_faults(m);
    m.poke<u32>(0x604, 0x7000);
    m.poke<u16>(0x608, 0x10);
    // push gs, fs, ds, es, ss, esp, eflags (VM, IOPL 0), cs, eip; iret
    m.put(0x1000, {0x6a, 0, 0x6a, 0, 0x68, 0, 0x30, 0, 0, 0x6a, 0, 0x68, 0, 0x20, 0,    0, 0x68,
                   0,    1, 0,    0, 0x68, 2, 0,    2, 0, 0x68, 0, 0x12, 0, 0,    0x6a, 0, 0xcf});
    // At 1200h:0: mov ax,[0010h]; cli
    m.put(0x12000, {0xa1, 0x10, 0, 0xfa});
    m.poke<u16>(0x30010, 0xbeef);
    EXPECT_EQ(m.run(), Stop::halted);
    EXPECT_EQ(stopped_in(m), exc_gp) << "CLI with IOPL 0";
    EXPECT_EQ(m.cpu.s.regs[rax] & 0xffff, 0xbeefu);
    EXPECT_EQ(stack_word(m, 1), 3u);
    EXPECT_EQ(stack_word(m, 2), 0x1200u);
    EXPECT_TRUE(stack_word(m, 3) & vm);
    EXPECT_EQ(stack_word(m, 5), 0x2000u) << "SS";
    EXPECT_EQ(stack_word(m, 7), 0x3000u) << "DS";
    EXPECT_EQ(m.cpu.s.seg[ds].selector, 0u);
}

TEST(Smm, SavesEverythingAndComesBack) {
    for (const char* model : {"qemu64", "qemu32"}) {
        TestMachine m(model);
        m.protected_mode();
        m.cpu.s.regs[rbx] = 0x1234567;
        m.put(0x1000, {0x90, 0xf4});
        // The handler: mov eax,cr0; mov [0..]: word 77h at SMBASE+9000h via CS; rsm
        m.put(0x38000, {0x66, 0xbb, 0, 0, 0, 0, 0x2e, 0xc6, 0x06, 0x00, 0x90, 0x77, 0x0f, 0xaa});
        m.cpu.request(request_smi);
        EXPECT_EQ(m.run(), Stop::halted) << model;
        EXPECT_EQ(m.peek<u8>(0x39000), 0x77u);
        EXPECT_EQ(m.cpu.s.regs[rbx], 0x1234567u);
        EXPECT_EQ(m.cpu.s.regs[rip], 0x1002u);
        EXPECT_TRUE(m.cpu.s.mode & mode_code32);
        EXPECT_FALSE(m.cpu.s.smm);
    }
}

struct PageCase {
    u64 pte;
    bool user, write;
    u64 cr0, cr4;
    u32 flags;
    int error;  ///< -1: no fault
};

TEST(Paging, PermissionsInEveryCombination) {
    const PageCase cases[] = {
        {7, true, false, cr0_wp, 0, 0, -1},
        {7, true, true, cr0_wp, 0, 0, -1},
        {5, true, true, cr0_wp, 0, 0, 7},
        {5, true, false, cr0_wp, 0, 0, -1},
        {3, true, false, cr0_wp, 0, 0, 5},
        {6, true, false, cr0_wp, 0, 0, 4},
        {3, false, true, cr0_wp, 0, 0, -1},
        {1, false, true, cr0_wp, 0, 0, 3},
        {1, false, true, 0, 0, 0, -1},
        {0, false, false, cr0_wp, 0, 0, 0},
        {7, false, false, cr0_wp, cr4_smap, 0, 1},
        {7, false, true, cr0_wp, cr4_smap, 0, 3},
        {7, false, true, cr0_wp, cr4_smap, ac, -1},
        {3, false, true, cr0_wp, cr4_smap, 0, -1},
    };
    for (const PageCase& c : cases) {
        TestMachine m;
        m.long_mode();
        m.long_gate(14, 0x30, 0x1800);
        m.put(0x1800, {0xf4});
        m.poke<u64>(0x604, 0x7000);  // RSP0
        // The 2 MiB page at 400000h becomes 4 KiB pages; the first is the case's.
        m.poke<u64>(0x102010, 0x103007);
        m.poke<u64>(0x103000, 0x400000 | c.pte);
        m.cpu.s.cr0 = (m.cpu.s.cr0 & ~u64(cr0_wp)) | c.cr0;
        m.cpu.s.cr4 |= c.cr4;
        m.cpu.s.eflags |= c.flags;
        // mov al,[400000h] or mov [400000h],al; ud2
        m.put(0x1100, {c.write ? 0x88u : 0x8au, 0x04, 0x25, 0, 0, 0x40, 0, 0x0f, 0x0b});
        m.long_gate(6, 0x30, 0x1900);
        m.put(0x1900, {0xf4});
        if (c.cr4 & cr4_smap) {
            // Code and stack must not be user pages then matters only for data: map the stack so.
            m.poke<u64>(0x102000, 0x83);
        }
        m.cpu.s.regs[rip] = 0x1100;
        if (c.user) {
            m.cpu.set_segment(cs, {0x3b, 0xffffffff, 0, 0x00affb00});
            m.cpu.set_cpl(3);
        }
        m.cpu.flush_tlb();
        m.cpu.update_mode();
        EXPECT_EQ(m.run(), Stop::halted);
        if (c.error < 0) {
            EXPECT_EQ(m.cpu.s.regs[rip], 0x1901u) << "pte " << c.pte;
            EXPECT_TRUE(m.peek<u64>(0x103000) & 0x20) << "accessed";
            EXPECT_EQ(bool(m.peek<u64>(0x103000) & 0x40), c.write) << "dirty";
        } else {
            EXPECT_EQ(m.cpu.s.regs[rip], 0x1801u) << "pte " << c.pte;
            EXPECT_EQ(m.peek<u64>(m.cpu.s.regs[rsp]), u64(c.error)) << "pte " << c.pte;
            EXPECT_EQ(m.cpu.s.cr2, 0x400000u);
        }
    }
}

TEST(Paging, FaultInTheSecondHalfOfAStoreChangesNothing) {
    TestMachine m;
    m.long_mode();
    m.long_gate(14, 0x30, 0x1800);
    m.put(0x1800, {0xf4});
    m.poke<u64>(0x102018, 0);  // 600000h is not there
    m.poke<u32>(0x5ffffc, 0x11111111);
    // mov qword [5ffffch], -1
    m.put(0x1000, {0x48, 0xc7, 0x04, 0x25, 0xfc, 0xff, 0x5f, 0, 0xff, 0xff, 0xff, 0xff});
    m.cpu.flush_tlb();
    EXPECT_EQ(m.run(), Stop::halted);
    EXPECT_EQ(m.cpu.s.cr2, 0x600000u);
    EXPECT_EQ(m.peek<u32>(0x5ffffc), 0x11111111u);
}

TEST(Paging, CodeAcrossAPageThatMoves) {
    TestMachine m;
    m.long_mode();
    m.poke<u64>(0x102018, 0x104007);  // 600000h by 4 KiB pages
    m.poke<u64>(0x104000, 0x700007);
    m.poke<u64>(0x102010, 0x103007);
    m.poke<u64>(0x103ff8, 0x5ff007);
    // mov eax, imm32 with the immediate's last two bytes on the next page; ret
    m.put(0x5ffffd, {0xb8, 0x34, 0x12});
    m.put(0x700000, {0x00, 0x00, 0xc3});
    m.put(0x701000, {0x01, 0x00, 0xc3});
    // call [rel 5ffffdh]; mov ebx,eax; map the other page; invlpg; call again; hlt
    m.put(0x1000,
          {0xe8, 0xf8, 0xef, 0x5f, 0,                                      // call 5ffffdh
           0x89, 0xc3,                                                     // mov ebx,eax
           0xc7, 0x04, 0x25, 0,    0x40, 0x10, 0,    0x07, 0x10, 0x70, 0,  // mov [104000h],701007h
           0x0f, 0x01, 0x3c, 0x25, 0,    0,    0x60, 0,                    // invlpg [600000h]
           0xe8, 0xde, 0xef, 0x5f, 0,                                      // call 5ffffdh
           0xf4});
    m.cpu.flush_tlb();
    EXPECT_EQ(m.run(), Stop::halted);
    EXPECT_EQ(m.cpu.s.regs[rbx], 0x1234u);
    EXPECT_EQ(m.cpu.s.regs[rax], 0x11234u);
}

TEST(Debug, DataBreakpointTrapsAfterTheStore) {
    TestMachine m;
    m.protected_mode();
    stop_at_faults(m);
    m.cpu.set_dr(0, 0x300000);
    m.cpu.set_dr(7, 0x000d0001);  // DR0, write, 4 bytes
    m.put(0x1000, {0xa1, 0, 0, 0x30, 0, 0xa3, 0, 0, 0x30, 0, 0xf4});
    EXPECT_EQ(m.run(), Stop::halted);
    EXPECT_EQ(stopped_in(m), exc_db);
    EXPECT_EQ(stack_word(m, 0), 0x100au);
    EXPECT_TRUE(m.cpu.s.dr[6] & 1);
}

TEST(Debug, CodeBreakpointFaultsBeforeAndResumesWithRf) {
    TestMachine m;
    m.protected_mode();
    m.interrupt_gate(1, 8, 0x1800);
    m.cpu.set_dr(1, 0x1001);
    m.cpu.set_dr(7, 0x4);
    m.put(0x1000, {0x40, 0x40, 0xf4});
    // or dword [esp+8],10000h; inc ebx; iret
    m.put(0x1800, {0x81, 0x4c, 0x24, 0x08, 0, 0, 1, 0, 0x43, 0xcf});
    EXPECT_EQ(m.run(), Stop::halted);
    EXPECT_EQ(m.cpu.s.regs[rbx], 1u);
    EXPECT_EQ(m.cpu.s.regs[rax], 2u);
}

TEST(Strings, FaultLeavesTheCountersWhereItHappened) {
    TestMachine m;
    m.long_mode();
    m.long_gate(14, 0x30, 0x1800);
    m.put(0x1800, {0xf4});
    m.poke<u64>(0x102018, 0);  // 600000h is not there
    m.cpu.s.regs[rdi] = 0x5ffff0;
    m.cpu.s.regs[rcx] = 100;
    m.cpu.s.regs[rax] = 0xab;
    m.put(0x1000, {0xf3, 0xaa, 0xf4});
    m.cpu.flush_tlb();
    EXPECT_EQ(m.run(), Stop::halted);
    EXPECT_EQ(m.cpu.s.regs[rcx], 84u);
    EXPECT_EQ(m.cpu.s.regs[rdi], 0x600000u);
    EXPECT_EQ(m.cpu.s.cr2, 0x600000u);
    EXPECT_EQ(m.peek<u64>(m.cpu.s.regs[rsp] + 8), 0x1000u);
}

}  // namespace
}  // namespace i386
