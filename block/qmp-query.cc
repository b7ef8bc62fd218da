// SPDX-License-Identifier: GPL-2.0-or-later
//
// What there is: query-block, query-blockstats, query-named-block-nodes.
#include "block/drives.h"
#include "block/file.h"
#include "qapi/context.h"
#include "qapi/qapi-commands-block-core.h"

namespace qapi {

using block::BlockBackend;
using block::Drives;
using block::Node;

namespace {

std::int64_t signed_size(std::uint64_t n) {
    return static_cast<std::int64_t>(n);
}

ImageInfo image_info(const Node& node, bool with_backing) {
    ImageInfo i{.filename = node.filename(), .format = std::string(node.driver())};
    i.virtual_size = signed_size((node.size() + block::sector_size - 1) / block::sector_size *
                                 block::sector_size);
    if (const auto allocated = node.allocated()) i.actual_size = signed_size(*allocated);
    i.dirty_flag = false;
    if (const Node* below = node.backing(); below && with_backing)
        i.backing_image = Box<ImageInfo>(image_info(*below, true));
    return i;
}

BlockDeviceInfo node_info(const Node& node, bool write_cache, bool with_backing) {
    BlockDeviceInfo i{.file = node.filename(),
                      .node_name = node.node_name(),
                      .ro = node.read_only() || !node.active(),
                      .drv = std::string(node.driver())};
    for (const Node* below = node.backing(); below; below = below->backing())
        i.backing_file_depth++;
    if (node.backing()) i.backing_file = node.backing()->filename();
    i.detect_zeroes = static_cast<BlockdevDetectZeroesOptions>(node.options().detect_zeroes);
    i.image = image_info(node, with_backing);
    i.cache = {.writeback = write_cache,
               .direct = node.options().direct,
               .no_flush = node.options().no_flush};
    return i;
}

BlockDeviceStats stats_of(const BlockBackend& b) {
    BlockDeviceStats s;
    const auto& rd = b.counts(BlockBackend::Kind::Read);
    const auto& wr = b.counts(BlockBackend::Kind::Write);
    const auto& fl = b.counts(BlockBackend::Kind::Flush);
    const auto& un = b.counts(BlockBackend::Kind::Unmap);
    s.rd_bytes = signed_size(rd.bytes);
    s.wr_bytes = signed_size(wr.bytes);
    s.unmap_bytes = signed_size(un.bytes);
    const auto fill = [](const block::RequestCounts& c, std::int64_t& operations,
                         std::int64_t& time, std::int64_t& failed, std::int64_t& invalid) {
        operations = signed_size(c.operations);
        time = c.time.count();
        failed = signed_size(c.failed);
        invalid = signed_size(c.invalid);
    };
    fill(rd, s.rd_operations, s.rd_total_time_ns, s.failed_rd_operations, s.invalid_rd_operations);
    fill(wr, s.wr_operations, s.wr_total_time_ns, s.failed_wr_operations, s.invalid_wr_operations);
    fill(fl, s.flush_operations, s.flush_total_time_ns, s.failed_flush_operations,
         s.invalid_flush_operations);
    fill(un, s.unmap_operations, s.unmap_total_time_ns, s.failed_unmap_operations,
         s.invalid_unmap_operations);
    if (const auto idle = b.idle_time()) s.idle_time_ns = idle->count();
    s.account_invalid = b.account_invalid;
    s.account_failed = b.account_failed;
    return s;
}

BlockStats node_stats(const Node& node) {
    BlockStats s;
    s.node_name = node.node_name();
    s.stats.wr_highest_offset = signed_size(node.highest_write());
    if (auto* file = dynamic_cast<const block::FileNode*>(&node)) {
        const auto d = file->discards();
        s.driver_specific = BlockStatsSpecific{
            .driver = file->driver() == "file" ? BlockdevDriver::file : BlockdevDriver::host_device,
            .u = BlockStatsSpecificFile{
                .discard_nb_ok = d.ok, .discard_nb_failed = d.failed, .discard_bytes_ok = d.bytes}};
    }
    if (node.primary()) s.parent = Box<BlockStats>(node_stats(*node.primary()));
    if (node.backing()) s.backing = Box<BlockStats>(node_stats(*node.backing()));
    return s;
}

/// A back end that neither a user nor a device knows is nobody's business.
bool is_shown(const BlockBackend& b) {
    return !b.name().empty() || b.device();
}

}  // namespace

Result<std::vector<BlockInfo>> qmp_query_block(Context& cx) {
    std::vector<BlockInfo> list;
    for (const auto& b : cx.get<Drives>().backends()) {
        if (!is_shown(*b)) continue;
        const auto* device = b->device();
        BlockInfo i{.device = b->name(), .type = "unknown"};
        if (device) i.qdev = device->id_or_path();
        i.removable = !device || device->removable();
        i.locked = device && device->medium_locked();
        if (device && device->has_tray()) i.tray_open = device->tray_open();
        if (b->shows_io_status()) i.io_status = static_cast<BlockDeviceIoStatus>(b->io_status());
        if (b->node()) i.inserted = node_info(*b->node(), b->write_cache(), true);
        list.push_back(std::move(i));
    }
    return list;
}

Result<std::vector<BlockStats>> qmp_query_blockstats(Context& cx, const QueryBlockstatsArgs& args) {
    std::vector<BlockStats> list;
    auto& drives = cx.get<Drives>();
    if (args.query_nodes.value_or(false)) {
        for (const auto& node : drives.nodes())
            list.push_back(node_stats(*node));
        return list;
    }
    for (const auto& b : drives.backends()) {
        if (!is_shown(*b)) continue;
        BlockStats s = b->node() ? node_stats(*b->node()) : BlockStats{};
        const auto highest = s.stats.wr_highest_offset;
        s.stats = stats_of(*b);
        s.stats.wr_highest_offset = highest;
        if (!b->name().empty()) s.device = b->name();
        if (b->device()) s.qdev = b->device_id();
        list.push_back(std::move(s));
    }
    return list;
}

Result<std::vector<BlockDeviceInfo>> qmp_query_named_block_nodes(
    Context& cx, const QueryNamedBlockNodesArgs& args) {
    std::vector<BlockDeviceInfo> list;
    for (const auto& node : cx.get<Drives>().nodes())
        list.push_back(node_info(*node, true, !args.flat.value_or(false)));
    return list;
}

}  // namespace qapi
