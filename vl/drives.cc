// SPDX-License-Identifier: GPL-2.0-or-later
#include "vl/drives.h"

#include <array>

#include "util/cutils.h"
#include "vl/option-groups.h"

namespace vl {

namespace {

Result<bool> flag(const qapi::JsonObject& o, std::string_view key, bool otherwise) {
    auto* v = o.find(key);
    if (!v) return otherwise;
    if (auto b = parse_bool(word(*v))) return *b;
    return fail("Parameter '{}' expects 'on' or 'off'", key);
}

std::string text(const qapi::JsonObject& o, std::string_view key, std::string_view otherwise = {}) {
    auto* v = o.find(key);
    return v ? word(*v) : std::string(otherwise);
}

Result<void> only(const qapi::JsonObject& o, std::span<const std::string_view> known) {
    for (const auto& [key, value] : o) {
        bool found = false;
        for (auto k : known)
            found = found || k == key;
        if (!found) return fail("Block protocol or format option '{}' is not supported", key);
    }
    return {};
}

// ---- -blockdev
// -----------------------------------------------------------------------------------

constexpr std::array<std::string_view, 12> node_keys{
    "driver", "node-name", "file",    "filename",    "read-only", "auto-read-only",
    "size",   "offset",    "locking", "read-zeroes", "cache",     "discard"};

Result<block::NodeRef> make_node(block::Drives& drives, const qapi::JsonObject& o, bool named) {
    TRY(only(o, node_keys));
    const auto driver = text(o, "driver"), name = text(o, "node-name");
    if (driver.empty()) return fail("Parameter 'driver' is missing");
    if (named && name.empty()) return fail("'node-name' must be specified for the root node");
    const bool read_only = TRY(flag(o, "read-only", false));
    block::NodeRef node;
    if (driver == "file") {
        if (!o.find("filename")) return fail("Parameter 'filename' is missing");
        const bool auto_read_only = TRY(flag(o, "auto-read-only", false));
        node = TRY(block::open_file(name, {.filename = text(o, "filename"),
                                           .read_only = read_only,
                                           .auto_read_only = auto_read_only,
                                           .locking = text(o, "locking", "auto") != "off"}));
    } else if (driver == "null-co" || driver == "null-aio") {
        const auto size = parse_size(text(o, "size", "1G"));
        if (!size) return fail("Parameter 'size' expects a size");
        node = block::make_null(name, *size, TRY(flag(o, "read-zeroes", false)), read_only);
    } else if (driver == "raw") {
        auto* file = o.find("file");
        if (!file) return fail("Parameter 'file' is missing");
        block::NodeRef child;
        if (auto* inner = file->object()) {
            child = TRY(make_node(drives, *inner, false));
        } else {
            child = drives.find_node(word(*file));
            if (!child) return fail("Cannot find device='' nor node-name='{}'", word(*file));
        }
        const auto offset = parse_size(text(o, "offset", "0"));
        auto size = o.find("size") ? parse_size(text(o, "size"))
                                   : std::optional<std::uint64_t>(block::whole_image);
        if (!offset || !size) return fail("Parameter 'offset' and 'size' expect sizes");
        node = TRY(block::make_raw(name, std::move(child), *offset, *size, read_only));
    } else {
        return fail("Unknown driver '{}'", driver)
            .with_hint("this program has: file, raw, null-co");
    }
    if (!name.empty()) TRY(drives.add_node(node));
    return node;
}

// ---- -drive
// --------------------------------------------------------------------------------------

constexpr std::array<std::string_view, 16> drive_keys{
    "file",     "if",    "index",     "bus",    "unit",   "media",  "format", "id",
    "snapshot", "cache", "read-only", "serial", "rerror", "werror", "aio",    "readonly"};

Result<block::OnError> on_error(const qapi::JsonObject& o, std::string_view key,
                                block::OnError otherwise) {
    const auto word = text(o, key);
    if (word.empty()) return otherwise;
    if (word == "report") return block::OnError::Report;
    if (word == "ignore") return block::OnError::Ignore;
    if (word == "stop") return block::OnError::Stop;
    if (word == "enospc" && key == "werror") return block::OnError::Enospc;
    return fail("'{}' invalid {} error action", word, key == "werror" ? "write" : "read");
}

/// Where the drives of an interface go: two to a channel.
struct Place {
    unsigned bus = 0, unit = 0;
};
class Places {
public:
    Result<Place> take(const qapi::JsonObject& o, unsigned units_per_bus, unsigned buses) {
        auto number = [&](std::string_view key) { return parse_uint64(text(o, key)); };
        Place p;
        if (o.find("index")) {
            const auto index = number("index");
            if (!index) return fail("Parameter 'index' expects a number");
            p = {static_cast<unsigned>(*index / units_per_bus),
                 static_cast<unsigned>(*index % units_per_bus)};
        } else if (o.find("bus") || o.find("unit")) {
            p = {static_cast<unsigned>(number("bus").value_or(0)),
                 static_cast<unsigned>(number("unit").value_or(0))};
        } else {
            while (used(p))
                p = p.unit + 1 < units_per_bus ? Place{p.bus, p.unit + 1} : Place{p.bus + 1, 0};
        }
        if (p.bus >= buses || p.unit >= units_per_bus)
            return fail("unit {} too big (max is {})", p.unit, units_per_bus - 1);
        if (used(p))
            return fail("drive with bus={}, unit={} (index={}) exists", p.bus, p.unit,
                        p.bus * units_per_bus + p.unit);
        used_.push_back(p);
        return p;
    }
    bool used(Place p) const {
        for (const Place& u : used_)
            if (u.bus == p.bus && u.unit == p.unit) return true;
        return false;
    }

private:
    std::vector<Place> used_;
};

struct Interfaces {
    Places ide, floppy;
};

qapi::Argument device(std::string_view driver, std::string_view bus, unsigned unit,
                      std::string_view drive) {
    qapi::Argument a;
    a.form = qapi::Argument::Form::options;
    qapi::JsonObject o;
    o.set("driver", driver);
    if (!bus.empty()) o.set("bus", bus);
    o.set("unit", std::to_string(unit));
    if (!drive.empty()) o.set("drive", drive);
    a.value = std::move(o);
    return a;
}

Result<void> make_drive(const qapi::JsonObject& o, bool snapshot_all, std::string_view where,
                        Interfaces& interfaces, block::Drives& drives,
                        std::vector<DriveDevice>& devices) {
    TRY(only(o, drive_keys));
    const auto interface = text(o, "if", "ide"), media = text(o, "media", "disk");
    const bool cdrom = media == "cdrom";
    if (media != "disk" && media != "cdrom") return fail("'{}' invalid media", media);
    if (const auto format = text(o, "format", "raw"); format != "raw")
        return fail("Unknown driver '{}'", format).with_hint("this program reads raw images");

    std::string id = text(o, "id");
    if (interface == "ide") {
        const auto p = TRY(interfaces.ide.take(o, 2, 2));
        if (id.empty()) id = fmt::format("ide{}-{}{}", p.bus, cdrom ? "cd" : "hd", p.unit);
        auto a = device(cdrom ? "ide-cd" : "ide-hd", fmt::format("ide.{}", p.bus), p.unit, id);
        if (o.find("serial")) a.value.object()->set("serial", text(o, "serial"));
        devices.push_back({std::move(a), std::string(where)});
    } else if (interface == "floppy") {
        const auto p = TRY(interfaces.floppy.take(o, 2, 1));
        if (id.empty()) id = fmt::format("floppy{}", p.unit);
        devices.push_back({device("floppy", "floppy-bus.0", p.unit, id), std::string(where)});
    } else if (interface == "none") {
        if (id.empty()) id = fmt::format("none{}", drives.backends().size());
    } else {
        return fail("unsupported bus type '{}'", interface)
            .with_hint("if= takes ide, floppy or none");
    }

    auto* backend = TRY(drives.add_backend(id));
    backend->on_read_error = TRY(on_error(o, "rerror", block::OnError::Report));
    backend->on_write_error = TRY(on_error(o, "werror", block::OnError::Enospc));
    const auto file = text(o, "file");
    if (file.empty()) {
        if (cdrom || interface == "floppy") return {};  // an empty drive
        return fail("Device needs media, but drive is empty");
    }
    if (auto node = drives.find_node(file)) {
        backend->insert(std::move(node));
        return {};
    }
    const bool snapshot = TRY(flag(o, "snapshot", snapshot_all && !cdrom));
    const bool read_only = TRY(flag(o, o.find("readonly") ? "readonly" : "read-only", cdrom));
    const auto cache = text(o, "cache", "writeback");
    constexpr std::array<std::string_view, 6> modes{"writeback", "writethrough", "none",
                                                    "unsafe",    "directsync",   ""};
    bool known = false;
    for (auto m : modes)
        known = known || m == cache;
    if (!known) return fail("invalid cache option: {}", cache);
    auto node = TRY(block::open_file({}, {.filename = file,
                                          .read_only = read_only || snapshot,
                                          .direct = cache == "none" || cache == "directsync",
                                          .no_flush = cache == "unsafe"}));
    if (snapshot) node = TRY(block::make_temporary_overlay({}, std::move(node)));
    backend->insert(std::move(node));
    return {};
}

}  // namespace

Result<std::vector<DriveDevice>> make_drives(const Settings& s, const hw::MachineType& machine,
                                             block::Drives& drives) {
    for (const Described& d : s.blockdevs) {
        auto made = make_node(drives, d.object(), true);
        if (!made) return std::move(made).error().prepend(d.where + ": ");
    }
    std::vector<DriveDevice> devices;
    Interfaces interfaces;
    for (const Described& d : s.drives) {
        auto made = make_drive(d.object(), s.snapshot, d.where, interfaces, drives, devices);
        if (!made) return std::move(made).error().prepend(d.where + ": ");
    }
    if (!s.default_devices) return devices;
    // A board's own empty drives: a CD-ROM second on the second channel's place, floppy A.
    auto add_default = [&](const char* interface, const char* media,
                           const char* index) -> Result<void> {
        qapi::JsonObject o;
        o.set("if", interface);
        o.set("media", media);
        o.set("index", index);
        return make_drive(o, false, "default", interfaces, drives, devices);
    };
    if (machine.has_cdrom && machine.default_block_interface == "ide" &&
        !interfaces.ide.used({1, 0}))
        TRY(add_default("ide", "cdrom", "2"));
    if (machine.has_floppy && !interfaces.floppy.used({0, 0}))
        TRY(add_default("floppy", "disk", "0"));
    return devices;
}

}  // namespace vl
