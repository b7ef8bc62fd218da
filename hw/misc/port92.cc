// SPDX-License-Identifier: GPL-2.0-or-later
#include "hw/misc/port92.h"

#include "migration/vmstate/fields.h"

namespace hw {
namespace {

enum : u8 { fast_reset = 1 << 0, a20_open = 1 << 1 };

constexpr auto fields = vmstate::fields(vmstate::field<&Port92State::outport>("outport"));
static_assert(vmstate::covers<Port92State>(fields));
constexpr vmstate::Table table{.name = "port92", .fields = fields};

constexpr auto io_ops =
    exec::memory_ops<&Port92::io_read, &Port92::io_write>({.impl = {.min = 1, .max = 1}});

}  // namespace

const DeviceType Port92::device_type_ =
    isa_type<Port92>("port92", {}, Category::Uncategorized, false);

const vmstate::Table& Port92::vmstate() const {
    return table;
}

Result<void> Port92::realize(Platform&) {
    registers_ = isa_bus(*this).add_io(0x92, "port92", 1, io_ops, this);
    return {};
}

void Port92::io_write(u64, u64 value, unsigned) {
    const bool resets = value & fast_reset && !(state_.outport & fast_reset);
    state_.outport = u8(value);
    a20_.set((value & a20_open) != 0);
    if (resets) reset_.pulse();
}

}  // namespace hw
