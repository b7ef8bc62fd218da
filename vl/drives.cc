// SPDX-License-Identifier: GPL-2.0-or-later
#include "vl/drives.h"

#include <algorithm>
#include <array>

#include "block/open.h"
#include "qapi/qapi-visit-block-core.h"
#include "util/cutils.h"
#include "vl/option-groups.h"

namespace vl {

namespace {

using qapi::JsonObject;

/// The keys of one -drive. What is asked for is taken away; what is left belongs to the image.
class Keys {
public:
    explicit Keys(const JsonObject& given) : left_(given) {}

    bool has(std::string_view key) const { return left_.find(key); }
    std::string take(std::string_view key, std::string_view otherwise = {}) {
        auto* v = left_.find(key);
        if (!v) return std::string(otherwise);
        std::string text = word(*v);
        left_.erase(key);
        return text;
    }
    Result<bool> take_flag(std::string_view key, bool otherwise) {
        if (!has(key)) return otherwise;
        if (auto b = parse_bool(take(key))) return *b;
        return fail("Parameter '{}' expects 'on' or 'off'", key);
    }
    Result<std::optional<unsigned>> take_number(std::string_view key) {
        if (!has(key)) return std::optional<unsigned>{};
        const auto n = parse_uint64(take(key));
        if (!n || *n > 255) return fail("Parameter '{}' expects a number", key);
        return std::optional<unsigned>(static_cast<unsigned>(*n));
    }
    const JsonObject& left() const { return left_; }
    void set(std::string_view key, std::string_view value) { left_.set(key, value); }

private:
    JsonObject left_;
};

Result<block::OnError> on_error(Keys& keys, std::string_view key, std::string_view request,
                                block::OnError otherwise) {
    const auto word = keys.take(key);
    if (word.empty()) return otherwise;
    if (word == "report") return block::OnError::Report;
    if (word == "ignore") return block::OnError::Ignore;
    if (word == "stop") return block::OnError::Stop;
    if (word == "enospc" && key == "werror") return block::OnError::Enospc;
    return fail("'{}' invalid {} error action", word, request);
}

/// cache=: a word for three switches.
struct CacheMode {
    std::string_view name;
    bool writeback, direct, no_flush;
};
constexpr CacheMode cache_modes[] = {
    {"writeback", true, false, false}, {"writethrough", false, false, false},
    {"none", true, true, false},       {"directsync", false, true, false},
    {"unsafe", true, false, true},
};

/// Whether writes are answered before they are on stable storage; the rest goes to the image.
Result<bool> take_cache(Keys& keys) {
    bool writeback = true;
    if (keys.has("cache")) {
        const auto mode = keys.take("cache");
        const CacheMode* found = nullptr;
        for (const CacheMode& m : cache_modes)
            if (m.name == mode) found = &m;
        if (!found) return fail("invalid cache option");
        writeback = found->writeback;
        if (!keys.has("cache.direct")) keys.set("cache.direct", found->direct ? "on" : "off");
        if (!keys.has("cache.no-flush")) keys.set("cache.no-flush", found->no_flush ? "on" : "off");
    }
    return keys.take_flag("cache.writeback", writeback);
}

/// Who waits for the host is up to the lowest node.
Result<void> take_aio(Keys& keys) {
    const auto aio = keys.take("aio", "threads");
    if (aio == "threads") return {};
    if (aio == "native" || aio == "io_uring")
        return fail("aio={} is not supported by this program", aio).with_hint("Use aio=threads");
    return fail("invalid aio option");
}

/// Switches whose one supported position is what they are when nothing is said.
Result<void> take_unsupported(Keys& keys) {
    if (TRY(keys.take_flag("copy-on-read", false)))
        return fail("copy-on-read=on is not supported by this program");
    for (const auto& [key, value] : keys.left())
        for (std::string_view prefix : {"throttling.", "bps", "iops", "stats-"})
            if (key.starts_with(prefix))
                return fail(
                    "'{}' is not supported by this program: it neither limits nor measures "
                    "a drive's I/O over time",
                    key);
    return {};
}

struct Interface {
    std::string_view name;
    unsigned buses = 0, units = 0;
    std::array<std::array<bool, 2>, 2> used{};
};

/// Where the drives of each interface go.
class Places {
public:
    struct Place {
        unsigned bus = 0, unit = 0;
    };

