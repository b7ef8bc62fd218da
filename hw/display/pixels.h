// SPDX-License-Identifier: GPL-2.0-or-later
//
// Pixels as frame buffers hold them, each drawn as 0x00RRGGBB.
#pragma once

#include <cstdint>

namespace hw {

using DrawPixels = void (*)(std::uint32_t* out, unsigned pixels, const std::uint8_t* bytes,
                            bool big_endian);

void draw_15(std::uint32_t* out, unsigned pixels, const std::uint8_t* bytes, bool big_endian);
void draw_16(std::uint32_t* out, unsigned pixels, const std::uint8_t* bytes, bool big_endian);
void draw_24(std::uint32_t* out, unsigned pixels, const std::uint8_t* bytes, bool big_endian);
void draw_32(std::uint32_t* out, unsigned pixels, const std::uint8_t* bytes, bool big_endian);

}  // namespace hw
