// SPDX-License-Identifier: GPL-2.0-or-later
#include "net/stream.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

#include <algorithm>
#include <cerrno>

#include "io/qmp-address.h"
#include "io/raw-address.h"
#include "qapi/qapi-events-net.h"
#include "util/log.h"

namespace net {

namespace {

constexpr std::size_t length_size = 4;
// A frame fits whenever half of it is free.
constexpr std::size_t stream_limit = 2 * (longest_frame + length_size);

std::uint32_t length_at(const std::uint8_t* p) {
    return std::uint32_t{p[0]} << 24 | std::uint32_t{p[1]} << 16 | std::uint32_t{p[2]} << 8 | p[3];
}

/// The other side of a connection; what was listened on, if it has no name of its own.
io::SocketAddress peer_of(int socket, const io::SocketAddress& listened) {
    io::RawAddress raw;
    raw.length = sizeof raw.storage;
    if (getpeername(socket, raw.get(), &raw.length) < 0 || raw.storage.ss_family == AF_UNIX)
        return listened;
    auto peer = io::socket_address(raw).value_or(listened);
    if (auto* inet = std::get_if<io::InetAddress>(&peer))
        (raw.storage.ss_family == AF_INET6 ? inet->ipv6 : inet->ipv4) = true;
    return peer;
}

}  // namespace

bool FrameReader::feed(std::span<const std::uint8_t> bytes,
                       const std::function<void(std::span<const std::uint8_t>)>& take) {
    while (!bytes.empty()) {
        auto add = [&](std::size_t wanted) {
            const auto n = std::min(wanted - partial_.size(), bytes.size());
            partial_.insert(partial_.end(), bytes.begin(),
                            bytes.begin() + static_cast<std::ptrdiff_t>(n));
            bytes = bytes.subspan(n);
            return partial_.size() == wanted;
        };
        if (partial_.size() < length_size && !add(length_size)) break;
        const std::uint32_t length = length_at(partial_.data());
        if (length > longest_frame) return false;
        if (!add(length_size + length)) break;
        if (length) take(std::span(partial_).subspan(length_size));
        partial_.clear();
    }
    return true;
}

StreamNet::~StreamNet() {
    const auto* name = std::get_if<io::UnixAddress>(&address_);
    if (listener_ && name && !name->abstract) unlink(name->path.c_str());
}

Result<void> StreamNet::listen(io::SocketAddress address) {
    listener_ = TRY(io::listen(address));
    address_ = io::listening_address(listener_.get(), address);
    // Whoever knocked may have gone again when we open.
    const int flags = fcntl(listener_.get(), F_GETFL);
    if (flags < 0 || fcntl(listener_.get(), F_SETFL, flags | O_NONBLOCK) < 0)
        return fail_errno(errno, "Failed to listen on socket");
    await_peer();
    return {};
}

void StreamNet::await_peer() {
    arrival_ = io::Watch(host_.loop, listener_.get(), io::Readable, [this](unsigned) {
        UniqueFd peer = io::accept(listener_.get());
        if (!peer) return;
        arrival_.cancel();
        const auto other = peer_of(peer.get(), address_);
        const auto text = io::describe(other);
        info_ = tells() ? text : fmt::format("socket: connection from {}", text.substr(4));
        connected(std::move(peer), other);
    });
}

void StreamNet::connect(io::SocketAddress address) {
    address_ = std::move(address);
    connector_ =
        std::make_unique<io::Connector>(host_.loop, address_, [this](Result<UniqueFd> result) {
            if (!result) {
                info_ = "connection error: " + result.error().description();
                return;
            }
            const auto text = io::describe(address_);
            info_ = tells() ? text : fmt::format("socket: connect to {}", text.substr(4));
            const auto other = peer_of(result->get(), address_);
            connected(*std::move(result), other);
        });
}

void StreamNet::adopt(UniqueFd fd) {
    address_ = io::FdAddress{fd.get()};
    info_ = fmt::format("{}fd={}", tells() ? "" : "socket: ", fd.get());
    connected(std::move(fd), address_);
}

void StreamNet::connected(UniqueFd peer, const io::SocketAddress& other) {
    const int on = 1;
    (void)setsockopt(peer.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    reader_ = {};
    held_up_ = false;
    stream_ = std::make_unique<io::Stream>(host_.loop, static_cast<io::Stream::Owner&>(*this),
                                           std::move(peer), UniqueFd(),
                                           io::Stream::Options{.queue_limit = stream_limit});
    if (tells())
        qapi::emit(host_.events, qapi::NetdevStreamConnectedEvent{.netdev_id = name(),
                                                                  .addr = io::to_qapi(other)});
}

void StreamNet::disconnected() {
    stream_.reset();
    info_.clear();
    if (tells()) qapi::emit(host_.events, qapi::NetdevStreamDisconnectedEvent{.netdev_id = name()});
    if (listener_) await_peer();
    // What waited for room is lost, and nothing else waits.
    flush_incoming();
}

// ---- to the peer ------------------------------------------------------------------------------

bool StreamNet::can_receive() {
    return !stream_ || stream_->queued() < stream_limit / 2;
}

void StreamNet::receive(std::span<const std::uint8_t> frame) {
    if (!stream_) return;
    const auto length = static_cast<std::uint32_t>(frame.size());
    outgoing_.clear();
    for (int shift = 24; shift >= 0; shift -= 8)
        outgoing_.push_back(static_cast<std::uint8_t>(length >> shift));
    outgoing_.insert(outgoing_.end(), frame.begin(), frame.end());
    (void)stream_->write(outgoing_);
    if (!can_receive()) stream_->ask_for_room();
}

// ---- from the peer ----------------------------------------------------------------------------

std::size_t StreamNet::stream_room() {
    return held_up_ ? 0 : longest_frame;
}

void StreamNet::stream_received(std::span<const std::uint8_t> bytes, std::vector<UniqueFd>) {
    const bool sound = reader_.feed(bytes, [this](std::span<const std::uint8_t> frame) {
        if (!send(frame)) held_up_ = true;
    });
    if (sound) return;
    host_.log.guest_error("{}: the other side sent what is no frame; disconnecting\n", name());
    disconnected();
}

void StreamNet::stream_closed() {
    disconnected();
}

/// The other end of the cable has taken everything, or is no longer there.
void StreamNet::go_on() {
    held_up_ = false;
    if (stream_) stream_->resume();
}

}  // namespace net
