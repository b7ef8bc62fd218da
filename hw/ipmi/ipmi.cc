// SPDX-License-Identifier: GPL-2.0-or-later
#include "hw/ipmi/ipmi.h"

#include <fmt/format.h>

namespace hw {

constinit const qom::Type ipmi_bmc_type{.name = "ipmi-bmc", .parent = "device", .abstract = true};

IpmiInterface::~IpmiInterface() {
    if (bmc_) bmc_->detach();
}

IpmiBmc::~IpmiBmc() {
    if (interface_) interface_->bmc_ = nullptr;
}

Result<void> IpmiBmc::attach(IpmiInterface& interface) {
    if (interface_) return fail("BMC is already in use");
    interface_ = &interface;
    interface.bmc_ = this;
    return {};
}

Result<IpmiBmc*> find_bmc(const Device& interface, const std::string& bmc) {
    if (bmc.empty()) return fail("IPMI device requires a bmc attribute to be set");
    const std::string path = bmc.starts_with('/') ? bmc : "/machine/peripheral/" + bmc;
    auto* object = const_cast<Device&>(interface).root().resolve(path);
    if (!object) return fail("Device '{}' not found", bmc);
    auto* found = dynamic_cast<IpmiBmc*>(object);
    if (!found) return fail("Device '{}' is no BMC", bmc);
    return found;
}

}  // namespace hw
