// SPDX-License-Identifier: GPL-2.0-or-later
//
// The file is libpcap's, version 2.4, in this host's byte order (draft-ietf-opsawg-pcap).
#include "net/filter-dump.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/uio.h>

#include <algorithm>
#include <cerrno>

#include "net/network.h"
#include "qapi/context.h"
#include "qom/property.h"

namespace net {

namespace {

using Config = FilterDumpConfig;

constexpr auto properties = qom::properties(
    qom::property<&Config::netdev>("netdev", "the back end to listen to"),
    qom::property<&Config::file>("file", "where the frames go"),
    qom::property<&Config::maxlen>("maxlen", "most bytes kept of a frame"),
    qom::property<&Config::status>("status", "on, or off: write nothing").changeable());

constexpr qom::UserObjectType filter_dump_type = [] {
    qom::UserObjectType t{};
    t.name = "filter-dump";
    t.parent = "object";
    t.properties = properties;
    t.description = "frames of a network back end, written to a file";
    t.create = []() -> std::unique_ptr<qom::UserObject> { return std::make_unique<FilterDump>(); };
    return t;
}();

struct FileHeader {
    std::uint32_t magic = 0xa1b2c3d4;
    std::uint16_t major = 2, minor = 4;
    std::int32_t zone = 0;
    std::uint32_t accuracy = 0, longest, link_type = 1;  // Ethernet
};
struct FrameHeader {
    std::uint32_t seconds, microseconds, kept, length;
};
static_assert(sizeof(FileHeader) == 24 && sizeof(FrameHeader) == 16);

}  // namespace

std::span<const qom::UserObjectType* const> filter_types() {
    static constexpr const qom::UserObjectType* types[] = {&filter_dump_type};
    return types;
}

FilterDump::FilterDump() : UserObject(filter_dump_type) {}

FilterDump::~FilterDump() {
    if (client_) client_->remove_tap(*this);
}

Result<void> FilterDump::complete(qapi::Context& cx) {
    auto* network = cx.find<Network>();
    if (config_.netdev.empty()) return fail("Parameter 'netdev' is required");
    if (config_.file.empty()) return fail("dump filter needs 'file' property set!");
    if (config_.status != "on" && config_.status != "off")
        return fail("Invalid value for netfilter.status, should be 'on' or 'off'");
    Client* client = network ? network->find(config_.netdev) : nullptr;
    if (!client || client->is_card())
        return fail("Invalid parameter 'netdev': there is no network back end '{}'",
                    config_.netdev);
    constexpr mode_t for_owner = 0644;
    file_.reset(::open(config_.file.c_str(), O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, for_owner));
    const FileHeader header{.longest = config_.maxlen};
    if (!file_ || ::write(file_.get(), &header, sizeof header) != sizeof header)
        return fail_errno(errno, fmt::format("net dump: can't write {}", config_.file));
    client_ = client;
    client_->add_tap(*this);
    return {};
}

void FilterDump::frame(std::span<const std::uint8_t> bytes) {
    if (config_.status != "on" || !file_) return;
    timeval now{};
    gettimeofday(&now, nullptr);
    FrameHeader header{.seconds = static_cast<std::uint32_t>(now.tv_sec),
                       .microseconds = static_cast<std::uint32_t>(now.tv_usec),
                       .kept = std::min(static_cast<std::uint32_t>(bytes.size()), config_.maxlen),
                       .length = static_cast<std::uint32_t>(bytes.size())};
    const iovec parts[] = {{&header, sizeof header},
                           {const_cast<std::uint8_t*>(bytes.data()), header.kept}};
    // A frame that is there in part would spoil all that follow: without room, that was it.
    const auto all = static_cast<ssize_t>(sizeof header + header.kept);
    if (::writev(file_.get(), parts, 2) != all) file_.reset();
}

std::string FilterDump::info() const {
    return fmt::format(
        "{}: type=filter-dump,file={},maxlen={},position=tail,status={},insert=behind,netdev={},"
        "queue=all",
        name(), config_.file, config_.maxlen, config_.status, config_.netdev);
}

}  // namespace net
