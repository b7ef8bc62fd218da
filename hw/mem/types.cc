// SPDX-License-Identifier: GPL-2.0-or-later
#include "hw/mem/types.h"

#include "hw/mem/nvdimm.h"

namespace hw {

std::span<const DeviceType* const> mem_types() {
    static constexpr const DeviceType* types[] = {&PcDimm::device_type_, &Nvdimm::device_type_};
    return types;
}

}  // namespace hw
