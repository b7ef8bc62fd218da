// SPDX-License-Identifier: GPL-2.0-or-later
//
// Text for people.
#pragma once

#include <string>

#include "document.h"

namespace devstate {

/// 12, 0xfee00000, true, 00*200 ff.
std::string value_text(const qapi::Json&);

}  // namespace devstate
