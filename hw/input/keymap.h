// SPDX-License-Identifier: GPL-2.0-or-later
//
// What a PC keyboard sends for each key of QMP's QKeyCode, in its three scan code sets.
#pragma once

#include "hw/core/int.h"

namespace qapi {
enum class QKeyCode;  // generated from qapi/ui.json
}

namespace hw {

/// Codes that need a prefix carry it in the high byte: E048h is the bytes E0 48. 0 = the set does
/// not have the key. Print screen and pause are not so simple; see Ps2Keyboard.
u16 scan_code(qapi::QKeyCode, unsigned set);

/// The i8042's translation of a set 2 byte to set 1 (IBM PS/2 Hardware Interface Technical
/// Reference, keyboard controller).
u8 translate_set2(u8 code);

}  // namespace hw
