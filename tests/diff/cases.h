// SPDX-License-Identifier: GPL-2.0-or-later
//
// Cases of a row that mean something: those whose bytes the decoder takes for the row, or whatever
// else they are, but for what is excluded.
#pragma once

#include "tests/diff/generator.h"

namespace diff {

class CaseSource {
public:
    CaseSource(const Layout& layout, bool compat, std::uint64_t seed);

    void reseed(std::uint64_t seed) { random_ = Random(seed); }
    struct Made {
        Case c;
        bool of_row;  ///< and not of another, or of none
    };
    Made next(std::uint16_t row);
    const i386::FeatureSet& features() const { return features_; }

private:
    unsigned decoded_row(const Case& c, i386::Insn& insn) const;

    Layout layout_;
    Options options_;
    Random random_;
    i386::FeatureSet features_;  ///< of the "max" processor, as the interpreter's
};

}  // namespace diff
