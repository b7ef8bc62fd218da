// SPDX-License-Identifier: GPL-2.0-or-later
#include "util/blob.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <thread>

namespace {

using Bytes = Blob::Bytes;

/// A file of `size` bytes, each the low byte of its offset; gone at the end.
class TemporaryFile {
public:
    explicit TemporaryFile(std::size_t size) {
        ::close(::mkstemp(name_));
        std::ofstream out(name_);
        for (std::size_t i = 0; i < size; i++)
            out.put(static_cast<char>(i));
    }
    ~TemporaryFile() { ::unlink(name_); }
    const char* name() const { return name_; }

private:
    char name_[20] = "/tmp/blob-XXXXXX";
};

TEST(Blob, ReadsSlicesOfAFileAndOfMemoryAlike) {
    const TemporaryFile file(1000);
    const auto from_file = Blob::open(file.name(), 1000);
    ASSERT_TRUE(from_file);
    for (const Blob& blob : {*from_file, Blob(*from_file->read_all())}) {
        EXPECT_EQ(blob.size(), 1000u);
        const Blob part = blob.slice(100, 50).slice(10);
        EXPECT_EQ(part.size(), 40u);
        Bytes three(3);
        ASSERT_TRUE(part.read(37, three));
        EXPECT_EQ(three, (Bytes{147, 148, 149}));
        EXPECT_FALSE(part.read(38, three));
        EXPECT_FALSE(part.read(SIZE_MAX, three));
        EXPECT_TRUE(blob.slice(1000).empty());
        EXPECT_TRUE(blob.slice(2000, 5).empty());
    }
}

TEST(Blob, SaysWhyAFileCannotBeHad) {
    const TemporaryFile file(11);
    EXPECT_EQ(Blob::open(file.name(), 10).error().description(), "it has more than 10 bytes");
    EXPECT_EQ(Blob::open("/tmp", 10).error().description(), "Is a directory");
    EXPECT_EQ(Blob::open("/nowhere", 10).error().description(), "No such file or directory");
}

TEST(Blob, OutlivesTheNameAndNoticesAShorterFile) {
    const TemporaryFile file(100);
    const auto blob = Blob::open(file.name(), 100);
    ASSERT_TRUE(blob);
    std::filesystem::resize_file(file.name(), 60);
    Bytes ten(10);
    EXPECT_TRUE(blob->read(50, ten));
    EXPECT_EQ(blob->read(55, ten).error().description(),
              "the file has become shorter: it ends at byte 60");
    std::filesystem::remove(file.name());
    EXPECT_TRUE(blob->read(0, ten));
}

TEST(Blob, TakesAPipeWhole) {
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    std::thread writer([&] {
        const std::string text(100000, 'x');
        EXPECT_EQ(::write(ends[1], text.data(), text.size()), 100000);
        ::close(ends[1]);
    });
    const auto blob = Blob::open("/dev/fd/" + std::to_string(ends[0]), 1 << 20);
    writer.join();
    ::close(ends[0]);
    ASSERT_TRUE(blob);
    EXPECT_EQ(blob->size(), 100000u);
    EXPECT_EQ(blob->read_all()->back(), 'x');
}

}  // namespace
