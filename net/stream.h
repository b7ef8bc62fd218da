// SPDX-License-Identifier: GPL-2.0-or-later
//
// A cable that is a stream socket: -netdev stream, and -netdev socket with listen=, connect= or
// fd=. Each frame goes behind its length, 32 bits with the highest byte first. One connection at a
// time; without one, frames are lost.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "io/socket.h"
#include "io/stream.h"
#include "net/network.h"

namespace net {

/// Puts frames together again.
class FrameReader {
public:
    /// Hands every frame that is complete now to `take`. False: a length that no frame has.
    bool feed(std::span<const std::uint8_t> bytes,
              const std::function<void(std::span<const std::uint8_t>)>& take);

private:
    std::vector<std::uint8_t> partial_;  // a frame with its length
};

class StreamNet final : public Client, private io::Stream::Owner {
public:
    /// `type` "stream" tells the clients of QMP about connections; "socket" does not.
    StreamNet(const Host& host, std::string id, std::string_view type)
        : Client(std::move(id), type), host_(host) {}
    ~StreamNet() override;

    /// Waits for somebody to connect, and again when that connection ends.
    Result<void> listen(io::SocketAddress);
    /// Tries once, in the background.
    void connect(io::SocketAddress);
    /// A connection that somebody else made.
    void adopt(UniqueFd);

    std::string info() const override { return info_; }
    bool can_receive() override;
    void receive(std::span<const std::uint8_t> frame) override;
    void drained() override { go_on(); }
    void link_changed(bool) override { go_on(); }

private:
    std::size_t stream_room() override;
    void stream_received(std::span<const std::uint8_t>, std::vector<UniqueFd>) override;
    void stream_closed() override;
    void stream_writable() override { flush_incoming(); }

    bool tells() const { return type() == "stream"; }
    void await_peer();
    void connected(UniqueFd, const io::SocketAddress& peer);
    void disconnected();
    void go_on();

    const Host& host_;
    io::SocketAddress address_;
    UniqueFd listener_;
    io::Watch arrival_;
    std::unique_ptr<io::Connector> connector_;
    std::unique_ptr<io::Stream> stream_;
    FrameReader reader_;
    std::vector<std::uint8_t> outgoing_;
    std::string info_;
    bool held_up_ = false;  // the other end of the cable has yet to take what it was given
};

}  // namespace net
