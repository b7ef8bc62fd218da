// SPDX-License-Identifier: GPL-2.0-or-later
//
// The memory map as text for a person, in the form of QEMU's `info mtree`.
#pragma once

#include <string>

namespace exec {

class MemoryMap;

/// The region trees of all address spaces, then those that windows lead to. `disabled`: with the
/// regions that are switched off.
std::string mtree(const MemoryMap&, bool disabled = false);
/// What each address reaches (`-f`).
std::string mtree_flat(const MemoryMap&);

}  // namespace exec
