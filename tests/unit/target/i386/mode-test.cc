// SPDX-License-Identifier: GPL-2.0-or-later
//
// What an instruction may do by the mode it runs in: UMIP, compatibility mode, SMM out of long
// mode; global pages and process-context identifiers.
#include "tests/unit/target/i386/test-machine.h"

#include <gtest/gtest.h>

namespace i386 {
namespace {

enum class In { real, kernel, user, vm86 };

/// One instruction, and the vector of the fault it raises, or -1.
int fault_of(In mode, bool umip, std::initializer_list<unsigned> code) {
    TestMachine m;
    if (mode == In::real) {
        m.real_mode();
        for (const unsigned v : {unsigned(exc_ud), unsigned(exc_gp)})
            m.poke<u32>(v * 4, 0x1800 + v * 16);
    } else {
        m.protected_mode();
        m.poke<u32>(0x604, 0x7000);
        m.poke<u16>(0x608, 0x10);
    }
    for (const unsigned v : {unsigned(exc_ud), unsigned(exc_gp)}) {
        m.interrupt_gate(v, 8, 0x1800 + v * 16);
        m.put(0x1800 + v * 16, {0xf4});
    }
    if (umip) m.cpu.set_cr4(m.cpu.s.cr4 | cr4_umip);
    m.put(0x1000, code);
    m.put(0x1000 + code.size(), {0x0f, 0x0b});  // ud2
    if (mode == In::user) {
        m.cpu.set_segment(cs, {0x1b, 0xffffffff, 0, 0x00cffb00});
        for (const Seg n : {ds, es, ss})
            m.cpu.set_segment(n, {0x23, 0xffffffff, 0, 0x00cff300});
        m.cpu.set_cpl(3);
    }
    if (mode == In::vm86) {
        m.cpu.s.eflags |= vm;
        m.cpu.set_cpl(3);
        for (const Seg n : {cs, ds, es, ss})
            m.cpu.load_real_segment(n, 0);
    }
    m.cpu.update_mode();
    EXPECT_EQ(m.run(), Stop::halted);
    const int vector = int((m.cpu.s.regs[rip] - 0x1801) / 16);
    // The frame's instruction pointer tells the test's own UD2 from the instruction.
    const u64 sp = m.cpu.s.regs[rsp] + (mode != In::real && vector == exc_gp ? 4 : 0);
    const u64 at = mode == In::real ? m.peek<u16>(sp) : m.peek<u32>(sp);
    if (at == 0x1000) return vector;
    EXPECT_EQ(at, 0x1000 + code.size());
    EXPECT_EQ(vector, exc_ud);
    return -1;
}

TEST(Umip, KeepsUserCodeFromWhatTheSystemKeeps) {
    struct {
        const char* name;
        std::initializer_list<unsigned> code16, code32;
        bool protected_only;
    } const instructions[] = {
        {"SGDT", {0x0f, 0x01, 0x06, 0, 0x30}, {0x0f, 0x01, 0x05, 0, 0x30, 0, 0}, false},
        {"SIDT", {0x0f, 0x01, 0x0e, 0, 0x30}, {0x0f, 0x01, 0x0d, 0, 0x30, 0, 0}, false},
        {"SMSW", {0x0f, 0x01, 0xe0}, {0x0f, 0x01, 0xe0}, false},
        {"SMSW to memory", {0x0f, 0x01, 0x26, 0, 0x30}, {0x0f, 0x01, 0x25, 0, 0x30, 0, 0}, false},
        {"SLDT", {0x0f, 0x00, 0xc0}, {0x0f, 0x00, 0xc0}, true},
        {"STR", {0x0f, 0x00, 0xc8}, {0x0f, 0x00, 0xc8}, true},
    };
    for (const auto& i : instructions)
        for (const bool umip : {false, true}) {
            SCOPED_TRACE(fmt::format("{}, UMIP {}", i.name, umip));
            EXPECT_EQ(fault_of(In::kernel, umip, i.code32), -1);
            EXPECT_EQ(fault_of(In::user, umip, i.code32), umip ? int(exc_gp) : -1);
            EXPECT_EQ(fault_of(In::real, umip, i.code16), i.protected_only ? int(exc_ud) : -1);
            EXPECT_EQ(fault_of(In::vm86, umip, i.code16), i.protected_only ? int(exc_ud)
                                                          : umip           ? int(exc_gp)
                                                                           : -1);
        }
    TestMachine without("qemu64");
    EXPECT_THROW(without.cpu.set_cr4(cr4_umip), Fault);
}

/// Long mode, in a 32-bit code segment.
struct CompatibilityMode : TestMachine {
    CompatibilityMode() {
        long_mode();
        cpu.set_segment(cs, {8, 0xffffffff, 0, 0x00cf9b00});
        cpu.update_mode();
    }
};

TEST(Compatibility, CodeIsThirtyTwoBitsWide) {
    CompatibilityMode m;
    m.cpu.s.regs[rax] = 0xffffffff;
    m.cpu.s.regs[rbx] = 0xffffffff00003000;  // what is above 32 bits does not count
    m.poke<u32>(0x3004, 0x12345678);
    // inc eax (REX in 64-bit code); mov ecx,[ebx+4]; jmp far 30h:1100h
    m.put(0x1000, {0x40, 0x8b, 0x4b, 0x04, 0xea, 0, 0x11, 0, 0, 0x30, 0});
    m.put(0x1100, {0x48, 0xff, 0xc8, 0xf4});  // dec rax
    EXPECT_EQ(m.run(), Stop::halted);
    EXPECT_TRUE(m.cpu.code64());
    EXPECT_EQ(m.cpu.s.regs[rcx], 0x12345678u);
    EXPECT_EQ(m.cpu.s.regs[rax], ~u64(0));
}

TEST(Compatibility, AddressesWrapAndLimitsCount) {
    CompatibilityMode m;
    m.long_gate(exc_ss, 0x30, 0x1800);
    m.put(0x1800, {0xf4});
    m.poke<u32>(0x10, 0xabcd);
    m.cpu.set_segment(ss, {0x10, 0xffff, 0, 0x00409300});
    m.cpu.update_mode();
    m.cpu.s.regs[rax] = 0xfffffff0;
    // mov ecx,[eax+20h]; mov edx,ss:[20000h]
    m.put(0x1000, {0x8b, 0x48, 0x20, 0x36, 0x8b, 0x15, 0, 0, 2, 0});
    EXPECT_EQ(m.run(), Stop::halted);
    EXPECT_EQ(m.cpu.s.regs[rcx], 0xabcdu);
    EXPECT_EQ(m.cpu.s.regs[rip], 0x1801u) << "beyond the stack segment's limit";
}

TEST(Compatibility, InterruptsPushAWholeFrame) {
    CompatibilityMode m;
    m.long_gate(0x21, 0x30, 0x1800);
    m.put(0x1800, {0xf4});
    m.put(0x1000, {0xcd, 0x21});
    m.cpu.s.regs[rsp] = 0x8004;
    EXPECT_EQ(m.run(), Stop::halted);
    EXPECT_TRUE(m.cpu.code64());
    const u64 frame = m.cpu.s.regs[rsp];
    EXPECT_EQ(frame, 0x8000u - 40) << "aligned to 16 bytes first";
    EXPECT_EQ(m.peek<u64>(frame), 0x1002u);
    EXPECT_EQ(m.peek<u64>(frame + 8), 8u);
    EXPECT_EQ(m.peek<u64>(frame + 24), 0x8004u);
    EXPECT_EQ(m.peek<u64>(frame + 32), 0x10u) << "SS, although it did not change";
}

TEST(Compatibility, SyscallEntersByCstar) {
    CompatibilityMode m;
    m.cpu.s.msr.star = u64(0x30) << 32;
    m.cpu.s.msr.lstar = 0x1200;
    m.cpu.s.msr.cstar = 0x1300;
    m.put(0x1000, {0x0f, 0x05});
    m.put(0x1200, {0xf4});
    m.put(0x1300, {0xf4});
    EXPECT_EQ(m.run(), Stop::halted);
    EXPECT_EQ(m.cpu.s.regs[rip], 0x1301u);
    EXPECT_TRUE(m.cpu.code64());
}

TEST(Smm, FromLongModeAndBack) {
    TestMachine m;
    m.long_mode();
    m.cpu.s.regs[r15] = 0xfedcba9876543210;
    m.put(0x1000, {0x90, 0xf4});
    // mov eax,cr0; mov [cs:9000h],eax; rsm
    m.put(0x38000, {0x0f, 0x20, 0xc0, 0x66, 0x2e, 0xa3, 0x00, 0x90, 0x0f, 0xaa});
    m.cpu.request(request_smi);
    EXPECT_EQ(m.run(), Stop::halted);
    EXPECT_EQ(m.peek<u32>(0x39000) & u32(cr0_pg | cr0_pe), 0u) << "neither paging nor protection";
    EXPECT_TRUE(m.cpu.code64());
    EXPECT_EQ(m.cpu.s.regs[r15], 0xfedcba9876543210);
    EXPECT_EQ(m.cpu.s.cr3, 0x100000u);
    EXPECT_EQ(m.cpu.s.regs[rip], 0x1002u);
}

TEST(Smm, HoldsNmisBack) {
    TestMachine m;
    m.long_mode();
    m.long_gate(exc_nmi, 0x30, 0x1800);
    m.put(0x1800, {0xf4});
    m.put(0x1000, {0x90, 0xf4});
    m.put(0x38000, {0x90, 0x90, 0x0f, 0xaa});
    m.cpu.request(request_smi | request_nmi);
    EXPECT_EQ(m.run(), Stop::halted);
    EXPECT_EQ(m.cpu.s.regs[rip], 0x1801u);
    EXPECT_EQ(m.peek<u64>(m.cpu.s.regs[rsp]), 0x1000u) << "after RSM, before the next instruction";
}

/// Long mode with a page at 400000h by an entry of its own, which a test changes without flushing.
struct OnePage : TestMachine {
    static constexpr u64 page = 0x400000, entry = 0x103000;

