// SPDX-License-Identifier: GPL-2.0-or-later
//
// The other end of a card's cable, which remembers what came; and frames to send along it.
#pragma once

#include <array>
#include <cstdint>
#include <numeric>
#include <vector>

#include "net/net-client.h"

namespace hw::testing {

using Frame = std::vector<std::uint8_t>;

struct Wire final : net::Client {
    Wire() : Client("wire", "test") {}
    std::string info() const override { return {}; }
    void receive(std::span<const std::uint8_t> f) override { got.emplace_back(f.begin(), f.end()); }
    std::vector<Frame> got;
};

inline Frame frame_to(std::array<std::uint8_t, 6> to, std::size_t size) {
    Frame f(size);
    std::iota(f.begin(), f.end(), std::uint8_t{0});
    std::copy(to.begin(), to.end(), f.begin());
    return f;
}
inline constexpr std::array<std::uint8_t, 6> first_mac{0x52, 0x54, 0x00, 0x12, 0x34, 0x56},
    everyone{0xff, 0xff, 0xff, 0xff, 0xff, 0xff};

}  // namespace hw::testing
