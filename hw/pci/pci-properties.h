// SPDX-License-Identifier: GPL-2.0-or-later
//
// The wire form of a function's address property: "3", "03.0", or a number; -1 is "the first free".
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "util/result.h"

namespace hw {

/// "slot[.function]" in hexadecimal, as -device addr= takes it.
Result<int> parse_pci_address(std::string_view);
/// What `info pci` calls a base class and sub-class; empty: nothing.
std::string_view pci_class_name(std::uint16_t);
/// "03.1", or "-1".
std::string format_pci_address(int devfn);

}  // namespace hw
