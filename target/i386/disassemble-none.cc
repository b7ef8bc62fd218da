// SPDX-License-Identifier: GPL-2.0-or-later
//
// A program built without capstone.
#include "target/i386/disassemble.h"

namespace i386 {

bool can_disassemble() {
    return false;
}

Disassembled disassemble(std::span<const u8>, u64, unsigned) {
    return {};
}

}  // namespace i386
