// SPDX-License-Identifier: GPL-2.0-or-later
//
// What the comparison with the host leaves out of x87, MMX, SSE and AVX: control bits, pending
// errors, state images, and the borrowing of the host's registers itself.
#include "target/i386/decode/table.h"
#include "tests/unit/target/i386/test-machine.h"

#include <gtest/gtest.h>

namespace i386 {
namespace {

constexpr u64 data = 0x4000;

class FloatingPoint : public ::testing::Test {
protected:
    FloatingPoint() {
        m.protected_mode();
        for (unsigned v = 0; v < 32; v++) {
            m.interrupt_gate(v, 8, 0x1800 + v * 16);
            m.put(0x1800 + v * 16, {0xf4});
        }
        m.cpu.s.cr0 |= cr0_ne | cr0_mp;
        m.cpu.s.cr4 |= cr4_osfxsr | cr4_osxmmexcpt | cr4_osxsave;
        m.cpu.s.xcr0 = 7;
        m.cpu.s.regs[rsi] = data;
        m.cpu.update_mode();
    }
    /// Runs from 1000h to a HLT; the vector whose handler that was in, or -1.
    int run(std::initializer_list<unsigned> code) {
        m.cpu.s.regs[rip] = 0x1000;
        m.cpu.s.halted = false;
        m.put(0x1000, code);
        m.pages.written(nullptr, m.bus.ram + 0x1000, 256);
        m.cpu.update_mode();
        EXPECT_EQ(m.run(), Stop::halted);
        const u64 at = m.cpu.s.regs[rip];
        return at >= 0x1800 && at < 0x1a00 ? int((at - 0x1801) / 16) : -1;
    }
    u32 fault_ip() { return m.peek<u32>(u32(m.cpu.s.regs[rsp])); }

