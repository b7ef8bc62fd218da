// SPDX-License-Identifier: GPL-2.0-or-later
//
// What people see of a processor: page tables, disassembly, the log. And MONITOR and MWAIT.
#include "tests/unit/target/i386/test-machine.h"

#include "target/i386/disassemble.h"
#include "target/i386/page-table-text.h"
#include "util/log.h"

#include <gtest/gtest.h>
#include <unistd.h>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace i386 {
namespace {

ReadPhysical reader(TestMachine& m) {
    return [&m](u64 address, std::span<u8> out) {
        if (address > m.bus.ram_size || out.size() > m.bus.ram_size - address) return false;
        std::memcpy(out.data(), m.bus.ram + address, out.size());
        return true;
    };
}

TEST(PageTables, AreOffWithoutPaging) {
    TestMachine m;
    m.real_mode();
    EXPECT_EQ(tlb_text(m.cpu.s, reader(m)), "PG disabled\n");
    EXPECT_EQ(mem_text(m.cpu.s, reader(m)), "PG disabled\n");
}

TEST(PageTables, OfLongMode) {
    TestMachine m;
    m.long_mode();
    std::memset(m.bus.ram + 0x102000, 0, 4096);
    m.poke<u64>(0x102000, 0xe7);                // 2 MiB at 0, user, writable, dirty
    m.poke<u64>(0x102008, 0x103007);            // small pages at 2 MiB
    m.poke<u64>(0x103000, 0x8000000000005121);  // global, no execute, read-only
    m.poke<u64>(0x103008, 0x0000000000006123);
    m.poke<u64>(0x100ff8, 0x101007);  // the same again at the top
    EXPECT_EQ(tlb_text(m.cpu.s, reader(m)),
              "0000000000000000: 0000000000000000 --PDA--UW\n"
              "0000000000200000: 0000000000005000 XG--A----\n"
              "0000000000201000: 0000000000006000 -G--A---W\n"
              "ffffff8000000000: 0000000000000000 --PDA--UW\n"
              "ffffff8000200000: 0000000000005000 XG--A----\n"
              "ffffff8000201000: 0000000000006000 -G--A---W\n");
    EXPECT_EQ(mem_text(m.cpu.s, reader(m)),
              "0000000000000000-0000000000200000 0000000000200000 urw\n"
              "0000000000200000-0000000000201000 0000000000001000 -r-\n"
              "0000000000201000-0000000000202000 0000000000001000 -rw\n"
              "ffffff8000000000-ffffff8000200000 0000000000200000 urw\n"
              "ffffff8000200000-ffffff8000201000 0000000000001000 -r-\n"
              "ffffff8000201000-ffffff8000202000 0000000000001000 -rw\n");
}

TEST(PageTables, Of32Bits) {
    TestMachine m;
    m.protected_mode();
    m.cpu.s.cr0 |= cr0_pg;
    m.cpu.s.cr3 = 0x100000;
    m.poke<u32>(0x100000, 0x101007);
    m.poke<u32>(0x101004, 0x5067);
    m.poke<u32>(0x100ffc, 0x00c00083);
    EXPECT_EQ(tlb_text(m.cpu.s, reader(m)), "0000000000001000: 0000000000005000 ---DA--UW\n")
        << "without PSE the last entry is a table, and there is none";
    m.cpu.s.cr4 |= cr4_pse;
    EXPECT_EQ(mem_text(m.cpu.s, reader(m)),
              "0000000000001000-0000000000002000 0000000000001000 urw\n"
              "00000000ffc00000-0000000100000000 0000000000400000 -rw\n");
}

TEST(PageTables, ThatNameThemselvesAreCutShort) {
    TestMachine m;
    m.long_mode();
    for (u64 n = 0; n < 512; n++)
        m.poke<u64>(0x100000 + n * 8, 0x100003);
    const std::string text = mem_text(m.cpu.s, reader(m));
    EXPECT_TRUE(text.ends_with("(the tables go on)\n"));
}

TEST(Disassembly, ShowsAddressBytesAndInstruction) {
    if (!can_disassemble()) GTEST_SKIP() << "built without capstone";
    const u8 bytes[] = {0x48, 0xb8, 1, 2, 3, 4, 5, 6, 7, 8, 0x90};
    std::span<const u8> code(bytes);
    EXPECT_EQ(disassembly_line(code, 0x1000, 64),
              "0x00001000:  48 b8 01 02 03 04 05 06  movabsq  $0x807060504030201, %rax\n"
              "0x00001008:  07 08 \n");
    EXPECT_EQ(code.size(), 1u);
    EXPECT_EQ(disassembly_line(code, 0x100a, 64),
              "0x0000100a:  90                       nop      \n");
    const u8 bad[] = {0x06, 0x90};  // PUSH ES is none in 64-bit code
    code = bad;
    EXPECT_EQ(disassembly_line(code, 0, 64),
              "0x00000000:  06                       .byte    0x06\n");
    EXPECT_EQ(code.size(), 1u);
}

/// A log in a file that goes away.
struct TestLog {
    std::string name = ::testing::TempDir() + "cpu-log-" + std::to_string(getpid());
    Log log;
    explicit TestLog(std::string_view items) {
        EXPECT_TRUE(log.set_items(items));
        EXPECT_TRUE(log.set_file(name));
    }
    ~TestLog() { std::filesystem::remove(name); }
    std::string text() {
        EXPECT_TRUE(log.set_file(""));
        std::ostringstream out;
        out << std::ifstream(name).rdbuf();
        return out.str();
    }
};

std::size_t count(const std::string& text, std::string_view what) {
    std::size_t n = 0;
    for (auto at = text.find(what); at != text.npos; at = text.find(what, at + 1))
        n++;
    return n;
}

TEST(CpuLog, TellsOfEveryBlock) {
    TestLog log("exec,cpu,in_asm");
    TestMachine m;
    m.cpu.set_log(log.log);
    m.real_mode();
    // mov cx,3; l: loop l; hlt
    m.put(0x1000, {0xb9, 3, 0, 0xe2, 0xfe, 0xf4});
    EXPECT_EQ(m.run(), Stop::halted);
    const std::string text = log.text();
    EXPECT_EQ(count(text, "Trace 0: "), 4u) << text;
    EXPECT_EQ(count(text, "EIP="), 4u);
    EXPECT_EQ(count(text, "IN: "), 3u);
    if (can_disassemble()) {
        EXPECT_NE(text.find("0x00001000:  b9 03 00                 movw     $3, %cx"), text.npos)
            << text;
    }
}

TEST(CpuLog, TellsWhatTheGuestDoesWrong) {
    TestLog log("guest_errors");
    TestMachine m;
    m.long_mode();
    m.cpu.set_log(log.log);
    m.poke<u64>(0x102010, 0x403087);  // a large page with an address bit too many
    m.cpu.s.regs[rcx] = 0xc0000080;
    m.cpu.s.regs[rax] = 2;
    m.cpu.s.regs[rdx] = 0;
    m.put(0x1000, {0x0f, 0x30});  // wrmsr
    EXPECT_THROW((void)m.cpu.load_at<u8>(0x400000), Fault);
    m.cpu.s.idt.limit = 0;
    EXPECT_EQ(m.run(), Stop::shutdown);
    EXPECT_EQ(log.text(),
              "cpu 0: reserved bits in the page tables, for 0x400000\n"
              "cpu 0: WRMSR 0xc0000080 with 0x2 at 0x1000 is a fault\n"
              "cpu 0: triple fault at 0030:1000\n");
}

TEST(CpuLog, TellsOfInterruptsAndPaging) {
    TestLog log("int,mmu,unimp");
    TestMachine m;
    m.cpu.set_log(log.log);
    m.real_mode();
    m.poke<u16>(0x40 * 4, 0x1800);
    m.poke<u16>(0x40 * 4 + 2, 0);
    // int 40h; hlt. mov eax,cr4; mov cr4,eax; mov ecx,7777h; rdmsr; iret
    m.put(0x1000, {0xcd, 0x40, 0xf4});
    m.put(0x1800,
          {0x0f, 0x20, 0xe0, 0x0f, 0x22, 0xe0, 0x66, 0xb9, 0x77, 0x77, 0, 0, 0x0f, 0x32, 0xcf});
    EXPECT_EQ(m.run(), Stop::halted);
    const std::string text = log.text();
    EXPECT_NE(text.find("v=40 e=0000 i=1 cpl=0 IP=0000:0000000000001002"), text.npos) << text;
    EXPECT_NE(text.find("CR4 update: CR4=00000000"), text.npos);
    EXPECT_NE(text.find("RDMSR of 0x7777"), text.npos);
}

struct Mwait : ::testing::Test {
    TestMachine m;
    Mwait() {
        m.real_mode();
        // mov ax,3000h; xor ecx,ecx; xor edx,edx; monitor; mov [2000h],al (or nops); mwait; hlt
        m.put(0x1000, {0xb8, 0x00, 0x30, 0x66, 0x31, 0xc9, 0x66, 0x31, 0xd2, 0x0f, 0x01, 0xc8, 0x90,
                       0x90, 0x90, 0x0f, 0x01, 0xc9, 0xf4});
    }
};

TEST_F(Mwait, Waits) {
    EXPECT_EQ(m.run(), Stop::waiting);
    EXPECT_FALSE(m.cpu.line_written());
    m.bus.ram[0x303f] = 1;
    EXPECT_TRUE(m.cpu.line_written());
    EXPECT_EQ(m.run(), Stop::halted);
    EXPECT_EQ(m.cpu.s.regs[rip], 0x1013u);
}

TEST_F(Mwait, DoesNotWaitForWhatHappenedBefore) {
    m.put(0x100c, {0xa2, 0x20, 0x30});  // mov [3020h],al: al is 0
    m.bus.ram[0x3020] = 7;
    EXPECT_EQ(m.run(), Stop::halted);
}

TEST_F(Mwait, GoesOnAfterAnythingElse) {
    EXPECT_EQ(m.run(), Stop::waiting);
    m.cpu.request(request_exit);
    EXPECT_EQ(m.run(), Stop::requested);
    EXPECT_FALSE(m.cpu.s.halted) << "for whoever loads this state, the wait is over";
    EXPECT_EQ(m.run(), Stop::halted);
}

}  // namespace
}  // namespace i386
