// SPDX-License-Identifier: GPL-2.0-or-later
//
// Until the floating-point and vector tables are there: no such instructions, each is #UD.
#include "target/i386/decode/decode.h"

namespace i386 {

std::span<const Row> x87_rows() { return {}; }
std::span<const Row> sse_rows() { return {}; }
std::span<const Row> avx_rows() { return {}; }

}  // namespace i386
