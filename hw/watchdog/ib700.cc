// SPDX-License-Identifier: GPL-2.0-or-later
#include "hw/watchdog/ib700.h"

#include "hw/core/system-requests.h"
#include "migration/vmstate/fields.h"
#include "qapi/context.h"

namespace hw {
namespace {

using S = Ib700State;
constexpr auto fields = vmstate::fields(vmstate::timer<&S::timer>("timer"));
static_assert(vmstate::covers<S>(fields));
constexpr vmstate::Table table{
    .name = "ib700_wdt", .version = 0, .minimum_version = 0, .fields = fields};

constexpr exec::MemoryOps bytes{.impl = {.min = 1, .max = 1}};
constexpr auto disable_ops = exec::memory_ops<&Ib700::io_read, &Ib700::disable_write>(bytes);
constexpr auto enable_ops = exec::memory_ops<&Ib700::io_read, &Ib700::enable_write>(bytes);

}  // namespace

const DeviceType Ib700::device_type_ =
    isa_type<Ib700>("ib700", {}, Category::Watchdog, true, "iBASE 700");

const vmstate::Table& Ib700::vmstate() const {
    return table;
}

Result<void> Ib700::realize(Platform& platform) {
    auto* requests = platform.services.find<SystemRequests>();
    timer_.emplace(platform.clocks.virt, [requests] {
        if (requests) requests->watchdog_expired();
    });
    const IsaBus& bus = isa_bus(*this);
    disable_ = bus.add_io(0x441, "wdt", 1, disable_ops, this);
    enable_ = bus.add_io(0x443, "wdt", 1, enable_ops, this);
    return {};
}

void Ib700::enable_write(u64, u64 value, unsigned) {
    const i64 seconds = 30 - 2 * i64(value & 15);
    timer_->set(timer_->clock().now_ns() + seconds * nanoseconds_per_second);
}

}  // namespace hw
