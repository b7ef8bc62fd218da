// SPDX-License-Identifier: GPL-2.0-or-later
#include "util/cutils.h"

#include <gtest/gtest.h>

TEST(Cutils, IntegersTakeEveryBaseAndTheWholeText) {
    EXPECT_EQ(parse_int64("42"), 42);
    EXPECT_EQ(parse_int64(" -0x10"), -16);
    EXPECT_EQ(parse_int64("010"), 8);
    EXPECT_EQ(parse_int64("-9223372036854775808"), INT64_MIN);
    EXPECT_EQ(parse_int64("9223372036854775808"), std::nullopt);
    EXPECT_EQ(parse_uint64("0xffffffffffffffff"), UINT64_MAX);
    EXPECT_EQ(parse_uint64("-1"), UINT64_MAX);
    for (const char* bad : {"", "x", "1x", "0x", "09", "-", "+-1", "18446744073709551616"}) {
        EXPECT_EQ(parse_uint64(bad), std::nullopt) << bad;
    }
}

TEST(Cutils, SizesTakeSuffixesAndFractions) {
    EXPECT_EQ(parse_size("512"), 512u);
    EXPECT_EQ(parse_size("1k"), 1024u);
    EXPECT_EQ(parse_size("1.5G"), 1536u << 20);
    EXPECT_EQ(parse_size("0x1000"), 4096u);
    EXPECT_EQ(parse_size("7E"), 7ull << 60);
    EXPECT_EQ(parse_size("128", 1 << 20), 128u << 20);
    EXPECT_EQ(parse_size("128b", 1 << 20), 128u);
    EXPECT_EQ(parse_size("1.", 1), 1u);
    for (const char* bad :
         {"", "-1", "G", "1GG", "1.5", "16E", "0x1k", "1e3", "18446744073709551616"}) {
        EXPECT_EQ(parse_size(bad), std::nullopt) << bad;
    }
}

TEST(Cutils, SwitchesAndFractions) {
    EXPECT_EQ(parse_bool("on"), true);
    EXPECT_EQ(parse_bool("n"), false);
    EXPECT_EQ(parse_bool("ON"), std::nullopt);
    EXPECT_EQ(parse_double("-2.5e1"), -25.0);
    EXPECT_EQ(parse_double("inf"), std::nullopt);
    EXPECT_EQ(parse_double("1 "), std::nullopt);
}

TEST(Cutils, SizesForAPerson) {
    EXPECT_EQ(size_to_string(512), "512 B");
    EXPECT_EQ(size_to_string(128 << 20), "128 MiB");
    EXPECT_EQ(size_to_string(1536u << 20), "1.5 GiB");
}
