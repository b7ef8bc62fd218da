// SPDX-License-Identifier: GPL-2.0-or-later
//
// Where devices get their option ROMs: the board's search path (-L, then the usual folders). Found
// by `platform.services.find<hw::FirmwareFiles>()`.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "util/result.h"

namespace hw {

class FirmwareFiles {
public:
    virtual ~FirmwareFiles() = default;
    virtual Result<std::vector<std::uint8_t>> read_rom(const std::string& name) = 0;
};

}  // namespace hw
