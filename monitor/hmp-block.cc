// SPDX-License-Identifier: GPL-2.0-or-later
#include "monitor/hmp-block.h"

#include "block/drives.h"
#include "block/open.h"
#include "monitor/hmp.h"
#include "qapi/keyval.h"
#include "qapi/qapi-visit-block-core.h"
#include "util/cutils.h"

namespace monitor::disks {

using qapi::Json;
using qapi::JsonObject;

namespace {

const std::string& text(const Json& json) {
    static const std::string none;
    return json.string() ? *json.string() : none;
}
bool yes(const Json& json) {
    return json.boolean() && *json.boolean();
}
const qapi::JsonArray& list(const Json& json) {
    static const qapi::JsonArray none;
    return json.array() ? *json.array() : none;
}

void print_image(Hmp& hmp, const Json& image) {
    const auto virtual_size = image["virtual-size"].unsigned_integer().value_or(0);
    const auto actual_size = image["actual-size"].unsigned_integer();
    hmp.print("image: {}\nfile format: {}\nvirtual size: {} ({} bytes)\ndisk size: {}\n",
              text(image["filename"]), text(image["format"]), size_to_string(virtual_size),
              virtual_size, actual_size ? size_to_string(*actual_size) : "unavailable");
    if (image.find("backing-image")) print_image(hmp, image["backing-image"]);
}

/// What is said of a node, alone or as the medium of a back end.
void print_node(Hmp& hmp, const Json& node, bool verbose) {
    const Json& cache = node["cache"];
    hmp.print(
        "    Cache mode:       {}{}{}\n", yes(cache["writeback"]) ? "writeback" : "writethrough",
        yes(cache["direct"]) ? ", direct" : "", yes(cache["no-flush"]) ? ", ignore flushes" : "");
    if (node.find("backing_file"))
        hmp.print("    Backing file:     {} (chain depth: {})\n", text(node["backing_file"]),
                  node["backing_file_depth"].integer().value_or(0));
    if (const auto& zeroes = text(node["detect_zeroes"]); zeroes != "off")
        hmp.print("    Detect zeroes:    {}\n", zeroes);
    if (!verbose) return;
    hmp.print("\nImages:\n");
    print_image(hmp, node["image"]);
}

void print_medium(Hmp& hmp, const Json& node) {
    hmp.print(": {} ({}{})\n", text(node["file"]), text(node["drv"]),
              yes(node["ro"]) ? ", read-only" : "");
}

void print_backend(Hmp& hmp, const Json& b, bool verbose) {
    const Json& medium = b["inserted"];
    const std::string &device = text(b["device"]), &node = text(medium["node-name"]);
    if (device.empty())
        hmp.print_text(node.empty() ? text(b["qdev"]) : node);
    else
        hmp.print_text(node.empty() ? device : fmt::format("{} ({})", device, node));
    if (medium.is_null())
        hmp.print(": [not inserted]\n");
    else
        print_medium(hmp, medium);
    if (b.find("qdev")) hmp.print("    Attached to:      {}\n", text(b["qdev"]));
    if (const auto& status = text(b["io-status"]); !status.empty() && status != "ok")
        hmp.print("    I/O status:       {}\n", status);
    if (yes(b["removable"]))
        hmp.print("    Removable device: {}locked, tray {}\n", yes(b["locked"]) ? "" : "not ",
                  yes(b["tray_open"]) ? "open" : "closed");
    if (!medium.is_null()) print_node(hmp, medium, verbose);
}

}  // namespace

Result<void> info_block(Hmp& hmp, const HmpArguments& a) {
    const auto wanted = a.maybe_text("device");
    const bool verbose = a.flag("v");
    bool printed = false;
    const auto separate = [&] {
        if (std::exchange(printed, true)) hmp.print("\n");
    };
    if (!a.flag("n")) {
        const Json all = TRY(hmp.qmp("query-block"));
        for (const Json& b : list(all)) {
            if (wanted && text(b["device"]) != *wanted) continue;
            separate();
            print_backend(hmp, b, verbose);
        }
        if (!wanted || printed) return {};
    }
    const Json nodes = TRY(hmp.qmp("query-named-block-nodes"));
    for (const Json& node : list(nodes)) {
        if (wanted && text(node["node-name"]) != *wanted) continue;
        separate();
        hmp.print_text(text(node["node-name"]));
        print_medium(hmp, node);
        print_node(hmp, node, verbose);
    }
    return {};
}

Result<void> info_blockstats(Hmp& hmp, const HmpArguments&) {
    const Json all = TRY(hmp.qmp("query-blockstats"));
    for (const Json& b : list(all)) {
        if (!b.find("device")) continue;
        hmp.print("{}:", text(b["device"]));
        for (const char* count : {"rd_bytes", "wr_bytes", "rd_operations", "wr_operations",
                                  "flush_operations", "wr_total_time_ns", "rd_total_time_ns",
                                  "flush_total_time_ns", "rd_merged", "wr_merged", "idle_time_ns"})
            hmp.print(" {}={}", count, b["stats"][count].integer().value_or(0));
        hmp.print("\n");
    }
    return {};
}

Result<void> eject(Hmp& hmp, const HmpArguments& a) {
    (void)TRY(hmp.qmp("eject", {{"device", a.text("device")}, {"force", a.flag("f")}}));
    return {};
}

Result<void> change(Hmp& hmp, const HmpArguments& a) {
    JsonObject arguments{
        {"device", a.text("device")}, {"filename", a.text("filename")}, {"force", a.flag("f")}};
    if (const auto format = a.maybe_text("format")) arguments.set("format", *format);
    if (const auto mode = a.maybe_text("read-only-mode")) arguments.set("read-only-mode", *mode);
    (void)TRY(hmp.qmp("blockdev-change-medium", std::move(arguments)));
    return {};
}

Result<void> resize(Hmp& hmp, const HmpArguments& a) {
    (void)TRY(hmp.qmp("block_resize", {{"device", a.text("device")}, {"size", a.number("size")}}));
    return {};
}

namespace {

/// QEMU 7.2 says what went wrong with these without an "Error: " before it.
Result<void> bare(Hmp& hmp, const Result<void>& done) {
    if (!done) hmp.print("{}\n", done.error().description());
    return {};
}

Result<void> add_drive(Hmp& hmp, const HmpArguments& a) {
    auto& drives = hmp.services().get<block::Drives>();
    const std::string& options = a.text("opts");
    if (!a.flag("n")) {
        TRY(drives.add_drive(options));
        hmp.print("OK\n");
        return {};
    }
    const qapi::Argument words = TRY(qapi::parse_keyval(options, ""));
    const auto given = TRY(qapi::from_argument<qapi::BlockdevOptions>(words));
    if (!given.node_name) return fail("'node-name' needs to be specified");
    drives.keep_node(TRY(block::open_node(drives, given)));
    return {};
}

}  // namespace

/// The first word is an address on a bus that QEMU 7.2 does not look at either.
Result<void> drive_add(Hmp& hmp, const HmpArguments& a) {
    return bare(hmp, add_drive(hmp, a));
}

Result<void> drive_del(Hmp& hmp, const HmpArguments& a) {
    return bare(hmp, hmp.services().get<block::Drives>().delete_drive(a.text("id")));
}

}  // namespace monitor::disks
