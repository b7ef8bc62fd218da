// SPDX-License-Identifier: GPL-2.0-or-later
//
// Unit: what is the same on every host.
#include "target/i386/fp/unit.h"

#include "target/i386/fp/code-arena.h"

namespace i386::fp {

Unit::Unit(CpuState& state) : state_(state), slots_(std::size_t(1) << slot_bits), x87_(8 * 256) {}

Unit::~Unit() {
    leave();
}

void Unit::leave_slow() {
    if (live_ & mxcsr_live) save_mxcsr();
    if (live_ & x87_live) save_x87();
}

}  // namespace i386::fp
