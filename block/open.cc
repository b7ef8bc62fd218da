// SPDX-License-Identifier: GPL-2.0-or-later
#include "block/open.h"

#include <sys/stat.h>

#include <cstring>

#include "block/blkdebug.h"
#include "block/probe.h"
#include "io/fdset.h"
#include "qapi/keyval.h"
#include "qapi/qapi-visit-block-core.h"
#include "util/cutils.h"

namespace block {

namespace {

using qapi::BlockdevDriver;
using qapi::BlockdevOptions;
using qapi::JsonObject;

/// A format that has to be found out.
struct Guess {
    std::string filename;
    std::function<void(const std::string&)> warn;
};

int open_descriptor(const void* sets, const std::string& name, int flags) {
    return static_cast<const io::FdSets*>(sets)->open(name, flags);
}

/// What a node does not say about itself it takes from the one above it; but lower nodes pass
/// discards on, so that the one above alone decides.
NodeOptions node_options(const BlockdevOptions& o, const NodeOptions* parent) {
    const NodeOptions above = parent ? *parent : NodeOptions{};
    const auto cache = o.cache.value_or(qapi::BlockdevCacheOptions{});
    NodeOptions n;
    n.read_only = o.read_only.value_or(above.read_only);
    n.auto_read_only = o.auto_read_only.value_or(above.auto_read_only);
    n.force_share = o.force_share.value_or(above.force_share);
    n.direct = cache.direct.value_or(above.direct);
    n.no_flush = cache.no_flush.value_or(above.no_flush);
    n.unmap = o.discard ? *o.discard == qapi::BlockdevDiscardOptions::unmap : parent != nullptr;
    if (o.detect_zeroes) n.detect_zeroes = static_cast<DetectZeroes>(*o.detect_zeroes);
    return n;
}

class Opener {
public:
    explicit Opener(Drives& drives) : drives_(drives) {}

    Result<NodeRef> open(const BlockdevOptions& o, const NodeOptions* parent,
                         const Guess* guess = nullptr) {
        NodeOptions n = node_options(o, parent);
        if (n.force_share && !n.read_only)
            return fail("force-share=on can only be used with read-only images");
        if (o.node_name) TRY(drives_.check_node_name(*o.node_name));
        NodeRef node = TRY(make(o, std::move(n), guess));
        if (!drives_.active()) TRY(node->set_active(false));
        drives_.add_node(node);
        return node;
    }

private:
    /// After the children, so that made-up names count upwards.
    NodeOptions named(NodeOptions n, const BlockdevOptions& o) {
        n.name = o.node_name ? *o.node_name : drives_.make_node_name();
        return n;
    }

    Result<NodeRef> child(const qapi::BlockdevRef& ref, const NodeOptions& parent) {
        if (auto* name = std::get_if<std::string>(&ref.u)) {
            if (NodeRef found = drives_.find_node(*name)) return found;
            if (BlockBackend* b = drives_.find_backend(*name); b && b->inserted()) return b->node();
            return fail("Cannot find device='{}' nor node-name='{}'", *name, *name);
        }
        return open(std::get<BlockdevOptions>(ref.u), &parent);
    }

    Result<NodeRef> make(const BlockdevOptions& o, NodeOptions n, const Guess* guess) {
        switch (o.driver) {
            case BlockdevDriver::file:
            case BlockdevDriver::host_device:
                return make_file(o, std::get<qapi::BlockdevOptionsFile>(o.u), std::move(n));
            case BlockdevDriver::null_co:
            case BlockdevDriver::null_aio: {
                const auto& own = std::get<qapi::BlockdevOptionsNull>(o.u);
                if (own.size.value_or(0) < 0) return fail("Parameter 'size' is negative");
                NullOptions null;
                if (own.size) null.size = static_cast<std::uint64_t>(*own.size);
                null.latency_ns = own.latency_ns.value_or(0);
                null.read_zeroes = own.read_zeroes.value_or(false);
                return make_null(name(o.driver), named(std::move(n), o), null);
            }
            case BlockdevDriver::raw:
                return make_raw_node(o, *std::get<qapi::Box<qapi::BlockdevOptionsRaw>>(o.u),
                                     std::move(n), guess);
            case BlockdevDriver::blkdebug: {
                const auto& own = std::get<qapi::BlockdevOptionsBlkdebug>(o.u);
                NodeRef image = TRY(child(*own.image, n));
                return make_blkdebug(named(std::move(n), o), std::move(image), own);
            }
        }
        return fail("Unknown driver");
    }

    Result<NodeRef> make_file(const BlockdevOptions& o, const qapi::BlockdevOptionsFile& own,
                              NodeOptions n) {
        FileOptions file{.filename = own.filename};
        if (own.locking)
            file.locking = *own.locking == qapi::OnOffAuto::on    ? FileOptions::Locking::On
                           : *own.locking == qapi::OnOffAuto::off ? FileOptions::Locking::Off
                                                                  : FileOptions::Locking::Auto;
        if (drives_.descriptors()) {
            file.open = open_descriptor;
            file.opener = drives_.descriptors();
        }
        NodeRef node = TRY(open_file(named(std::move(n), o), std::move(file)));
        if (node->driver() == name(o.driver)) return node;
        return fail("'{}' driver requires '{}' to be {}", name(o.driver), own.filename,
                    o.driver == BlockdevDriver::file ? "a regular file"
                                                     : "either a character or block device");
    }

