// SPDX-License-Identifier: GPL-2.0-or-later
//
// An ISA bus on a fake platform, with lines that are only watched.
#pragma once

#include <array>
#include <memory>

#include "hw/core/reset.h"
#include "hw/isa/isa-bus.h"
#include "tests/unit/hw/core/fake-platform.h"

namespace hw::testing {

/// Remembers the level of the lines that end here, and counts their rising edges.
struct Lines {
    std::array<int, 64> level{}, edges{};
    void set(int n, int up) {
        if (up && !level[size_t(n)]) edges[size_t(n)]++;
        level[size_t(n)] = up;
    }
    IrqIn in(int n) { return irq_in<&Lines::set>(*this, n); }
};

struct IsaFixture : FakePlatform {
    Lines irq;
    IsaBus bus{nullptr, *memory_root, *io_root};

    IsaFixture() {
        std::array<IrqIn, IsaBus::irq_count> lines;
        for (int i = 0; i < int(lines.size()); i++)
            lines[size_t(i)] = irq.in(i);
        bus.connect_irqs(lines);
    }

    /// Plugs and resets; a failure is the test's.
    template <class D>
    D& plug(std::unique_ptr<D> device) {
        auto plugged = bus.plug(std::move(device), platform);
        if (!plugged) throw std::runtime_error(plugged.error().description());
        (*plugged)->hold_reset();
        (*plugged)->leave_reset();
        return static_cast<D&>(**plugged);
    }
};

}  // namespace hw::testing
