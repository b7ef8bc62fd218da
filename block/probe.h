// SPDX-License-Identifier: GPL-2.0-or-later
//
// What kind of image the first bytes of a file look like.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace block {

/// As much of a file as guess_format() looks at.
inline constexpr std::size_t probe_size = 2048;

/// "qcow2", "vmdk" ...; "raw" when nothing else matches.
std::string_view guess_format(std::span<const std::uint8_t> start);

}  // namespace block
