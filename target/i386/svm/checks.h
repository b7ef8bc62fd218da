// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "target/i386/svm/vmcb.h"

namespace i386 {

/// Whether VMRUN takes a control block (APM volume 2, 15.5.1, "Canonicalization and Consistency
/// Checks").
bool svm_block_valid(const Cpu& cpu, const Vmcb& block);

}  // namespace i386
