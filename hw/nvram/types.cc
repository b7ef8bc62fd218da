// SPDX-License-Identifier: GPL-2.0-or-later
#include "hw/nvram/types.h"

#include "hw/nvram/fw_cfg.h"

namespace hw {
namespace {

constexpr qom::Type fw_cfg_type{.name = "fw_cfg", .parent = "sys-bus-device", .abstract = true};

}  // namespace

std::span<const qom::Type* const> nvram_base_types() {
    static constexpr const qom::Type* types[] = {&fw_cfg_type};
    return types;
}

std::span<const DeviceType* const> nvram_types() {
    static constexpr const DeviceType* types[] = {&FwCfg::device_type_};
    return types;
}

}  // namespace hw
