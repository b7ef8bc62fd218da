// SPDX-License-Identifier: GPL-2.0-or-later
//
// The drives that -drive asks of the board: it makes them beside their controllers, where the
// object tree and a stream have them. A service; what the board leaves, it has no place for.
#pragma once

#include <string>
#include <vector>

#include "qapi/keyval.h"

namespace hw {

struct BoardDrives {
    struct Drive {
        qapi::Argument argument;  // for Devices::add
        std::string where;        // the option it comes from
        bool made = false;
    };
    std::vector<Drive> list;
};

}  // namespace hw
