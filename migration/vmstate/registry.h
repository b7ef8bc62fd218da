// SPDX-License-Identifier: GPL-2.0-or-later
//
// Where owners of saved state sign in. The order of signing in is the order of sections in a
// stream, so it is part of the wire format. migration/savevm implements it; a unit test may pass
// its own.
#pragma once

#include <cstdint>
#include <string>

#include "migration/vmstate/owner.h"

namespace vmstate {

/// Sections of higher priority are written (and loaded) before the others (QEMU 7.2: bridges and
/// IOMMUs before what hangs on them).
enum class Priority : std::uint8_t { Default, Iommu, PciBus, VirtioMem, Gicv3Its, Gicv3 };

class Registry {
public:
    static constexpr int next_instance = -1;

    virtual ~Registry() = default;
    /// `path` is the device's place on its bus ("0000:00:01.1"), empty for none; the section's
    /// idstr is PATH/NAME. `instance` next_instance counts sections of that idstr from 0.
    virtual void add(std::string path, Owner&, int instance = next_instance,
                     Priority = Priority::Default) = 0;
    virtual void remove(Owner&) = 0;
};

}  // namespace vmstate
