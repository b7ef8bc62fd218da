// SPDX-License-Identifier: GPL-2.0-or-later
//
// What the command line gives to firmware: -fw_cfg and -smbios.
#pragma once

#include "hw/smbios/smbios.h"
#include "vl/settings.h"

namespace hw {
class FwCfg;
}

namespace vl {

Result<hw::SmbiosOptions> smbios_options(const Settings&);
/// Null: the machine has no fw_cfg. `warn` hears of what is allowed and not wise.
Result<void> add_fw_cfg_files(const Settings&, hw::FwCfg*,
                              const std::function<void(const std::string&)>& warn);

}  // namespace vl
