// SPDX-License-Identifier: GPL-2.0-or-later
//
// CodeLinks: which links between blocks, and cached addresses of blocks, still hold.
#pragma once

#include "target/i386/cpu-state.h"

namespace i386 {

class CodeLinks {
public:
    /// What links are made in: of global pages, which outlive a change of CR3 (odd numbers), or of
    /// others (even).
    u64 generation(bool global) const { return generations_[global]; }
    bool current(u64 generation) const { return generation == generations_[generation & 1]; }
    /// Those of pages that are not global.
    void forget_local() { generations_[0] += 2; }
    void forget() {
        generations_[0] += 2;
        generations_[1] += 2;
        pages_.fill(0);
    }
    void note(u64 linear) { pages_[slot(linear) / 64] |= u64(1) << (slot(linear) % 64); }
    /// Whether a link may lead to the page: false is certain.
    bool leads_to(u64 linear) const { return pages_[slot(linear) / 64] >> (slot(linear) % 64) & 1; }

private:
    static unsigned slot(u64 linear) { return unsigned(linear >> 12) & 4095; }
    std::array<u64, 2> generations_{2, 3};
    std::array<u64, 64> pages_{};
};

}  // namespace i386