    Result<NodeRef> make_raw_node(const BlockdevOptions& o, const qapi::BlockdevOptionsRaw& own,
                                  NodeOptions n, const Guess* guess) {
        if (own.offset.value_or(0) < 0 || own.size.value_or(0) < 0)
            return fail("Parameters 'offset' and 'size' must not be negative");
        NodeRef below = TRY(child(own.file, n));
        if (guess) TRY(find_out(*below, *guess));
        RawOptions raw{.offset = static_cast<std::uint64_t>(own.offset.value_or(0)),
                       .guessed = guess != nullptr};
        if (own.size) raw.size = static_cast<std::uint64_t>(*own.size);
        return make_raw(named(std::move(n), o), std::move(below), raw);
    }

    Result<void> find_out(Node& node, const Guess& guess) {
        std::vector<std::uint8_t> start(std::min<std::uint64_t>(probe_size, node.size()));
        if (const int error = node.read(0, start))
            return fail("Could not read image for determining its format: {}",
                        std::strerror(error));
        if (const auto format = guess_format(start); format != "raw")
            return fail("'{}' looks like an image of format '{}', which this program does not read",
                        guess.filename, format)
                .with_hint("Say format=raw if it is a disk's plain content");
        if (guess.warn)
            guess.warn(
                fmt::format("Image format was not specified for '{}' and probing guessed raw.\n"
                            "         Automatically detecting the format is dangerous for raw "
                            "images, write operations on block 0 will be restricted.\n"
                            "         Specify the 'raw' format explicitly to remove the "
                            "restrictions.",
                            guess.filename));
        return {};
    }

    Drives& drives_;
};

bool is_block_device(const std::string& name) {
    struct stat st {};
    return stat(name.c_str(), &st) == 0 && S_ISBLK(st.st_mode);
}

/// The node that a name alone stands for.
Result<JsonObject> protocol_node(std::string_view filename) {
    for (const char* driver : {"null-co", "null-aio"})
        if (filename == fmt::format("{}://", driver)) return JsonObject{{"driver", driver}};
    constexpr std::string_view file_prefix = "file:";
    if (filename.starts_with(file_prefix)) {
        filename.remove_prefix(file_prefix.size());
    } else if (const auto end = filename.find_first_of(":/");
               end != filename.npos && end > 0 && filename[end] == ':') {
        return fail("Unknown protocol '{}'", filename.substr(0, end));
    }
    const std::string path(filename);
    return JsonObject{{"driver", is_block_device(path) ? "host_device" : "file"},
                      {"filename", path}};
}

/// Options as strings with dots in their keys become a tree of them.
Result<JsonObject> grow(const JsonObject& flat) {
    std::string text;
    for (const auto& [key, value] : flat) {
        const std::string* word = value.string();
        if (!word) return fail("Parameter '{}' expects a string", key);
        if (!text.empty()) text += ',';
        text += key + '=';
        for (char c : *word)
            text += c == ',' ? std::string(",,") : std::string(1, c);
    }
    if (text.empty()) return JsonObject{};
    auto argument = TRY(qapi::parse_keyval(text, ""));
    return *std::move(argument.value.object());
}

}  // namespace

Result<NodeRef> open_node(Drives& drives, const BlockdevOptions& options) {
    return Opener(drives).open(options, nullptr);
}

Result<NodeRef> open_image(Drives& drives, ImageRequest request) {
    constexpr std::string_view json_prefix = "json:";
    qapi::Argument argument{.form = qapi::Argument::Form::keyval};
    const bool guessing = request.format.empty();
    if (request.filename.starts_with(json_prefix)) {
        if (!guessing) return fail("A format cannot be given beside a json: name");
        argument.form = qapi::Argument::Form::json;
        argument.value = TRY(qapi::Json::parse(request.filename.substr(json_prefix.size())));
        if (!argument.value.object()) return fail("Could not parse the JSON options");
        // They are strings here, the others are not: what was said beside the name comes last.
        for (const auto& [key, value] : request.options)
            if (const auto on = value.string() ? parse_bool(*value.string()) : std::nullopt;
                on && !argument.value.find(key))
                argument.value.object()->set(key, *on);
    } else {
        JsonObject node = TRY(grow(request.options));
        node.set("driver", guessing ? "raw" : request.format);
        if (!request.filename.empty()) {
            JsonObject below = TRY(protocol_node(request.filename));
            if (auto* said = node.find("file"); said && said->object())
                for (auto& [key, value] : *said->object())
                    below.set(key, std::move(value));
            if (request.format == "file" || request.format == "host_device")
                node.set("filename", *below.find("filename"));
            else
                node.set("file", std::move(below));
        }
        argument.value = std::move(node);
    }
    auto options = TRY(qapi::from_argument<BlockdevOptions>(argument));
    const bool layered = request.snapshot && !options.read_only.value_or(false);
    if (layered) options.read_only = true;
    const Guess guess{request.filename, std::move(request.warn)};
    const bool raw = options.driver == BlockdevDriver::raw;
    NodeRef node = TRY(Opener(drives).open(options, nullptr, guessing && raw ? &guess : nullptr));
    if (!layered) return node;
    NodeOptions top{.name = drives.make_node_name(), .no_flush = true};
    NodeRef overlay = TRY(make_temporary_overlay(std::move(top), std::move(node)));
    drives.add_node(overlay);
    return overlay;
}

}  // namespace block
