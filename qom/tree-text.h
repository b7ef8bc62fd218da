// SPDX-License-Identifier: GPL-2.0-or-later
//
// The object tree as text for a person, in the form of QEMU's `info qom-tree`.
#pragma once

#include <string>

namespace qom {

class Object;

std::string tree_text(const Object& top);

}  // namespace qom
