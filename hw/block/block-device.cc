// SPDX-License-Identifier: GPL-2.0-or-later
#include "hw/block/block-device.h"

#include "block/drives.h"
#include "qapi/context.h"

namespace hw {

namespace {

Result<void> check_block_size(std::string_view name, std::uint32_t size) {
    constexpr std::uint32_t least = 512, most = 2 << 20;
    if (size < least || size > most)
        return fail("Property .{} doesn't take value {} (minimum: {}, maximum: {})", name, size,
                    least, most);
    if (size & (size - 1))
        return fail("Property .{} doesn't take value '{}', it's not a power of 2", name, size);
    return {};
}

}  // namespace

BlockDevice::~BlockDevice() {
    if (!disk_) return;
    disk_->detach();
    if (disk_->name().empty()) drives_->remove_backend(*disk_);
}

Result<void> BlockDevice::find_disk(const BlockConf& c, const Needs& needs) {
    if (c.drive.empty()) {
        if (needs.medium) return fail("No drive specified");
        disk_ = &drives_->add_anonymous();
        return {};
    }
    if (!drives_->find_backend(c.drive) && !drives_->find_node(c.drive))
        return fail("Property '{}.drive' can't find value '{}'", type_name(), c.drive);
    disk_ = TRY(drives_->for_device(c.drive));
    return {};
}

/// A device without these properties cannot do what -drive asks for with them either.
Result<void> BlockDevice::take_errors(const BlockConf& c, const Needs& needs) {
    using block::OnError;
    if (!needs.tells_status) {
        if (disk_->on_write_error != OnError::Enospc && disk_->on_write_error != OnError::Report)
            return fail("fdc doesn't support drive option werror");
        if (disk_->on_read_error != OnError::Report)
            return fail("fdc doesn't support drive option rerror");
        return {};
    }
    if (c.rerror) disk_->on_read_error = static_cast<OnError>(c.rerror - 1);
    if (c.werror) disk_->on_write_error = static_cast<OnError>(c.werror - 1);
    return {};
}

Result<void> BlockDevice::connect_disk(Platform& platform, BlockConf& c, const Needs& needs) {
    drives_ = platform.services.find<block::Drives>();
    if (!drives_) return fail("No drive specified");
    if (!c.logical_block_size) c.logical_block_size = 512;
    if (!c.physical_block_size) c.physical_block_size = c.logical_block_size;
    TRY(check_block_size("logical_block_size", c.logical_block_size));
    TRY(check_block_size("physical_block_size", c.physical_block_size));
    if (c.logical_block_size > c.physical_block_size)
        return fail("logical_block_size > physical_block_size not supported");
    TRY(find_disk(c, needs));
    auto connect = [&]() -> Result<void> {
        if (needs.medium && !disk_->inserted())
            return fail("Device needs media, but drive is empty");
        if (needs.medium && needs.writes && disk_->read_only())
            return fail("Block node is read-only");
        TRY(take_errors(c, needs));
        if (c.write_cache != qom::OnOffAuto::Auto)
            disk_->set_write_cache(c.write_cache == qom::OnOffAuto::On);
        disk_->account_invalid = c.account_invalid != qom::OnOffAuto::Off;
        disk_->account_failed = c.account_failed != qom::OnOffAuto::Off;
        return disk_->attach(*this, {.writes = needs.writes,
                                     .share_writes = c.share_rw,
                                     .tells_status = needs.tells_status,
                                     .resizable = !needs.removable});
    };
    auto connected = connect();
    if (connected) return {};
    if (disk_->name().empty()) drives_->remove_backend(*disk_);
    disk_ = nullptr;
    return connected;
}

}  // namespace hw
