// SPDX-License-Identifier: GPL-2.0-or-later
#include "hw/net/types.h"

#include "hw/net/e1000.h"
#include "hw/net/i82557.h"
#include "hw/net/ne2000.h"
#include "hw/net/pcnet.h"
#include "hw/net/rtl8139.h"
#include "hw/net/tulip.h"

namespace hw {

std::span<const qom::Type* const> hw_net_base_types() {
    static constexpr qom::Type e1000{
        .name = "e1000-base", .parent = "pci-device", .abstract = true};
    static constexpr const qom::Type* list[] = {&e1000};
    return list;
}

std::span<const DeviceType* const> hw_net_types() {
    static constexpr const DeviceType* types[] = {
        &e1000_type,    &e1000_82544gc_type, &e1000_82545em_type, &Ne2kIsa::device_type_,
        &ne2k_pci_type, &rtl8139_type,       &tulip_type,         &i82551_type,
        &i82559er_type, &pcnet_type,
    };
    return types;
}

}  // namespace hw
