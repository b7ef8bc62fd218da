// SPDX-License-Identifier: GPL-2.0-or-later
//
// What the differential tester leaves out, each with its reason.
#pragma once

#include "target/i386/cpuid.h"
#include "target/i386/decode/decode.h"
#include "tests/diff/state.h"

namespace diff {

/// Why a row is not tested at all, or null.
const char* why_not_tested(const i386::Row& row, const i386::FeatureSet& guest,
                           const i386::FeatureSet& host, bool compat);

/// True for a single case that means something else on the host.
bool excluded(const i386::Row& row, const i386::Insn& insn, const Case& c);

}  // namespace diff
