// SPDX-License-Identifier: GPL-2.0-or-later
//
// HMP commands that look into the machine itself, for the tables.
#pragma once

#include "monitor/hmp-args.h"

class Bql;

namespace hw {
struct Platform;
class X86Cpu;
}  // namespace hw

namespace monitor {

class Hmp;

namespace machine {

Result<void> mtree(Hmp&, const HmpArguments&);
Result<void> pic(Hmp&, const HmpArguments&);
Result<void> qtree(Hmp&, const HmpArguments&);
Result<void> registers(Hmp&, const HmpArguments&);
Result<void> qom_tree(Hmp&, const HmpArguments&);
Result<void> dump_physical(Hmp&, const HmpArguments&);
Result<void> dump_virtual(Hmp&, const HmpArguments&);
Result<void> tlb(Hmp&, const HmpArguments&);
Result<void> mem(Hmp&, const HmpArguments&);
Result<void> lapic(Hmp&, const HmpArguments&);
Result<void> sum(Hmp&, const HmpArguments&);
Result<void> port_in(Hmp&, const HmpArguments&);
Result<void> port_out(Hmp&, const HmpArguments&);
Result<void> host_virtual_address(Hmp&, const HmpArguments&);
Result<void> host_physical_address(Hmp&, const HmpArguments&);
Result<void> guest_physical_address(Hmp&, const HmpArguments&);
Result<void> single_step(Hmp&, const HmpArguments&);

// For the commands above.
Result<hw::Platform*> platform(Hmp&);
Bql& held(Hmp&);
/// The CPU that is looked at, while none moves.
Result<void> with_cpu(Hmp&, const std::function<void(hw::X86Cpu&)>& work);
/// By linear address; within with_cpu().
bool read_virtual(Hmp&, hw::X86Cpu&, std::uint64_t address, std::span<std::uint8_t> out);

/// Of the CPU that is looked at, for expressions.
std::optional<std::uint64_t> register_value(Hmp&, std::string_view name);

}  // namespace machine
}  // namespace monitor