    TestMachine m;
};

TEST_F(FloatingPoint, EveryRowHasSomethingThatRunsIt) {
    const auto before = integer_rows().size() + system_rows().size();
    for (std::size_t row = before; row < rows().size(); row++) {
        const ParsedRow& p = DecodeTable::get().parsed(u16(row));
        if (std::string_view(rows()[row].mnemonic) == "3DNOW") continue;  // by its last byte
        for (const bool memory : {false, true}) {
            if (p.memory == !memory) continue;
            Insn i{};
            i.row = u16(row);
            i.memory = memory;
            i.vex = p.vex;
            i.vex256 = p.l == 1;
            i.address_log2 = 3;
            // The registers of a gather differ.
            i.index = 2;
            i.vvvv = rows()[row].attributes & vsib ? 1 : 0;
            EXPECT_TRUE(rows()[row].bind(i, mode_pe | mode_osfxsr)) << rows()[row].mnemonic;
        }
    }
}

TEST_F(FloatingPoint, StackIsInTheStateWhenTheCpuStops) {
    // fninit; fld1; fldpi; hlt
    EXPECT_EQ(run({0xdb, 0xe3, 0xd9, 0xe8, 0xd9, 0xeb, 0xf4}), -1);
    EXPECT_EQ(m.cpu.s.x87.status >> 11 & 7, 6u);
    EXPECT_EQ(m.cpu.s.x87.valid, 0xc0);
    EXPECT_EQ(m.cpu.s.x87.reg[7].mantissa, u64(1) << 63);
    EXPECT_EQ(m.cpu.s.x87.reg[7].sign_exponent, 0x3fff);
    EXPECT_EQ(m.cpu.s.x87.reg[6].mantissa, 0xc90fdaa22168c235u);
}

TEST_F(FloatingPoint, StackOutlivesAPortWrite) {
    // fninit; fld1; out 80h,al; fld1; faddp; fstp dword [esi]; hlt
    EXPECT_EQ(run({0xdb, 0xe3, 0xd9, 0xe8, 0xe6, 0x80, 0xd9, 0xe8, 0xde, 0xc1, 0xd9, 0x1e, 0xf4}),
              -1);
    EXPECT_EQ(m.peek<float>(data), 2.0f);
    EXPECT_EQ(m.cpu.s.x87.valid, 0);
}

TEST_F(FloatingPoint, RoundingModeIsTheGuestsOnlyWhileItRuns) {
    // MXCSR rounds up: 1 + 2^-30 becomes the next float. ldmxcsr [esi]; movss xmm0,[esi+4];
    // addss xmm0,[esi+8]; out 80h,al; addss xmm0,[esi+8]; stmxcsr [esi+12]; hlt
    m.poke<u32>(data, 0x5f80);
    m.poke<float>(data + 4, 1.0f);
    m.poke<float>(data + 8, 0x1p-30f);
    EXPECT_EQ(run({0x0f, 0xae, 0x16, 0xf3, 0x0f, 0x10, 0x46, 4,    0xf3, 0x0f, 0x58, 0x46, 8,
                   0xe6, 0x80, 0xf3, 0x0f, 0x58, 0x46, 8,    0x0f, 0xae, 0x5e, 12,   0xf4}),
              -1);
    EXPECT_EQ(u32(m.cpu.s.vec[0].q[0]), 0x3f800002u);
    EXPECT_EQ(m.peek<u32>(data + 12), 0x5fa0u) << "PE is set";
    volatile float one = 1.0f, small = 0x1p-30f;
    EXPECT_EQ(one + small, 1.0f) << "the host rounds to nearest again";
}

TEST_F(FloatingPoint, UnmaskedErrorWaitsForTheNextWaitingInstruction) {
    // fninit; fldcw [esi] (ZM clear); fld1; fldz; fdivp; fnstsw ax; nop; fld1
    m.poke<u16>(data, 0x37b);
    EXPECT_EQ(run({0xdb, 0xe3, 0xd9, 0x2e, 0xd9, 0xe8, 0xd9, 0xee, 0xde, 0xf9, 0xdf, 0xe0, 0x90,
                   0xd9, 0xe8, 0xf4}),
              exc_mf);
    EXPECT_EQ(fault_ip(), 0x100du);
    EXPECT_EQ(m.cpu.s.regs[rax] & 0x80ff, 0x8084u) << "ZE, ES and B";
    EXPECT_EQ(m.cpu.s.x87.valid, 0xc0) << "the operands are still there";
}

TEST_F(FloatingPoint, ErrorGoesOutOnFerrWithoutNe) {
    m.cpu.s.cr0 &= ~u64(cr0_ne);
    m.poke<u16>(data, 0x37b);
    // ...; fdivp; fld1; hlt
    EXPECT_EQ(run({0xdb, 0xe3, 0xd9, 0x2e, 0xd9, 0xe8, 0xd9, 0xee, 0xde, 0xf9, 0xd9, 0xe8, 0xf4}),
              -1);
    EXPECT_GE(m.bus.ferr_count, 1u);
    EXPECT_EQ(m.cpu.s.x87.control, 0x37b);
    EXPECT_EQ(m.cpu.s.x87.status & 0x80ff, 0x8084) << "still pending";
    EXPECT_EQ(m.cpu.s.x87.valid, 0xe0) << "FLD1 was executed";
}

TEST_F(FloatingPoint, ControlBitsDecideBetweenNmAndUd) {
    struct Case {
        const char* what;
        u64 cr0, without_cr4;
        std::initializer_list<unsigned> code;
        int vector;
    };
    const Case cases[] = {
        {"x87 with TS", cr0_ts, 0, {0xd9, 0xe8, 0xf4}, exc_nm},
        {"x87 with EM", cr0_em, 0, {0xd9, 0xe8, 0xf4}, exc_nm},
        {"FWAIT with TS and MP", cr0_ts, 0, {0x9b, 0xf4}, exc_nm},
        {"FWAIT with EM", cr0_em, 0, {0x9b, 0xf4}, -1},
        {"MMX with TS", cr0_ts, 0, {0x0f, 0xfc, 0xc1, 0xf4}, exc_nm},
        {"MMX with EM", cr0_em, 0, {0x0f, 0xfc, 0xc1, 0xf4}, exc_ud},
        {"SSE with TS", cr0_ts, 0, {0x0f, 0x58, 0xc1, 0xf4}, exc_nm},
        {"SSE with EM", cr0_em, 0, {0x0f, 0x58, 0xc1, 0xf4}, exc_ud},
        {"SSE without OSFXSR", 0, cr4_osfxsr, {0x0f, 0x58, 0xc1, 0xf4}, exc_ud},
        {"AVX with TS", cr0_ts, 0, {0xc5, 0xf4, 0x58, 0xc2, 0xf4}, exc_nm},
        {"AVX without OSXSAVE", 0, cr4_osxsave, {0xc5, 0xf4, 0x58, 0xc2, 0xf4}, exc_ud},
        {"XSAVE without OSXSAVE", 0, cr4_osxsave, {0x0f, 0xae, 0x26, 0xf4}, exc_ud},
        {"FXSAVE with TS", cr0_ts, 0, {0x0f, 0xae, 0x06, 0xf4}, exc_nm},
    };
    const u64 cr0 = m.cpu.s.cr0, cr4 = m.cpu.s.cr4;
    for (const Case& c : cases) {
        m.cpu.s.cr0 = cr0 | c.cr0;
        m.cpu.s.cr4 = cr4 & ~c.without_cr4;
        EXPECT_EQ(run(c.code), c.vector) << c.what;
    }
}

TEST_F(FloatingPoint, AvxNeedsItsStateInXcr0) {
    m.cpu.s.xcr0 = 3;
    EXPECT_EQ(run({0xc5, 0xf4, 0x58, 0xc2, 0xf4}), exc_ud);
}

TEST_F(FloatingPoint, UnmaskedSimdExceptionChangesNothingButFlags) {
    // ldmxcsr [esi] (ZM clear); movups xmm0,[esi+16]; xorps xmm1,xmm1; divps xmm0,xmm1
    m.poke<u32>(data, 0x1d80);
    for (unsigned n = 0; n < 4; n++)
        m.poke<float>(data + 16 + n * 4, 1.0f);
    const auto code = {0x0fu, 0xaeu, 0x16u, 0x0fu, 0x10u, 0x46u, 0x10u,
                       0x0fu, 0x57u, 0xc9u, 0x0fu, 0x5eu, 0xc1u, 0xf4u};
    EXPECT_EQ(run(code), exc_xm);
    EXPECT_EQ(fault_ip(), 0x100au);
    EXPECT_EQ(m.cpu.s.vec[0].q[0], 0x3f8000003f800000u);
    EXPECT_EQ(m.cpu.s.mxcsr, 0x1d84u);
    m.cpu.s.cr4 &= ~u64(cr4_osxmmexcpt);
    EXPECT_EQ(run(code), exc_ud);
}

TEST_F(FloatingPoint, MmxTakesTheWholeStackAndEmmsGivesItBack) {
    // fninit; fld1; paddb mm0,mm1; hlt
    EXPECT_EQ(run({0xdb, 0xe3, 0xd9, 0xe8, 0x0f, 0xfc, 0xc1, 0xf4}), -1);
    EXPECT_EQ(m.cpu.s.x87.valid, 0xff);
    EXPECT_EQ(m.cpu.s.x87.status >> 11 & 7, 0);
    EXPECT_EQ(m.cpu.s.x87.reg[0].sign_exponent, 0xffff);
    EXPECT_EQ(run({0x0f, 0x77, 0xf4}), -1);
    EXPECT_EQ(m.cpu.s.x87.valid, 0);
}

TEST_F(FloatingPoint, EnvironmentHasFourFormats) {
    // fninit; fld1; fld dword [esi+100h] (at 1004h); fnstenv [esi]; hlt
    EXPECT_EQ(run({0xdb, 0xe3, 0xd9, 0xe8, 0xd9, 0x86, 0, 1, 0, 0, 0xd9, 0x36, 0xf4}), -1);
    EXPECT_EQ(m.peek<u32>(data), 0xffff037fu);
    EXPECT_EQ(m.peek<u32>(data + 4), 0xffff3000u);
    EXPECT_EQ(m.peek<u32>(data + 8), 0xffff1fffu) << "R7 valid, R6 zero";
    EXPECT_EQ(m.peek<u32>(data + 12), 0x1004u);
    EXPECT_EQ(m.peek<u16>(data + 16), 8);
    EXPECT_EQ(m.peek<u32>(data + 20), data + 0x100);
    EXPECT_EQ(m.peek<u16>(data + 24), 0x10);
    // The same in 16 bits: 66 d9 36
    EXPECT_EQ(run({0x66, 0xd9, 0x36, 0xf4}), -1);
    EXPECT_EQ(m.peek<u16>(data + 4), 0x1fff);
    EXPECT_EQ(m.peek<u16>(data + 6), 0x1004);
    EXPECT_EQ(m.peek<u16>(data + 8), 8);
    EXPECT_EQ(m.peek<u16>(data + 10), data + 0x100);
    EXPECT_EQ(m.peek<u16>(data + 12), 0x10);
    // And back: a state written by one format is the state again.
    EXPECT_EQ(run({0xdb, 0xe3, 0x66, 0xd9, 0x26, 0xf4}), -1);
    EXPECT_EQ(m.cpu.s.x87.status >> 11 & 7, 6);
    EXPECT_EQ(m.cpu.s.x87.valid, 0xc0);
    EXPECT_EQ(m.cpu.s.x87.ip, 0x1004u);
}

TEST_F(FloatingPoint, FxsaveAndFxrstorAreInverse) {
    // fninit; fld1; fldpi; fxsave [esi]; fninit; fxrstor [esi]; hlt
    EXPECT_EQ(run({0xdb, 0xe3, 0xd9, 0xe8, 0xd9, 0xeb, 0x0f, 0xae, 0x06, 0xdb, 0xe3, 0x0f, 0xae,
                   0x0e, 0xf4}),
              -1);
    EXPECT_EQ(m.peek<u16>(data + 4), 0xc0) << "one bit for each register that is not empty";
    EXPECT_EQ(m.peek<u64>(data + 32), 0xc90fdaa22168c235u) << "ST(0) first";
    EXPECT_EQ(m.peek<u32>(data + 24), 0x1f80u);
    EXPECT_EQ(m.cpu.s.x87.valid, 0xc0);
    EXPECT_EQ(m.cpu.s.x87.reg[6].mantissa, 0xc90fdaa22168c235u);
    // fxsave [esi+8]: not aligned.
    EXPECT_EQ(run({0x0f, 0xae, 0x46, 8, 0xf4}), exc_gp);
}

TEST_F(FloatingPoint, XrstorInitializesWhatIsNotPresent) {
    m.cpu.s.vec[0].q = {1, 2, 3, 4};
    m.cpu.s.regs[rax] = 7;
    m.cpu.s.regs[rdx] = 0;
    std::memset(m.bus.ram + data, 0, 1024);
    m.poke<u32>(data + 24, 0x1f80);
    m.poke<u64>(data + 512, 4);  // only AVX is there
    m.poke<u64>(data + 576, 0x5555);
    EXPECT_EQ(run({0xdb, 0xe3, 0xd9, 0xe8, 0x0f, 0xae, 0x2e, 0xf4}), -1);
    EXPECT_EQ(m.cpu.s.vec[0].q, (std::array<u64, 4>{0, 0, 0x5555, 0}));
    EXPECT_EQ(m.cpu.s.x87.valid, 0) << "FLD1 is undone";
    // A bit in XSTATE_BV that XCR0 has not, and a header byte that must be zero.
    m.poke<u64>(data + 512, 8);
    EXPECT_EQ(run({0x0f, 0xae, 0x2e, 0xf4}), exc_gp);
    m.poke<u64>(data + 512, 4);
    m.poke<u64>(data + 520, 1);
    EXPECT_EQ(run({0x0f, 0xae, 0x2e, 0xf4}), exc_gp);
}

TEST_F(FloatingPoint, StoreToAReadOnlyPlaceLeavesTheStackAlone) {
    // FS: a segment that may not be written, descriptor 40h. fninit; fld1; fstp dword fs:[0]
    m.poke<u64>(0x540, 0x00cf91000000ffff);
    m.cpu.s.gdt.limit = 0x47;
    // mov ax,40h; mov fs,ax; fninit; fld1; fstp dword fs:[esi]
    EXPECT_EQ(
        run({0x66, 0xb8, 0x40, 0, 0x8e, 0xe0, 0xdb, 0xe3, 0xd9, 0xe8, 0x64, 0xd9, 0x1e, 0xf4}),
        exc_gp);
    EXPECT_EQ(m.cpu.s.x87.valid, 0x80);
}

}  // namespace
}  // namespace i386
