// SPDX-License-Identifier: GPL-2.0-or-later
//
// Results that are promised to be near the exact one, not to be any particular bits: with the
// emulator computing them, those that are near the host's count as the same.
#pragma once

#include "target/i386/decode/decode.h"
#include "tests/diff/state.h"

namespace diff {

/// Whether tolerated() has anything to say of the row.
bool is_tolerated(const i386::Row& row);
/// `ours` with what is as good as the host's replaced by the host's.
Outcome tolerated(const i386::Row& row, const Outcome& host, const Outcome& ours);
/// Whether the instruction's operands are out of the range for which it has a result.
bool without_result(const i386::Row& row, const Case& c);

}  // namespace diff
