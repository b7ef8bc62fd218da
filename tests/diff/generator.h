// SPDX-License-Identifier: GPL-2.0-or-later
//
// Random cases from the decoder's rows: the encoding says which bytes, the operand letters which
// registers and memory must hold something sensible.
#pragma once

#include "target/i386/decode/table.h"
#include "tests/diff/state.h"

namespace diff {

/// xoshiro-like in spirit, splitmix64 in fact: small, seedable, the same everywhere.
class Random {
public:
    explicit Random(std::uint64_t seed) : state_(seed) {}
    std::uint64_t next() {
        std::uint64_t z = state_ += 0x9E3779B97F4A7C15U;
        z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9U;
        z = (z ^ z >> 27) * 0x94D049BB133111EBU;
        return z ^ z >> 31;
    }
    std::uint64_t below(std::uint64_t n) { return next() % n; }
    bool one_in(unsigned n) { return below(n) == 0; }

private:
    std::uint64_t state_;
};

struct Options {
    bool compat = true;  ///< 32-bit code too
    bool fp_unmasked = true;
};

/// A case whose first byte sequence is meant for `row`. The caller decodes it to see whether
/// another row took it.
Case generate(const i386::Row& row, const i386::ParsedRow& parsed, const Layout& layout,
              Random& random, const Options& options);

}  // namespace diff
