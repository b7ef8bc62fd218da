// SPDX-License-Identifier: GPL-2.0-or-later
//
// What a guest's operating system said of the slots that it was told about (ACPI 6.4, 6.3.5, _OST).
// A service of boards with ACPI.
#pragma once

#include <vector>

#include "qapi/qapi-types-acpi.h"

namespace hw {

class OspmStatus {
public:
    virtual ~OspmStatus() = default;
    virtual std::vector<qapi::ACPIOSTInfo> ospm_status() = 0;
};

}  // namespace hw
