// SPDX-License-Identifier: GPL-2.0-or-later
//
// What a PC keyboard sends for each key of QMP's QKeyCode, in its three scan code sets.
#pragma once

#include <string_view>

#include "hw/core/int.h"

namespace hw {

/// Codes that need a prefix carry it in the high byte: E048h is the bytes E0 48. 0 = no such key.
struct KeyCodes {
    std::string_view qcode;  // "a", "shift", "kp_enter": QKeyCode's words
    u16 set1 = 0, set2 = 0, set3 = 0;
};

/// Null for a word that names no key.
const KeyCodes* find_key(std::string_view qcode);
/// By the number that old interfaces use for a key: its set 1 make code, 80h added for an E0
/// prefix.
const KeyCodes* find_key_by_number(unsigned number);

/// The i8042's translation of a set 2 byte to set 1 (IBM PS/2 Hardware Interface Technical
/// Reference, keyboard controller).
u8 translate_set2(u8 code);

}  // namespace hw