    explicit OnePage(const char* model = "max") : TestMachine(model) {
        long_mode();
        poke<u64>(0x102010, entry | 7);
        poke<u8>(0x500000, 1);
        poke<u8>(0x501000, 2);
    }
    void map(u64 to, u64 bits) { poke<u64>(entry, to | 7 | bits); }
    unsigned seen() { return cpu.load_at<u8>(page); }
};

TEST(GlobalPages, StayUntilTheyAreFlushedByName) {
    for (const bool pge : {false, true})
        for (const bool global : {false, true}) {
            OnePage m;
            if (pge) m.cpu.set_cr4(m.cpu.s.cr4 | cr4_pge);
            m.map(0x500000, global ? 0x100 : 0);
            EXPECT_EQ(m.seen(), 1u);
            m.map(0x501000, 0x100);
            m.cpu.set_cr3(m.cpu.s.cr3);
            EXPECT_EQ(m.seen(), pge && global ? 1u : 2u) << pge << global;
            m.cpu.flush_page(m.page);
            EXPECT_EQ(m.seen(), 2u) << "INVLPG takes global ones, too";
        }
    OnePage m;
    m.cpu.set_cr4(m.cpu.s.cr4 | cr4_pge);
    m.map(0x500000, 0x100);
    EXPECT_EQ(m.seen(), 1u);
    m.map(0x501000, 0x100);
    m.cpu.set_cr4(m.cpu.s.cr4 & ~u64(cr4_pge));
    EXPECT_EQ(m.seen(), 2u) << "a change of CR4.PGE flushes all";
}

TEST(Pcid, IsForLongModeAndStartsWithZero) {
    OnePage without;
    EXPECT_THROW(without.cpu.set_cr4(without.cpu.s.cr4 | cr4_pcide), Fault) << "not the model's";
    OnePage m("max,+pcid");
    m.cpu.s.cr3 |= 5;
    EXPECT_THROW(m.cpu.set_cr4(m.cpu.s.cr4 | cr4_pcide), Fault) << "CR3[11:0] is not 0";
    m.cpu.s.cr3 &= ~u64(0xfff);
    m.cpu.set_cr4(m.cpu.s.cr4 | cr4_pcide);
    m.cpu.set_cr3(m.cpu.s.cr3 | 5 | u64(1) << 63);
    EXPECT_EQ(m.cpu.s.cr3, 0x100005u) << "bit 63 asks for something and is not kept";
    EXPECT_THROW(m.cpu.set_cr3(m.cpu.s.cr3 | u64(1) << 62), Fault);
    TestMachine legacy("max,+pcid");
    legacy.protected_mode();
    EXPECT_THROW(legacy.cpu.set_cr4(cr4_pae | cr4_pcide), Fault);
}

TEST(Pcid, InvpcidChecksItsDescriptor) {
    struct {
        u64 type, pcid, address;
        bool fine;
    } const cases[] = {{0, 5, 0x400000, true},
                       {0, 5, u64(1) << 62, false},
                       {0, 0x1000, 0x400000, false},
                       {1, 5, u64(1) << 62, true},
                       {1, 0x1000, 0, false},
                       {2, 0x1000, u64(1) << 62, true},
                       {3, 0, 0, true},
                       {4, 0, 0, false}};
    for (const auto& c : cases) {
        OnePage m("max,+pcid,+invpcid");
        m.long_gate(exc_gp, 0x30, 0x1800);
        m.put(0x1800, {0xf4});
        m.put(0x1000, {0x66, 0x0f, 0x38, 0x82, 0x03, 0xf4});  // invpcid rax,[rbx]
        m.map(0x500000, 0);
        EXPECT_EQ(m.seen(), 1u);
        m.map(0x501000, 0);
        m.poke<u64>(0x3000, c.pcid);
        m.poke<u64>(0x3008, c.address);
        m.cpu.s.regs[rax] = c.type;
        m.cpu.s.regs[rbx] = 0x3000;
        EXPECT_EQ(m.run(), Stop::halted);
        EXPECT_EQ(m.cpu.s.regs[rip], c.fine ? 0x1006u : 0x1801u) << c.type << " " << c.pcid;
        if (c.fine) {
            EXPECT_EQ(m.seen(), 2u);
        }
    }
}

}  // namespace
}  // namespace i386
