// SPDX-License-Identifier: GPL-2.0-or-later
//
// A processor's registers as text for a person, in the form of QEMU's `info registers`.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "target/i386/cpu-state.h"

namespace i386 {

std::string dump(const CpuState&, unsigned cpl);
/// By the name a debugger has for it: eax, rax, pc, cs ...
std::optional<u64> register_by_name(const CpuState&, std::string_view name);

}  // namespace i386
