// SPDX-License-Identifier: GPL-2.0-or-later
//
// The file "bootorder" of fw_cfg: what firmware shall try to start from, best first, each by its
// path as Open Firmware would write it (IEEE 1275, 2.4.1). SeaBIOS compares the text.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "util/result.h"

namespace qom {
class TypeTable;
}

namespace hw {

class Bus;

struct BootEntry {
    int index = 0;
    std::string path;
};

/// What below `root` has a boot index of 0 or more, sorted; two of the same are refused.
Result<std::vector<BootEntry>> boot_entries(const qom::TypeTable&, const Bus& root,
                                            std::vector<BootEntry> others);
/// The file's bytes: lines, and a zero at the end. With `strict`, nothing else shall be tried.
std::vector<std::uint8_t> boot_order_file(const std::vector<BootEntry>&, bool strict);

}  // namespace hw
