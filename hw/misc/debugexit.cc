// SPDX-License-Identifier: GPL-2.0-or-later
#include "hw/misc/debugexit.h"

#include "hw/core/system-requests.h"
#include "qapi/context.h"

namespace hw {
namespace {

constexpr auto properties = qom::properties(qom::property<&DebugExitConfig::iobase>("iobase"),
                                            qom::property<&DebugExitConfig::iosize>("iosize"));
constexpr vmstate::Table table{.name = "isa-debug-exit"};
constexpr auto io_ops = exec::memory_ops<&DebugExit::io_read, &DebugExit::io_write>(
    {.valid = {1, 4, true}, .impl = {1, 4, true}});

}  // namespace

const DeviceType DebugExit::device_type_ =
    isa_type<DebugExit>("isa-debug-exit", properties, Category::Misc, true);

const vmstate::Table& DebugExit::vmstate() const {
    return table;
}

Result<void> DebugExit::realize(Platform& platform) {
    requests_ = platform.services.find<SystemRequests>();
    registers_ =
        isa_bus(*this).add_io(config_.iobase, "isa-debug-exit", config_.iosize, io_ops, this);
    return {};
}

void DebugExit::io_write(u64, u64 value, unsigned) {
    if (requests_) requests_->request_exit(int(value << 1 | 1));
}

}  // namespace hw
