// SPDX-License-Identifier: GPL-2.0-or-later
#include "hw/misc/pvpanic.h"

#include "hw/core/system-requests.h"
#include "hw/nvram/fw_cfg.h"
#include "qapi/context.h"

namespace hw {
namespace {

enum : u8 { panicked = 1 << 0, crash_loaded = 1 << 1 };

constexpr auto properties = qom::properties(qom::property<&PvpanicConfig::ioport>("ioport"),
                                            qom::property<&PvpanicConfig::events>("events"));
constexpr vmstate::Table table{.name = "pvpanic"};
constexpr auto io_ops =
    exec::memory_ops<&Pvpanic::io_read, &Pvpanic::io_write>({.impl = {.min = 1, .max = 1}});

}  // namespace

const DeviceType Pvpanic::device_type_ =
    isa_type<Pvpanic>("pvpanic", properties, Category::Misc, true);

const vmstate::Table& Pvpanic::vmstate() const {
    return table;
}

Result<void> Pvpanic::realize(Platform& platform) {
    requests_ = platform.services.find<SystemRequests>();
    log_ = &platform.log;
    auto* fw_cfg = platform.services.find<FwCfg>();
    if (!fw_cfg) return fail("pvpanic: this machine has no fw_cfg to announce it");
    TRY(fw_cfg->add_file("etc/pvpanic-port", {u8(config_.ioport), u8(config_.ioport >> 8)}));
    registers_ = isa_bus(*this).add_io(config_.ioport, "pvpanic", 1, io_ops, this);
    return {};
}

void Pvpanic::io_write(u64, u64 value, unsigned) {
    if (value & ~u64{panicked | crash_loaded})
        log_->guest_error("pvpanic: unknown event {:#x}\n", value);
    if (!requests_) return;
    if (value & config_.events & panicked)
        requests_->guest_panicked();
    else if (value & config_.events & crash_loaded)
        requests_->guest_crash_loaded();
}

}  // namespace hw
