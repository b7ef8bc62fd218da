// SPDX-License-Identifier: GPL-2.0-or-later
//
// 3DNow!: every instruction on numbers whose results the manuals name.
#include "tests/unit/target/i386/test-machine.h"

#include <gtest/gtest.h>
#include <bit>

namespace i386 {
namespace {

constexpr u64 pair(u32 low, u32 high) {
    return u64(high) << 32 | low;
}
constexpr u64 floats(float low, float high) {
    return pair(std::bit_cast<u32>(low), std::bit_cast<u32>(high));
}
constexpr u32 most = 0x7f7fffff;

/// mm1 = mm1 OP mm2, or OP memory.
u64 compute(unsigned suffix, u64 a, u64 b, bool memory = false) {
    TestMachine m;
    m.protected_mode();
    m.poke<u64>(0x300000, b);
    m.cpu.s.x87.reg[1].mantissa = a;
    m.cpu.s.x87.reg[2].mantissa = b;
    m.cpu.s.x87.status = 0x1800;  // TOP 3
    m.cpu.s.mxcsr = 0x7f80;       // another rounding: not for these
    if (memory)
        m.put(0x1000, {0x0f, 0x0f, 0x0d, 0, 0, 0x30, 0, suffix, 0xf4});
    else
        m.put(0x1000, {0x0f, 0x0f, 0xca, suffix, 0xf4});
    EXPECT_EQ(m.run(), Stop::halted);
    EXPECT_EQ(m.cpu.s.regs[rip], memory ? 0x1009u : 0x1005u);
    EXPECT_EQ(m.cpu.s.x87.status, 0u);
    EXPECT_EQ(m.cpu.s.x87.valid, 0xff);
    EXPECT_EQ(m.cpu.s.x87.reg[1].sign_exponent, 0xffff);
    return m.cpu.s.x87.reg[1].mantissa;
}

TEST(Amd3dnow, Computes) {
    const float huge = std::bit_cast<float>(most), tiny = std::bit_cast<float>(0x00800000u);
    const struct {
        unsigned suffix;
        u64 a, b, result;
    } cases[] = {
        {0x0c, 0, pair(0xffff8000, 0x12340007), floats(-32768, 7)},
        {0x0d, 0, pair(u32(-5), 0x7fffffff), floats(-5, 2147483520.0f)},  // truncated
        {0x1c, 0, floats(-1.9f, 40000), pair(u32(-1), 32767)},
        {0x1d, 0, floats(-1.9f, 3e9f), pair(u32(-1), 0x7fffffff)},
        {0x1d, 0, floats(2.5f, -3e9f), pair(2, 0x80000000)},
        {0x8a, floats(5, 3), floats(10, 4), floats(2, 6)},
        {0x8e, floats(5, 3), floats(10, 4), floats(2, 14)},
        {0xae, floats(5, 3), floats(10, 4), floats(8, 14)},
        {0x90, floats(1, 2), floats(1, 3), pair(~0u, 0)},
        {0x90, floats(0, -1), floats(-0.0f, 0), pair(~0u, 0)},
        {0xa0, floats(1, 4), floats(1, 3), pair(0, ~0u)},
        {0xb0, floats(1, 4), floats(1, 3), pair(~0u, 0)},
        {0x94, floats(1, -4), floats(2, 3), floats(1, -4)},
        {0xa4, floats(1, -4), floats(2, 3), floats(2, 3)},
        {0x96, 0, floats(4, 9), floats(0.25f, 0.25f)},
        {0x96, 0, floats(-0.0f, 9), pair(most | 0x80000000, most | 0x80000000)},
        {0x97, 0, floats(-16, 9), floats(-0.25f, -0.25f)},
        {0x9e, floats(1, 2), floats(3, 4), floats(4, 6)},
        {0x9e, floats(huge, -huge), floats(huge, -huge), pair(most, most | 0x80000000)},
        {0x9e, pair(1, 0x80000001), pair(2, 0x80000001), pair(0, 0x80000000)},  // denormals
        {0x9a, floats(1, 2), floats(3, 1), floats(-2, 1)},
        {0xaa, floats(1, 2), floats(3, 1), floats(2, -1)},
        {0xb4, floats(1.5f, tiny), floats(3, 0.5f), floats(4.5f, 0)},
        {0xa6, floats(1, 2), floats(3, 4), floats(3, 4)},
        {0xa7, floats(1, 2), floats(3, 4), floats(3, 4)},
        {0xb6, floats(1, 2), floats(3, 4), floats(3, 4)},
        {0xb7, 0x8000'7fff'0002'ffff, 0x8000'7fff'4000'0001, 0x4000'3fff'0001'0000},
        {0xbb, 0, pair(1, 2), pair(2, 1)},
        {0xbf, 0xff00010203040506, 0xff01010304060808, 0xff01010304050707},
    };
    for (const auto& c : cases)
        for (const bool memory : {false, true})
            EXPECT_EQ(compute(c.suffix, c.a, c.b, memory), c.result)
                << std::hex << "0F 0F ... " << c.suffix;
}

/// The sequence of the manual for a quotient's reciprocal and for one over a root.
TEST(Amd3dnow, RefinedEstimatesAreExact) {
    const u64 d = floats(3, 3);
    const u64 x0 = compute(0x96, 0, d);
    EXPECT_EQ(compute(0xb6, compute(0xa6, d, x0), x0), floats(1.0f / 3, 1.0f / 3));
    const u64 r0 = compute(0x97, 0, d);
    const u64 r2 = compute(0xa7, compute(0xb4, r0, r0), d);
    EXPECT_EQ(compute(0xb6, r2, r0), r0);
}

TEST(Amd3dnow, SuffixesAreTheModels) {
    const struct {
        const char* model;
        unsigned suffix;
        bool known;
    } cases[] = {{"max", 0xbb, true},           {"max", 0x9e, true},
                 {"max", 0x00, false},          {"max,-3dnowext", 0xbb, false},
                 {"max,-3dnowext", 0x9e, true}, {"Nehalem", 0x9e, false},
                 {"athlon", 0xbb, true}};
    for (const auto& c : cases) {
        TestMachine m(c.model);
        m.protected_mode();
        m.interrupt_gate(exc_ud, 8, 0x1800);
        m.put(0x1800, {0xf4});
        m.put(0x1000, {0x0f, 0x0f, 0xca, c.suffix, 0x0f, 0x0e, 0xf4});  // ...; femms; hlt
        EXPECT_EQ(m.run(), Stop::halted);
        EXPECT_EQ(m.cpu.s.regs[rip], c.known ? 0x1007u : 0x1801u) << c.model << " " << c.suffix;
        if (c.known) {
            EXPECT_EQ(m.cpu.s.x87.valid, 0) << "FEMMS empties the registers";
        }
    }
}

}  // namespace
}  // namespace i386
