// SPDX-License-Identifier: GPL-2.0-or-later
//
// Numbers and rounding of the processor that does not borrow the host's units.
#include "target/i386/fp/portable/arithmetic.h"
#include "target/i386/fp/portable/round.h"

#include <gtest/gtest.h>
#include <bit>
#include <cmath>

namespace i386::fp {
namespace {

Number single(float f) {
    return unpack(single_format, std::bit_cast<u32>(f));
}
float value(const Number& n) {
    return std::bit_cast<float>(u32(pack(single_format, n)));
}

TEST(Numbers, EveryHalfIsItselfAgain) {
    for (u32 h = 0; h < 0x10000; h++)
        EXPECT_EQ(pack(half_format, unpack(half_format, h)), h);
}

TEST(Numbers, AreWhatTheyWereInAWiderFormat) {
    for (u32 h = 0; h < 0x10000; h++) {
        const Number n = unpack(half_format, h);
        if (n.nan()) continue;
        EXPECT_EQ(compare(n, unpack(double_format, pack(double_format, n))), 0) << h;
        EXPECT_EQ(compare(n, unpack(pack80(n))), 0) << h;
    }
}

TEST(Numbers, EncodingsWithoutMeaningAreKnown) {
    EXPECT_EQ(unpack(Float80{1, 0x3FFF}).kind, Kind::unsupported) << "an unnormal";
    EXPECT_EQ(unpack(Float80{1, 0x7FFF}).kind, Kind::unsupported) << "a pseudo-NaN";
    EXPECT_EQ(unpack(Float80{0, 0x7FFF}).kind, Kind::unsupported) << "a pseudo-infinity";
    const Number pseudo_denormal = unpack(Float80{u64(1) << 63, 0});
    EXPECT_TRUE(pseudo_denormal.denormal);
    EXPECT_EQ(compare(pseudo_denormal, unpack(Float80{u64(1) << 63, 1})), 0);
}

TEST(Rounding, AThirdInFourWaysAndThreeWidths) {
    struct Expected {
        int precision;
        u64 down, up;
        bool nearest_is_up;
    };
    for (const Expected& x : {Expected{24, 0xAAAAAA0000000000, 0xAAAAAB0000000000, true},
                              {53, 0xAAAAAAAAAAAAA800, 0xAAAAAAAAAAAAB000, false},
                              {64, 0xAAAAAAAAAAAAAAAA, 0xAAAAAAAAAAAAAAAB, true}}) {
        const Format f{x.precision, -16382, 16383};
        for (const bool sign : {false, true})
            for (const Rounding r :
                 {Rounding::nearest, Rounding::down, Rounding::up, Rounding::zero}) {
                Environment env;
                env.rounding = r;
                const Number third = divide(number_of(sign ? -1 : 1), number_of(3), f, env);
                const bool up = r == Rounding::nearest ? x.nearest_is_up
                                : r == Rounding::up    ? !sign
                                                       : r == Rounding::down && sign;
                EXPECT_EQ(third.mantissa, up ? x.up : x.down);
                EXPECT_EQ(third.sign, sign);
                EXPECT_EQ(env.raised, precision);
                EXPECT_EQ(env.up, up);
            }
    }
}

TEST(Rounding, TiesGoToEven) {
    Environment env;
    EXPECT_EQ(value(add(single(0x1p24f), single(1), single_format, env)), 0x1p24f);
    EXPECT_EQ(value(add(single(0x1p24f + 2), single(1), single_format, env)), 0x1p24f + 4);
}

TEST(Rounding, TinyIsWhatIsTinyAfterRounding) {
    // (1 - 2^-24) * 2^-126 becomes 2^-126 with 24 bits; (1 - 2^-23) * 2^-126 is a denormal.
    const Number least = single(0x1p-126f);
    Environment env;
    EXPECT_EQ(value(round({false, -127, ~u64(0), 0}, single_format, env)), 0x1p-126f);
    EXPECT_EQ(env.raised, precision);
    env = {};
    const Number half = multiply(least, single(0.75f), single_format, env);
    EXPECT_EQ(value(half), 0x1.8p-127f);
    EXPECT_EQ(env.raised, 0) << "exact";
    env.masks &= u8(~underflow);
    multiply(least, single(0.75f), single_format, env);
    EXPECT_EQ(env.raised, underflow) << "tiny is enough where it is not masked";
    env = {.ftz = true};
    EXPECT_EQ(value(multiply(least, single(-0.75f), single_format, env)), 0);
    EXPECT_EQ(env.raised, underflow | precision);
}

TEST(Rounding, OverflowIsInfinityOrTheLargestNumber) {
    const Number most = single(0x1.fffffep127f);
    for (const Rounding r : {Rounding::nearest, Rounding::down, Rounding::up, Rounding::zero}) {
        Environment env;
        env.rounding = r;
        const Number n = add(most, most, single_format, env);
        const bool infinite = r == Rounding::nearest || r == Rounding::up;
        EXPECT_EQ(n.kind, infinite ? Kind::infinity : Kind::finite);
        EXPECT_EQ(env.raised, overflow | precision);
    }
}

TEST(Rounding, UnmaskedX87ResultsAreScaled) {
    const Number most{Kind::finite, false, false, 16383, u64(1) << 63};
    Environment env{.masks = 0, .x87 = true};
    const Number n = multiply(most, most, extended_format, env);
    EXPECT_EQ(env.raised, overflow);
    EXPECT_EQ(n.exponent, 2 * 16383 - 24576);
}

TEST(Rounding, IntegersThatDoNotFitAreIndefinite) {
    Environment env;
    EXPECT_EQ(round_to_integer(single(-0x1p31f), 32, env).value, -0x80000000LL);
    EXPECT_EQ(env.raised, 0);
    EXPECT_FALSE(round_to_integer(single(0x1p31f), 32, env).fits);
    EXPECT_EQ(env.raised, invalid);
    env = {};
    EXPECT_EQ(round_to_integer(single(2.5f), 16, env).value, 2);
    EXPECT_EQ(round_to_integer(single(-3.5f), 16, env).value, -4);
    EXPECT_EQ(env.raised, precision);
}

TEST(Nans, AreChosenByTheUnitsOwnRules) {
    const Number small = unpack(single_format, 0x7FC00001),
                 large = unpack(single_format, 0xFFC00002),
                 signaling = unpack(single_format, 0x7FBFFFFF);
    Environment sse;
    EXPECT_EQ(pack(single_format, add(small, large, single_format, sse)), 0x7FC00001u)
        << "the first";
    EXPECT_EQ(sse.raised, 0);
    EXPECT_EQ(pack(single_format, add(signaling, large, single_format, sse)), 0x7FFFFFFFu);
    EXPECT_EQ(sse.raised, invalid);
    Environment x87{.x87 = true};
    EXPECT_EQ(pack(single_format, add(small, large, single_format, x87)), 0xFFC00002u)
        << "the larger significand";
    EXPECT_EQ(pack(single_format, add(signaling, small, single_format, x87)), 0x7FC00001u)
        << "the quiet one";
}

TEST(FusedMultiplyAdd, RoundsOnce) {
    // (1 + 2^-12)^2 - (1 + 2^-11) is 2^-24, which rounding the product loses.
    Environment env;
    const Number a = single(1 + 0x1p-12f), c = single(-(1 + 0x1p-11f));
    EXPECT_EQ(value(multiply_add(a, a, c, false, single_format, env)), 0x1p-24f);
    EXPECT_EQ(env.raised, 0);
    EXPECT_EQ(value(multiply_add(a, a, negated(c), true, single_format, env)), -0x1p-24f);
}

}  // namespace
}  // namespace i386::fp
