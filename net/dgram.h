// SPDX-License-Identifier: GPL-2.0-or-later
//
// A cable that is a datagram socket, a frame a datagram: -netdev dgram, and -netdev socket with
// udp=, mcast= or fd=. Members of a multicast group hear what they send themselves, as on QEMU.
#pragma once

#include <optional>
#include <vector>

#include "io/raw-address.h"
#include "net/network.h"

namespace net {

class DatagramNet final : public Client {
public:
    /// Without `to` the socket is connected.
    DatagramNet(const Host&, std::string id, std::string_view type, UniqueFd,
                std::optional<io::RawAddress> to, std::string info);
    ~DatagramNet() override;
    /// The name in the file system that goes with the socket.
    void owns(io::UnixAddress name) { name_ = std::move(name); }

    std::string info() const override { return info_; }
    bool can_receive() override { return unsent_.empty(); }
    void receive(std::span<const std::uint8_t> frame) override;
    void drained() override { listen(); }
    void link_changed(bool) override { listen(); }

private:
    void listen();
    void arrived();
    /// False: the host has no room for it now.
    bool transmit(std::span<const std::uint8_t> frame);

    const Host& host_;
    UniqueFd socket_;
    std::optional<io::RawAddress> to_;
    std::optional<io::UnixAddress> name_;
    std::string info_;
    io::Watch input_, output_;
    std::vector<std::uint8_t> incoming_, unsent_;
};

}  // namespace net
