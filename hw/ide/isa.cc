// SPDX-License-Identifier: GPL-2.0-or-later
//
// An AT's disk controller (ATA/ATAPI-6, annex on the "PC AT addresses").
#include "hw/ide/isa.h"

#include "migration/vmstate/fields.h"

namespace hw {
namespace {

using S = IsaIdeState;
constexpr auto fields = vmstate::fields(vmstate::structs<&S::bus>("bus", ide_bus_table),
                                        vmstate::structs<&S::drives>("bus.ifs", ide_drive_table));
static_assert(vmstate::covers<S>(fields));
constexpr vmstate::Table table{
    .name = "isa-ide", .version = 3, .minimum_version = 0, .fields = fields};

constexpr auto properties = qom::properties(qom::property<&IsaIdeConfig::iobase>("iobase"),
                                            qom::property<&IsaIdeConfig::iobase2>("iobase2"),
                                            qom::property<&IsaIdeConfig::irq>("irq"));

constexpr auto command_ops =
    exec::memory_ops<&IdeChannel::command_read, &IdeChannel::command_write>();
constexpr auto control_ops =
    exec::memory_ops<&IdeChannel::control_read, &IdeChannel::control_write>({.impl = {1, 1}});

}  // namespace

const DeviceType IsaIde::device_type_ =
    isa_type<IsaIde>("isa-ide", properties, Category::Storage, true);

const vmstate::Table& IsaIde::vmstate() const {
    return table;
}

Result<void> IsaIde::realize(Platform&) {
    const IsaBus& bus = isa_bus(*this);
    if (config_.irq >= IsaBus::irq_count)
        return fail("Maximum value for \"irq\" is: {}", IsaBus::irq_count - 1);
    command_ = bus.add_io(config_.iobase, "ide", 8, command_ops, &channel_);
    control_ = bus.add_io(config_.iobase2, "ide", 1, control_ops, &channel_);
    channel_.irq().connect(bus.irq(config_.irq));
    buses_.push_back(std::make_unique<IdeBus>(next_bus_name(*this, "IDE", "ide"), this, channel_,
                                              2 * next_bus_number(*this, "IDE") + 1));
    return {};
}

void IsaIde::pre_save(IsaIdeState&) {
    channel_.drain();
    channel_.prepare_save();
}

}  // namespace hw
