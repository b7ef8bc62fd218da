// SPDX-License-Identifier: GPL-2.0-or-later
//
// Tells where two outcomes of a case differ in what the architecture defines.
#pragma once

#include "target/i386/decode/decode.h"
#include "tests/diff/state.h"

#include <string>

namespace diff {

/// Empty when they agree; else one line for each difference, the first the host's.
std::string differences(const Case& c, const i386::Row& row, const Outcome& host,
                        const Outcome& ours);
/// The instruction in assembler, or nothing where there is no disassembler.
std::string disassemble(const Case& c, const Layout& layout);
/// The case as text: bytes, disassembly where capstone is there, the state that matters.
std::string describe(const Case& c, const Layout& layout);

}  // namespace diff