    Interface* find(std::string_view name) {
        for (Interface& i : interfaces_)
            if (i.name == name) return &i;
        return nullptr;
    }
    bool used(std::string_view interface, unsigned bus, unsigned unit) {
        return find(interface)->used[bus][unit];
    }
    Result<Place> take(Interface& i, Keys& keys) {
        const auto index = TRY(keys.take_number("index"));
        const auto bus = TRY(keys.take_number("bus")), unit = TRY(keys.take_number("unit"));
        if (index && (bus || unit)) return fail("index cannot be used with bus and unit");
        Place p{bus.value_or(0), unit.value_or(0)};
        if (index) p = {*index / i.units, *index % i.units};
        if (!index && !unit)
            while (p.bus < i.buses && i.used[p.bus][p.unit])
                p = p.unit + 1 < i.units ? Place{p.bus, p.unit + 1} : Place{p.bus + 1, 0};
        if (unit && p.unit >= i.units)
            return fail("unit {} too big (max is {})", p.unit, i.units - 1);
        if (p.bus >= i.buses)
            return fail("machine type does not support if={},bus={},unit={}", i.name, p.bus,
                        p.unit);
        if (i.used[p.bus][p.unit])
            return fail("drive with bus={}, unit={} (index={}) exists", p.bus, p.unit,
                        p.bus * i.units + p.unit);
        i.used[p.bus][p.unit] = true;
        return p;
    }

private:
    Interface interfaces_[2] = {{"ide", 2, 2, {}}, {"floppy", 1, 2, {}}};
};

qapi::Argument device(std::string_view driver, std::string_view bus, unsigned unit,
                      std::string_view drive) {
    qapi::Argument a;
    a.form = qapi::Argument::Form::options;
    a.value = JsonObject{
        {"driver", driver}, {"bus", bus}, {"unit", std::to_string(unit)}, {"drive", drive}};
    return a;
}

/// One -drive: its place, its back end, its image.
class DriveMaker {
public:
    DriveMaker(const Settings& s, const hw::MachineType& machine, block::Drives& drives,
               const Reporter& report)
        : settings_(s), machine_(machine), drives_(drives), report_(report) {}

    Result<void> make(const JsonObject& options, std::string_view where) {
        Keys keys(options);
        const auto interface = keys.take("if", machine_.default_block_interface);
        const auto media = keys.take("media", "disk");
        if (media != "disk" && media != "cdrom") return fail("'{}' invalid media", media);
        const bool cdrom = media == "cdrom";
        std::string id = keys.take("id");
        if (!id.empty() && !qapi::is_identifier(id))
            return fail("Parameter 'id' expects an identifier");
        if (!id.empty() && drives_.find_backend(id)) return fail("Duplicate ID '{}' for drive", id);
        TRY(place(interface, cdrom, id, keys, where));

        const auto read_error = TRY(on_error(keys, "rerror", "read", block::OnError::Report));
        const auto write_error = TRY(on_error(keys, "werror", "write", block::OnError::Enospc));
        TRY(take_unsupported(keys));
        TRY(take_aio(keys));
        const bool writeback = TRY(take_cache(keys));
        const bool snapshot = TRY(keys.take_flag("snapshot", settings_.snapshot && !cdrom));
        // The old spelling.
        if (keys.has("readonly")) keys.set("read-only", keys.take("readonly"));
        if (cdrom && !keys.has("read-only")) keys.set("read-only", "on");
        if (!keys.has("auto-read-only")) keys.set("auto-read-only", "on");

        auto* backend = TRY(drives_.add_backend(id));
        backend->on_read_error = read_error;
        backend->on_write_error = write_error;
        backend->set_write_cache(writeback);
        backend->set_empty_read_only(cdrom);
        auto done = insert(*backend, keys, snapshot);
        if (!done) drives_.remove_backend(*backend);
        return done;
    }

    Places& places() { return places_; }
    std::vector<DriveDevice> take_devices() { return std::move(devices_); }

private:
    /// Fills in the name that a drive has when it is given none.
    Result<void> place(std::string_view interface, bool cdrom, std::string& id, Keys& keys,
                       std::string_view where) {
        constexpr std::array known{"none", "ide", "scsi",   "floppy", "pflash",
                                   "mtd",  "sd",  "virtio", "xen"};
        if (interface == "none") {
            if (id.empty()) id = fmt::format("none{}", nameless_++);
            return {};
        }
        Interface* i = places_.find(interface);
        if (!i) {
            for (std::string_view k : known)
                if (k == interface)
                    return fail("machine type does not support if={}", interface)
                        .with_hint("if= takes ide, floppy or none");
            return fail("unsupported bus type '{}'", interface);
        }
        if (i->name == "floppy" && keys.has("rerror"))
            return fail("rerror is not supported by this bus type");
        if (i->name == "floppy" && keys.has("werror"))
            return fail("werror is not supported by this bus type");
        const auto p = TRY(places_.take(*i, keys));
        const bool floppy = i->name == "floppy";
        if (id.empty())
            id = floppy ? fmt::format("floppy{}", p.unit)
                        : fmt::format("ide{}-{}{}", p.bus, cdrom ? "cd" : "hd", p.unit);
        devices_.push_back(
            {floppy ? device("floppy", "floppy-bus.0", p.unit, id)
                    : device(cdrom ? "ide-cd" : "ide-hd", fmt::format("ide.{}", p.bus), p.unit, id),
             std::string(where)});
        return {};
    }

