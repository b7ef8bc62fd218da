// SPDX-License-Identifier: GPL-2.0-or-later
#include "hw/char/debugcon.h"

#include "hw/char/connect.h"

namespace hw {
namespace {

using C = DebugconConfig;
constexpr auto properties =
    qom::properties(qom::property<&C::iobase>("iobase"),
                    qom::property<&C::chardev>("chardev", "ID of a chardev to use as a backend"),
                    qom::property<&C::readback>("readback"));
constexpr vmstate::Table table{.name = "isa-debugcon"};
constexpr auto io_ops =
    exec::memory_ops<&IsaDebugcon::io_read, &IsaDebugcon::io_write>({.impl = {.min = 1, .max = 1}});

}  // namespace

const DeviceType IsaDebugcon::device_type_ =
    isa_type<IsaDebugcon>("isa-debugcon", properties, Category::Misc, true);

const vmstate::Table& IsaDebugcon::vmstate() const {
    return table;
}

Result<void> IsaDebugcon::realize(Platform& platform) {
    if (config_.chardev.empty()) return fail("Can't create debugcon device, empty char device");
    chardev::Chardev* line = TRY(find_chardev(platform, *this, config_.chardev));
    TRY(connect(line));
    registers_ = isa_bus(*this).add_io(config_.iobase, "isa-debugcon", 1, io_ops, this);
    return {};
}

void IsaDebugcon::io_write(u64, u64 value, unsigned) {
    const u8 byte = u8(value);
    write({&byte, 1});
}

}  // namespace hw
