// SPDX-License-Identifier: GPL-2.0-or-later
#include "hw/intc/types.h"

#include "hw/core/device.h"
#include "hw/intc/apic.h"
#include "hw/intc/i8259.h"
#include "hw/intc/ioapic.h"

namespace hw {
namespace {

constexpr qom::Type pic_common_type{.name = "pic-common", .parent = "isa-device", .abstract = true};
constexpr qom::Type apic_common_type{.name = "apic-common", .parent = "device", .abstract = true};
constexpr qom::Type ioapic_common_type{
    .name = "ioapic-common", .parent = "sys-bus-device", .abstract = true};

}  // namespace

std::span<const qom::Type* const> intc_base_types() {
    static constexpr const qom::Type* types[] = {&pic_common_type, &apic_common_type,
                                                 &ioapic_common_type};
    return types;
}

std::span<const DeviceType* const> intc_types() {
    static constexpr const DeviceType* types[] = {&I8259::device_type_, &IoApic::device_type_,
                                                  &LocalApic::device_type_};
    return types;
}

}  // namespace hw
