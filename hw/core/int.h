// SPDX-License-Identifier: GPL-2.0-or-later
//
// Short names for the integers that register models are made of.
#pragma once

#include <cstdint>

namespace hw {

using u8 = std::uint8_t;
using u16 = std::uint16_t;
using u32 = std::uint32_t;
using u64 = std::uint64_t;
using i32 = std::int32_t;
using i64 = std::int64_t;

/// a * b / c without overflow in between: ticks from nanoseconds and back.
constexpr u64 muldiv(u64 a, u64 b, u64 c) {
    return static_cast<u64>(static_cast<unsigned __int128>(a) * b / c);
}

}  // namespace hw
