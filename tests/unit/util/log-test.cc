// SPDX-License-Identifier: GPL-2.0-or-later
#include "util/log.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

namespace {

struct LogTest : testing::Test {
    LogTest() { path = testing::TempDir() + "log-test-" + std::to_string(getpid()); }
    ~LogTest() override { std::filesystem::remove(path); }
    std::string written() const {
        std::stringstream text;
        text << std::ifstream(path).rdbuf();
        return text.str();
    }
    std::string path;
};

TEST_F(LogTest, WritesOnlyWhatIsOn) {
    Log log;
    ASSERT_TRUE(log.set_file(path));
    ASSERT_TRUE(log.set_items("int,guest_errors"));
    log.print(LogItem::cpu, "no {}\n", 1);
    log.print(LogItem::interrupts, "yes {}\n", 2);
    log.guest_error("odd {:#x}\n", 16);
    log.unimplemented("no\n");
    EXPECT_EQ(written(), "yes 2\nodd 0x10\n");
}

TEST_F(LogTest, UnknownItemIsRefused) {
    Log log;
    auto result = log.set_items("int,nosuch");
    ASSERT_FALSE(result);
    EXPECT_NE(result.error().description().find("nosuch"), std::string::npos);
    EXPECT_FALSE(log.on(LogItem::interrupts));
}

TEST_F(LogTest, AGuestCannotFillTheDisk) {
    Log log;
    ASSERT_TRUE(log.set_file(path));
    ASSERT_TRUE(log.set_items("guest_errors"));
    for (int i = 0; i < 100'000; i++)
        log.guest_error("again\n");
    EXPECT_LT(written().size(), 20'000u);
}

}  // namespace