    Result<void> insert(block::BlockBackend& backend, Keys& keys, bool snapshot) {
        block::ImageRequest request{.filename = keys.take("file")};
        request.format = keys.take(keys.has("driver") ? "driver" : "format");
        // Without file, format or node options there is no medium yet.
        if (request.filename.empty() && request.format.empty()) return {};
        if (auto node = drives_.find_node(request.filename)) return backend.insert(std::move(node));
        if (!request.format.empty() && !qapi::parse_enum<qapi::BlockdevDriver>(request.format))
            return fail("Unknown driver '{}'", request.format)
                .with_hint("This program reads raw images");
        if (request.filename.empty() && request.format == "raw" && !keys.has("file.driver"))
            return fail("A block device must be specified for \"file\"");
        request.options = keys.left();
        request.snapshot = snapshot;
        request.warn = [this](const std::string& text) { report_.caution(text); };
        return backend.insert(TRY(block::open_image(drives_, std::move(request))));
    }

    const Settings& settings_;
    const hw::MachineType& machine_;
    block::Drives& drives_;
    const Reporter& report_;
    Places places_;
    std::vector<DriveDevice> devices_;
    unsigned nameless_ = 0;
};

}  // namespace

Result<std::vector<DriveDevice>> make_drives(const Settings& s, const hw::MachineType& machine,
                                             block::Drives& drives, const Reporter& report) {
    for (const Described& d : s.blockdevs) {
        auto made = [&]() -> Result<void> {
            const auto options = TRY(qapi::from_argument<qapi::BlockdevOptions>(d.argument));
            if (!options.node_name) return fail("'node-name' must be specified for the root node");
            drives.keep_node(TRY(block::open_node(drives, options)));
            return {};
        }();
        if (!made) return std::move(made).error().prepend(d.where + ": ");
    }
    DriveMaker maker(s, machine, drives, report);
    for (const Described& d : s.drives) {
        auto made = maker.make(d.object(), d.where);
        if (!made) return std::move(made).error().prepend(d.where + ": ");
    }
    if (!s.default_devices) return maker.take_devices();
    // A board's own empty drives: a CD-ROM second on the second channel's place, floppy A, a slot
    // for an SD card.
    if (machine.has_cdrom && machine.default_block_interface == "ide" &&
        !maker.places().used("ide", 1, 0))
        TRY(maker.make({{"if", "ide"}, {"media", "cdrom"}, {"index", "2"}}, "default"));
    if (machine.has_floppy && !maker.places().used("floppy", 0, 0))
        TRY(maker.make({{"if", "floppy"}, {"index", "0"}}, "default"));
    if (machine.has_sdcard) TRY(maker.make({{"if", "none"}, {"id", "sd0"}}, "default"));
    return maker.take_devices();
}

Result<void> add_drive(const Settings& s, const hw::MachineType& machine, block::Drives& drives,
                       const Reporter& report, std::string_view options) {
    // As QEMU 7.2 numbers them.
    constexpr std::array interfaces{"none", "ide", "scsi",   "floppy", "pflash",
                                    "mtd",  "sd",  "virtio", "xen"};
    const qapi::Argument given = qapi::parse_options(options, "");
    const JsonObject& words = *given.value.object();
    if (!words.find("file") && !words.find("driver"))
        return fail("Must specify either driver or file");
    const qapi::Json* interface = words.find("if");
    const std::string kind =
        interface ? word(*interface) : std::string(machine.default_block_interface);
    const auto number = std::ranges::find(interfaces, kind) - interfaces.begin();
    if (number != 0) return fail("Can't hot-add drive to type {}", number);
    return DriveMaker(s, machine, drives, report).make(words, "drive_add");
}

}  // namespace vl
