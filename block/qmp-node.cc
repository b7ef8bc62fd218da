// SPDX-License-Identifier: GPL-2.0-or-later
//
// Commands that make, remove and change nodes.
#include "block/open.h"
#include "qapi/context.h"
#include "qapi/qapi-commands-block-core.h"

namespace qapi {

using block::Drives;

Result<void> qmp_blockdev_add(Context& cx, const BlockdevOptions& options) {
    if (!options.node_name) return fail("'node-name' must be specified for the root node");
    auto& drives = cx.get<Drives>();
    drives.keep_node(TRY(block::open_node(drives, options)));
    return {};
}

Result<void> qmp_blockdev_del(Context& cx, const BlockdevDelArgs& args) {
    return cx.get<Drives>().remove_node(args.node_name);
}

Result<void> qmp_block_resize(Context& cx, const BlockResizeArgs& args) {
    auto& drives = cx.get<Drives>();
    const std::string device = args.device.value_or(""), name = args.node_name.value_or("");
    block::BlockBackend* backend = device.empty() ? nullptr : drives.find_backend(device);
    block::NodeRef node = backend ? backend->node() : drives.find_node(name);
    if (backend && !node) return fail("Device '{}' has no medium", device);
    if (!node) return fail("Cannot find device='{}' nor node-name='{}'", device, name);
    if (args.size < 0) return fail("Parameter 'size' expects a >0 size");
    if (node->read_only()) return fail("Block node is read-only");
    TRY(drives.activate_all());
    for (const auto& b : drives.backends())
        if (b->node() == node) backend = b.get();
    // Nothing may be on its way to a part that is cut off.
    drives.drain_all();
    const auto size = static_cast<std::uint64_t>(args.size);
    return backend ? backend->resize(size) : node->truncate(size);
}

}  // namespace qapi
