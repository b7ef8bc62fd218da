// SPDX-License-Identifier: GPL-2.0-or-later
//
// -drive, -hda and their like, and -blockdev: block nodes, backends, and the devices that -drive
// implies.
#pragma once

#include <string>
#include <vector>

#include "block/drives.h"
#include "hw/core/board-drives.h"
#include "vl/report.h"
#include "vl/settings.h"

namespace vl {

/// The devices that stand behind `-drive if=ide|floppy`.
using DriveDevice = hw::BoardDrives::Drive;

/// Opens every image. Errors carry the option they come from.
Result<std::vector<DriveDevice>> make_drives(const Settings&, const hw::MachineType&,
                                             block::Drives&, const Reporter&);

/// drive_add: one more, for a device that comes later.
Result<void> add_drive(const Settings&, const hw::MachineType&, block::Drives&, const Reporter&,
                       std::string_view options);

}  // namespace vl
