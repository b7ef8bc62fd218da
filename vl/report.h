// SPDX-License-Identifier: GPL-2.0-or-later
//
// What goes to the terminal: errors, warnings and remarks of this process, each with its name in
// front.
#pragma once

#include <string_view>

#include "util/result.h"

namespace vl {

void report_error(const Error&);
void report_warning(std::string_view);
void report_info(std::string_view);

}  // namespace vl
