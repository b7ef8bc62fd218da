// SPDX-License-Identifier: GPL-2.0-or-later
//
// A guest's page tables as text: the monitor's `info tlb` and `info mem`.
#pragma once

#include "target/i386/cpu-state.h"

#include <functional>
#include <span>
#include <string>

namespace i386 {

/// Physical memory; false where there is none.
using ReadPhysical = std::function<bool(u64 address, std::span<u8> out)>;

/// A line for each page: linear address, physical address, and X G P D A C T U W for no-execute,
/// global, large, dirty, accessed, cache disabled, write-through, user, writable.
std::string tlb_text(const CpuState&, const ReadPhysical&);
/// A line for each stretch with the same rights: from, to, size, and u r w.
std::string mem_text(const CpuState&, const ReadPhysical&);

}  // namespace i386
