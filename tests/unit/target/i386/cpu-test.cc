// SPDX-License-Identifier: GPL-2.0-or-later
//
// Programs in hand-assembled bytes, one behaviour each. All end in HLT.
#include "tests/unit/target/i386/test-machine.h"

#include <gtest/gtest.h>

namespace i386 {
namespace {

TEST(CpuReset, StartsAtTheTopOfMemoryInRealMode) {
    TestMachine m("qemu64");
    EXPECT_EQ(m.cpu.s.regs[rip], 0xfff0u);
    EXPECT_EQ(m.cpu.s.seg[cs].base, 0xffff0000u);
    EXPECT_EQ(m.cpu.s.cr0, 0x60000010u);
    EXPECT_EQ(m.cpu.s.regs[rdx], 0x60fb1u);
    EXPECT_EQ(m.cpu.eflags(), 2u);
}

TEST(Flags, EveryCombinationSurvives) {
    CpuState s{};
    for (unsigned n = 0; n < 64; n++) {
        constexpr u32 flag[6] = {cf, pf, af, zf, sf, of};
        u32 f = 0;
        for (unsigned k = 0; k < 6; k++)
            f |= n >> k & 1 ? flag[k] : 0;
        set_oszapc(s, f);
        EXPECT_EQ(get_oszapc(s), f);
        EXPECT_EQ(get_less(s), bool(f & sf) != bool(f & of));
        set_cf(s, true);
        EXPECT_EQ(get_oszapc(s), f | cf);
        set_zf(s, false);
        EXPECT_EQ(get_oszapc(s), (f | cf) & ~u32(zf));
    }
}

TEST(Real, LoopsAndAdds) {
    TestMachine m;
    m.real_mode();
    // mov cx,10; xor ax,ax; l: add ax,cx; loop l; hlt
    m.put(0x1000, {0xb9, 10, 0, 0x31, 0xc0, 0x01, 0xc8, 0xe2, 0xfc, 0xf4});
    EXPECT_EQ(m.run(), Stop::halted);
    EXPECT_EQ(m.cpu.s.regs[rax] & 0xffff, 55u);
    EXPECT_EQ(m.cpu.s.regs[rip], 0x100au);
}

TEST(Real, InterruptPushesFlagsAndReturns) {
    TestMachine m;
    m.real_mode();
    m.poke<u16>(0x40 * 4, 0x1800);
    m.poke<u16>(0x40 * 4 + 2, 0);
    m.put(0x1000, {0xfb, 0xcd, 0x40, 0xf4});              // sti; int 40h; hlt
    m.put(0x1800, {0xb8, 0x34, 0x12, 0x9c, 0x5b, 0xcf});  // mov ax,1234h; pushf; pop bx; iret
    EXPECT_EQ(m.run(), Stop::halted);
    EXPECT_EQ(m.cpu.s.regs[rax] & 0xffff, 0x1234u);
    EXPECT_EQ(m.cpu.s.regs[rbx] & iflag, 0u) << "the gate cleared IF";
    EXPECT_TRUE(m.cpu.s.eflags & iflag);
    EXPECT_EQ(m.cpu.s.regs[rsp], 0x8000u);
}

TEST(Real, EntersProtectedMode) {
    TestMachine m;
    m.real_mode();
    // GDT: null, flat code, flat data
    m.poke<u64>(0x508, 0x00cf9b000000ffff);
    m.poke<u64>(0x510, 0x00cf93000000ffff);
    m.poke<u16>(0x4f0, 0x17);
    m.poke<u32>(0x4f2, 0x500);
    // lgdt [4f0h]; mov eax,cr0; or al,1; mov cr0,eax; jmp 8:1020h
    m.put(0x1000, {0x0f, 0x01, 0x16, 0xf0, 0x04, 0x0f, 0x20, 0xc0, 0x0c, 0x01, 0x0f, 0x22, 0xc0,
                   0xea, 0x20, 0x10, 0x08, 0x00});
    // mov ax,10h; mov ds,ax; mov ss,ax; mov eax,[1234h... store and load back; hlt
    m.put(0x1020, {0x66, 0xb8, 0x10, 0x00, 0x8e, 0xd8, 0x8e, 0xd0, 0xb8, 0x78, 0x56, 0x34, 0x12,
                   0xa3, 0x00, 0x00, 0x20, 0x00, 0x8b, 0x1d, 0x00, 0x00, 0x20, 0x00, 0xf4});
    EXPECT_EQ(m.run(), Stop::halted);
    EXPECT_EQ(m.cpu.s.regs[rbx], 0x12345678u);
    EXPECT_EQ(m.peek<u32>(0x200000), 0x12345678u);
    EXPECT_TRUE(m.cpu.s.mode & mode_code32);
}

TEST(Protected, DivideErrorComesThroughTheGate) {
    TestMachine m;
    m.protected_mode();
    m.interrupt_gate(0, 8, 0x1800);
    m.put(0x1000, {0x31, 0xdb, 0xf7, 0xf3, 0xf4});  // xor ebx,ebx; div ebx; hlt
    m.put(0x1800, {0x5a, 0xf4});                    // pop edx; hlt
    EXPECT_EQ(m.run(), Stop::halted);
    EXPECT_EQ(m.cpu.s.regs[rdx], 0x1002u) << "the pointer is at the division";
}

TEST(Protected, TripleFaultShutsDown) {
    TestMachine m;
    m.protected_mode();
    m.cpu.s.idt.limit = 0;
    m.put(0x1000, {0x0f, 0x0b});
    EXPECT_EQ(m.run(), Stop::shutdown);
}

TEST(Protected, UserCodeTrapsToRing0Stack) {
    TestMachine m;
    m.protected_mode();
    m.poke<u32>(0x604, 0x7000);  // ESP0
    m.poke<u16>(0x608, 0x10);    // SS0
    m.interrupt_gate(0x80, 8, 0x1800, 0xe, 3);
    // push 23h; push 6000h; pushf; push 1bh; push 1100h; iret
    m.put(0x1000, {0x6a, 0x23, 0x68, 0, 0x60, 0, 0, 0x9c, 0x6a, 0x1b, 0x68, 0, 0x11, 0, 0, 0xcf});
    m.put(0x1100, {0xcd, 0x80});  // int 80h
    m.put(0x1800, {0x8b, 0x04, 0x24, 0x8b, 0x5c, 0x24, 0x0c, 0xf4});
    EXPECT_EQ(m.run(), Stop::halted);
    EXPECT_EQ(m.cpu.s.regs[rax], 0x1102u);
    EXPECT_EQ(m.cpu.s.regs[rbx], 0x6000u);
    EXPECT_EQ(m.cpu.s.regs[rsp], 0x7000u - 20);
    EXPECT_EQ(m.cpu.cpl(), 0u);
}

TEST(Long, RunsAndAddressesByRip) {
    TestMachine m;
    m.long_mode();
    // mov rax,[rip+0x100-7-... ]; add rax,1; mov [rip..],rax; push rax; pop r9; hlt
    m.poke<u64>(0x1100, 0x1122334455667788);
    m.put(0x1000, {0x48, 0x8b, 0x05, 0xf9, 0, 0, 0,  // mov rax,[rip+0f9h] = 1100h
                   0x48, 0xff, 0xc0,                 // inc rax
                   0x50, 0x41, 0x59,                 // push rax; pop r9
                   0x4c, 0x89, 0x0d, 0xf4, 0, 0, 0,  // mov [rip+0f4h],r9 = 1108h
                   0xf4});
    EXPECT_EQ(m.run(), Stop::halted);
    EXPECT_EQ(m.peek<u64>(0x1108), 0x1122334455667789u);
    EXPECT_EQ(m.cpu.s.regs[r9], 0x1122334455667789u);
}

TEST(Long, PageFaultReportsAddressAndError) {
    TestMachine m;
    m.long_mode();
    m.long_gate(14, 0x30, 0x1800);
    m.put(0x1000,
          {0x48, 0xb8, 0, 0, 0, 0, 0x80, 0, 0, 0, 0x88, 0x18, 0xf4});  // mov [8000000000h],bl
    m.put(0x1800, {0x5b, 0x59, 0x0f, 0x20, 0xd2, 0xf4});  // pop rbx; pop rcx; mov rdx,cr2; hlt
    EXPECT_EQ(m.run(), Stop::halted);
    EXPECT_EQ(m.cpu.s.regs[rbx], 2u);
    EXPECT_EQ(m.cpu.s.regs[rcx], 0x100au);
    EXPECT_EQ(m.cpu.s.regs[rdx], 0x8000000000u);
}

TEST(Long, SyscallAndSysret) {
    TestMachine m;
    m.long_mode();
    m.cpu.s.msr.star = u64(0x08) << 32 | u64(0x1b - 8 + 3) << 48;
    m.cpu.s.msr.lstar = 0x1800;
    m.cpu.s.msr.fmask = 0x200;
    m.cpu.s.eflags |= iflag;
    m.put(0x1000, {0x0f, 0x05, 0xf4});
    m.put(0x1800, {0xf4});
    EXPECT_EQ(m.run(), Stop::halted);
    EXPECT_EQ(m.cpu.s.regs[rip], 0x1801u);
    EXPECT_EQ(m.cpu.s.regs[rcx], 0x1002u);
    EXPECT_EQ(m.cpu.s.regs[r11] & iflag, u64(iflag));
    EXPECT_FALSE(m.cpu.s.eflags & iflag);
}

TEST(SelfModifying, StoreIntoTheRunningBlockIsSeen) {
    TestMachine m;
    m.protected_mode();
    // mov byte [100bh],42h; nop x4; (100bh:) inc ecx=41h -> inc edx=42h; hlt
    m.put(0x1000, {0xc6, 0x05, 0x0b, 0x10, 0, 0, 0x42, 0x90, 0x90, 0x90, 0x90, 0x41, 0xf4});
    EXPECT_EQ(m.run(), Stop::halted);
    EXPECT_EQ(m.cpu.s.regs[rcx], 0u);
    EXPECT_EQ(m.cpu.s.regs[rdx] - m.cpu.model().signature, 1u);
}

TEST(SelfModifying, LoopPatchesItself) {
    TestMachine m;
    m.protected_mode();
    m.cpu.s.regs[rcx] = 5;
    // l: add eax, 1 (imm at 1002h); inc byte [1002h]; dec ecx; jnz l; hlt
    m.put(0x1000, {0x83, 0xc0, 0x01, 0xfe, 0x05, 0x02, 0x10, 0, 0, 0x49, 0x75, 0xf4, 0xf4});
    EXPECT_EQ(m.run(), Stop::halted);
    EXPECT_EQ(m.cpu.s.regs[rax], 1u + 2 + 3 + 4 + 5);
}

TEST(Interrupts, WaitForTheShadowOfSti) {
    TestMachine m;
    m.protected_mode();
    m.interrupt_gate(0x30, 8, 0x1800);
    m.bus.irq = 0x30;
    m.cpu.request(request_interrupt);
    m.put(0x1000, {0xfb, 0x40, 0x40, 0xf4});  // sti; inc eax; inc eax; hlt
    m.put(0x1800, {0x5b, 0xfa, 0xf4});        // pop ebx; cli; hlt
    EXPECT_EQ(m.run(), Stop::halted);
    // At least the instruction after STI has run.
    EXPECT_GE(m.cpu.s.regs[rbx], 0x1002u);
    EXPECT_EQ(m.cpu.s.regs[rip], 0x1803u);
}

TEST(Interrupts, AreTakenInAWindowOfTwoNops) {
    TestMachine m;
    m.protected_mode();
    m.interrupt_gate(0x30, 8, 0x1800);
    m.bus.irq = 0x30;
    m.cpu.request(request_interrupt);
    // sti; nop; nop; cli; inc eax; hlt
    m.put(0x1000, {0xfb, 0x90, 0x90, 0xfa, 0x40, 0xf4});
    m.put(0x1800, {0x5b, 0xfa, 0xf4});  // pop ebx; cli; hlt
    EXPECT_EQ(m.run(), Stop::halted);
    EXPECT_EQ(m.cpu.s.regs[rbx], 0x1002u);
    EXPECT_EQ(m.cpu.s.regs[rax], 0u);
}

TEST(SingleStep, TrapsAfterEachInstruction) {
    TestMachine m;
    m.protected_mode();
    m.interrupt_gate(1, 8, 0x1800);
    m.put(0x1000, {0x9c, 0x80, 0x4c, 0x24, 0x01, 0x01, 0x9d, 0x40, 0x40, 0xf4});
    // inc ebx; cmp ebx,3; je +1; iret; hlt
    m.put(0x1800, {0x43, 0x83, 0xfb, 0x03, 0x74, 0x01, 0xcf, 0xf4});
    EXPECT_EQ(m.run(), Stop::halted);
    // Two INCs, and HLT, which a trap wakes.
    EXPECT_EQ(m.cpu.s.regs[rbx], 3u);
    EXPECT_EQ(m.cpu.s.regs[rax], 2u);
    EXPECT_TRUE(m.cpu.s.dr[6] & 1 << 14);
}

TEST(Strings, RepeatedMoveAcrossPages) {
    TestMachine m;
    m.protected_mode();
    for (unsigned n = 0; n < 20000; n++)
        m.bus.ram[0x300000 + n] = u8(n * 7);
    m.cpu.s.regs[rsi] = 0x300003;
    m.cpu.s.regs[rdi] = 0x400011;
    m.cpu.s.regs[rcx] = 4000;
    m.put(0x1000, {0xf3, 0xa5, 0xf4});
    EXPECT_EQ(m.run(), Stop::halted);
    EXPECT_EQ(std::memcmp(m.bus.ram + 0x300003, m.bus.ram + 0x400011, 16000), 0);
    EXPECT_EQ(m.cpu.s.regs[rcx], 0u);
    EXPECT_EQ(m.cpu.s.regs[rsi], 0x300003u + 16000);
}

TEST(Devices, MemoryIsCalledInTheAccessSize) {
    TestMachine m;
    m.protected_mode();
    m.bus.device_value = 0x55;
    // mov eax,[f0000010h]; mov [f0000020h],ax; hlt
    m.put(0x1000, {0xa1, 0x10, 0, 0, 0xf0, 0x66, 0xa3, 0x20, 0, 0, 0xf0, 0xf4});
    EXPECT_EQ(m.run(), Stop::halted);
    EXPECT_EQ(m.bus.device_log, "r4@16 w2@32=85 ");
}

}  // namespace
}  // namespace i386
