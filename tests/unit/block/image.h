// SPDX-License-Identifier: GPL-2.0-or-later
//
// Image files and patterns for the tests of block nodes.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <numeric>
#include <string>
#include <vector>

namespace block::testing {

class Image {
public:
    explicit Image(std::uint64_t size) {
        const int fd = mkstemp(name_);
        EXPECT_EQ(ftruncate(fd, static_cast<off_t>(size)), 0);
        close(fd);
    }
    Image(const Image&) = delete;
    ~Image() { unlink(name_); }
    std::string name() const { return name_; }

private:
    char name_[32] = "/tmp/block-test-XXXXXX";
};

inline std::vector<std::uint8_t> pattern(std::size_t n, std::uint8_t first = 1) {
    std::vector<std::uint8_t> v(n);
    std::iota(v.begin(), v.end(), first);
    return v;
}

}  // namespace block::testing
