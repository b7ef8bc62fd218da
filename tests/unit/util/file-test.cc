// SPDX-License-Identifier: GPL-2.0-or-later
#include "util/file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <thread>

namespace {

TEST(ReadFile, IsWholeAndBounded) {
    char name[] = "/tmp/read-file-XXXXXX";
    ::close(::mkstemp(name));
    EXPECT_EQ(*read_file(name, 0), std::vector<std::uint8_t>());
    const std::string text(200000, 'x');
    std::ofstream(name) << text;
    auto all = read_file(name, text.size());
    ASSERT_TRUE(all);
    EXPECT_EQ(std::string(all->begin(), all->end()), text);
    EXPECT_EQ(read_file(name, text.size() - 1).error().description(),
              "it has more than 199999 bytes");
    ::unlink(name);
    EXPECT_EQ(read_file(name, 10).error().description(), "No such file or directory");
    EXPECT_EQ(read_file("/tmp", 10).error().description(), "Is a directory");
}

TEST(ReadFile, TakesPipesAndFilesOfProc) {
    ASSERT_EQ(::mkfifo("/tmp/read-file-fifo", 0600), 0);
    const std::string text(300000, 'y');
    std::thread writer([&] { std::ofstream("/tmp/read-file-fifo") << text; });
    auto all = read_file("/tmp/read-file-fifo", 1 << 20);
    writer.join();
    ::unlink("/tmp/read-file-fifo");
    ASSERT_TRUE(all);
    EXPECT_EQ(all->size(), text.size());
    EXPECT_FALSE(read_file("/dev/zero", 1 << 20));
    EXPECT_GT(read_file("/proc/self/maps", 1 << 20)->size(), 100u);
}

}  // namespace
