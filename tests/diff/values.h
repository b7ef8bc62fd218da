// SPDX-License-Identifier: GPL-2.0-or-later
//
// Operand values worth trying.
#pragma once

#include "tests/diff/generator.h"

namespace diff {

std::uint64_t interesting_integer(Random& r);
/// A float of `bits` 32 or 64: zeroes, denormals, infinities, NaNs of both kinds, numbers near one,
/// near the ends of the range, integers and halves.
std::uint64_t interesting_float(Random& r, unsigned bits);
void random_vector(Random& r, std::uint8_t* out, std::size_t size);
void random_float80(Random& r, std::array<std::uint8_t, 10>& out);
/// MXCSR and the x87 part.
void random_fp_state(Random& r, CpuImage& image, bool unmasked);

}  // namespace diff
