// SPDX-License-Identifier: GPL-2.0-or-later
//
// Runs single instructions on the host CPU, in a child process that may crash.
//
// The child lives inside one signal handler. A signal frame holds the whole user-visible machine,
// so writing the next case into the frame and returning loads every register at once (CS too,
// which is how 32-bit code is reached), and the trap flag brings control back after exactly one
// instruction, with the result in the next frame. A case costs one trip through the kernel.
#pragma once

#include "target/i386/cpuid.h"
#include "tests/diff/state.h"
#include "util/result.h"

#include <memory>
#include <span>
#include <string>

namespace diff {

class HostRunner {
public:
    /// Fails, with the reason to skip, where the host is not x86-64 or denies what is needed.
    static Result<std::unique_ptr<HostRunner>> create();
    ~HostRunner();

    /// What the host CPU has, in the emulator's feature words.
    static i386::FeatureSet features();
    const Layout& layout() const;
    /// True if 32-bit code segments work here.
    bool has_compat() const;
    /// Most cases that `run` takes at once.
    static constexpr std::size_t batch = 256;
    void run(std::span<const Case> cases, std::span<Outcome> outcomes);

private:
    struct Impl;
    explicit HostRunner(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace diff
