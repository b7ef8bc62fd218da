// SPDX-License-Identifier: GPL-2.0-or-later
//
// The numbers that old interfaces use for keys: the code a key sends in scan code set 1, with 80h
// added where E0 comes first.
#pragma once

#include <cstdint>

namespace qapi {
enum class QKeyCode;  // generated from qapi/ui.json
}

namespace ui {

/// 0: has none.
std::uint8_t number_of_key(qapi::QKeyCode);
/// `unmapped` when there is none.
qapi::QKeyCode key_of_number(std::int64_t);

}  // namespace ui
