// SPDX-License-Identifier: GPL-2.0-or-later
//
// Media and trays. A tray that the guest has locked is opened by the guest, which is asked; what
// the emulator then says is that the tray is not open yet.
#include "block/open.h"
#include "qapi/context.h"
#include "qapi/qapi-commands-block.h"

namespace qapi {

using block::BlockBackend;
using block::Drives;

namespace {

Result<BlockBackend*> find_drive(Context& cx, const std::optional<std::string>& device,
                                 const std::optional<std::string>& id) {
    if (device.has_value() == id.has_value()) return fail("Need exactly one of 'device' and 'id'");
    auto& drives = cx.get<Drives>();
    BlockBackend* found = id ? drives.find_by_device(*id) : drives.find_backend(*device);
    const std::string& name = id ? *id : *device;
    if (!found) return fail(ErrorClass::DeviceNotFound, "Device '{}' not found", name);
    return found;
}

std::string name_of(const BlockBackend& b) {
    return b.name().empty() ? b.device_id() : b.name();
}

Result<void> need_removable(const BlockBackend& b) {
    if (b.device() && !b.device()->removable())
        return fail("Device '{}' is not removable", name_of(b));
    return {};
}

bool has_tray(const BlockBackend& b) {
    return b.device() && b.device()->has_tray();
}

enum class Tray { Open, Waiting };

/// A drive without a tray counts as open.
Result<Tray> open_tray(BlockBackend& b, bool force) {
    TRY(need_removable(b));
    if (!has_tray(b) || b.device()->tray_open()) return Tray::Open;
    const bool locked = b.device()->medium_locked();
    if (locked) b.device()->eject_requested(force);
    if (locked && !force) return Tray::Waiting;
    b.move_tray(false);
    return Tray::Open;
}

Result<void> close_tray(BlockBackend& b) {
    TRY(need_removable(b));
    if (has_tray(b) && b.device()->tray_open()) b.move_tray(true);
    return {};
}

Error still_locked(const BlockBackend& b) {
    return fail(
        "Device '{}' is locked and force was not specified, wait for tray to open and try again",
        name_of(b));
}

Result<void> remove_medium(BlockBackend& b) {
    TRY(need_removable(b));
    if (has_tray(b) && !b.device()->tray_open()) return fail("Tray of the device is not open");
    if (!b.inserted()) return {};
    b.remove();
    // Without a tray it is the medium's going that the device sees.
    if (b.device() && !has_tray(b)) b.move_tray(false);
    return {};
}

Result<void> insert_medium(BlockBackend& b, block::NodeRef node) {
    TRY(need_removable(b));
    if (has_tray(b) && !b.device()->tray_open()) return fail("Tray of the device is not open");
    if (b.inserted()) return fail("There already is a medium in the device");
    TRY(b.insert(std::move(node)));
    if (b.device() && !has_tray(b)) b.move_tray(true);
    return {};
}

}  // namespace

Result<void> qmp_eject(Context& cx, const EjectArgs& args) {
    BlockBackend& b = *TRY(find_drive(cx, args.device, args.id));
    if (TRY(open_tray(b, args.force.value_or(false))) == Tray::Waiting) return still_locked(b);
    return remove_medium(b);
}

Result<void> qmp_blockdev_open_tray(Context& cx, const BlockdevOpenTrayArgs& args) {
    BlockBackend& b = *TRY(find_drive(cx, args.device, args.id));
    (void)TRY(open_tray(b, args.force.value_or(false)));
    return {};
}

Result<void> qmp_blockdev_close_tray(Context& cx, const BlockdevCloseTrayArgs& args) {
    return close_tray(*TRY(find_drive(cx, args.device, args.id)));
}

Result<void> qmp_blockdev_remove_medium(Context& cx, const BlockdevRemoveMediumArgs& args) {
    return remove_medium(*TRY(find_drive(cx, {}, args.id)));
}

Result<void> qmp_blockdev_insert_medium(Context& cx, const BlockdevInsertMediumArgs& args) {
    BlockBackend& b = *TRY(find_drive(cx, {}, args.id));
    auto& drives = cx.get<Drives>();
    block::NodeRef node = drives.find_node(args.node_name);
    if (!node) return fail("Node '{}' not found", args.node_name);
    for (const auto& other : drives.backends())
        if (other->node() == node) return fail("Node '{}' is already in use", args.node_name);
    return insert_medium(b, std::move(node));
}

Result<void> qmp_blockdev_change_medium(Context& cx, const BlockdevChangeMediumArgs& args) {
    using enum BlockdevChangeReadOnlyMode;
    BlockBackend& b = *TRY(find_drive(cx, args.device, args.id));
    TRY(need_removable(b));
    const auto mode = args.read_only_mode.value_or(retain);
    const bool protect = mode == retain ? b.read_only() : mode == read_only;
    block::ImageRequest request{.filename = args.filename, .format = args.format.value_or("")};
    request.options.set("read-only", protect ? "on" : "off");
    if (b.node()) {
        const auto& before = b.node()->options();
        request.options.set("cache.direct", before.direct ? "on" : "off");
        request.options.set("cache.no-flush", before.no_flush ? "on" : "off");
    }
    // An image that cannot be opened leaves the drive as it is.
    auto node = TRY(block::open_image(cx.get<Drives>(), std::move(request)));
    if (TRY(open_tray(b, args.force.value_or(false))) == Tray::Waiting) return still_locked(b);
    TRY(remove_medium(b));
    TRY(insert_medium(b, std::move(node)));
    return close_tray(b);
}

}  // namespace qapi
