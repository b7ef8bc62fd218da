// SPDX-License-Identifier: GPL-2.0-or-later
//
// What people ask interrupt controllers for: their registers, and how often each line rose.
#pragma once

#include <string>

namespace qom {
class Object;
}

namespace hw {

/// `info pic`.
std::string interrupt_controllers_text(const qom::Object& root);

}  // namespace hw
