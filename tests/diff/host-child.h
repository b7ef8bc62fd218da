// SPDX-License-Identifier: GPL-2.0-or-later
//
// The child's side of the host runner, and the memory it shares with the parent.
#pragma once

#include "tests/diff/host-runner.h"
#include "tests/diff/state.h"

#include <array>
#include <atomic>
#include <cstdint>

namespace diff {

struct Shared {
    std::uint32_t count;
    std::atomic<std::uint32_t> next;  ///< the case being run
    std::array<Case, HostRunner::batch> cases;
    std::array<Outcome, HostRunner::batch> outcomes;
};

/// Serves batches: reads a byte, runs cases from `next` on, writes a byte. Never returns.
[[noreturn]] void child_main(Shared& shared, const Layout& layout, int socket);

}  // namespace diff
