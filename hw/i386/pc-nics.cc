// SPDX-License-Identifier: GPL-2.0-or-later
//
// The network cards that -nic and -net ask of the board.
#include "hw/i386/pc.h"
#include "qapi/context.h"
#include "qom/access.h"
#include "qom/type-table.h"

namespace hw {

Result<void> PcMachine::make_nics(const MachineConfig& c) {
    const auto& devices = platform_->services.get<Devices>();
    Bus& bus = host_ ? static_cast<Bus&>(host_->bus()) : *isa_;
    for (const NicConfig& nic : c.nics) {
        const std::string model =
            nic.model.empty() ? std::string(host_ ? "e1000" : "ne2k_isa") : nic.model;
        const auto* type = devices.types().find_as<DeviceType>(model);
        if (!type || type->category != Category::Network || type->bus != bus.kind() ||
            !type->user_creatable)
            return fail("Unsupported NIC model: {}", model)
                .with_hint("-nic model=help lists the models, -nic none asks for no card");
        auto card = TRY(devices.make(model));
        for (const auto& [property, value] :
             {std::pair{"mac", &nic.mac}, std::pair{"netdev", &nic.netdev},
              std::pair{"addr", &nic.address}})
            if (!value->empty()) TRY(qom::set_text(devices.types(), *card, property, *value));
        TRY(bus.plug(std::move(card), *platform_));
    }
    return {};
}

}  // namespace hw
