// SPDX-License-Identifier: GPL-2.0-or-later
#include "hw/ipmi/types.h"

#include "hw/ipmi/bmc-sim.h"
#include "hw/ipmi/bt.h"
#include "hw/ipmi/kcs.h"
#include "hw/ipmi/smbus-ipmi.h"

namespace hw {

std::span<const qom::Type* const> ipmi_base_types() {
    static constexpr const qom::Type* types[] = {&ipmi_bmc_type};
    return types;
}

std::span<const DeviceType* const> ipmi_types() {
    static constexpr const DeviceType* types[] = {&BmcSim::device_type_, &IpmiKcs::device_type_,
                                                  &IpmiBt::device_type_, &SmbusIpmi::device_type_};
    return types;
}

}  // namespace hw
