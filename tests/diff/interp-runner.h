// SPDX-License-Identifier: GPL-2.0-or-later
//
// Runs the same cases on the emulator: a 64-bit guest whose kernel halts on every exception. A case
// starts at CPL 3 with the trap flag set, so the engine, the exception's delivery through the IDT
// and the page tables all take part.
#pragma once

#include "tests/diff/state.h"

#include <memory>

namespace diff {

class InterpRunner {
public:
    explicit InterpRunner(const Layout& layout);
    ~InterpRunner();
    void run(const Case& c, Outcome& outcome);

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace diff
