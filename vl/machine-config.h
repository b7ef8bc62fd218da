// SPDX-License-Identifier: GPL-2.0-or-later
//
// From what was typed to what a board takes: defaults filled in, sizes and topologies checked.
#pragma once

#include "hw/core/machine.h"
#include "vl/settings.h"

namespace vl {

/// Sockets, dies, cores and threads from what is known of them; their product must be maxcpus.
Result<hw::SmpTopology> smp_topology(const qapi::JsonObject& given, const hw::MachineType&);

struct MemorySize {
    std::uint64_t size = 0, maximum = 0;
    unsigned slots = 0;
};
Result<MemorySize> memory_size(const qapi::JsonObject& given, const hw::MachineType&);

/// Lower case, with dashes.
Result<std::string> canonical_uuid(std::string_view text);

Result<hw::MachineConfig> machine_config(const Settings&, const hw::MachineType&);

}  // namespace vl
