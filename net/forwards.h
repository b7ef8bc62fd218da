// SPDX-License-Identifier: GPL-2.0-or-later
//
// Rules that lead connections into and out of a -netdev user, and the network as those see it who
// change its rules.
#pragma once

#include <netinet/in.h>

#include <string>
#include <string_view>

#include "net/net-client.h"

namespace net {

/// A port of the host that leads to one of the guest. Ports in host order.
struct HostForward {
    bool udp = false;
    in_addr host{}, guest{};  // guest 0: the first address that DHCP gives
    std::uint16_t host_port = 0, guest_port = 0;
};
/// "tcp:[ADDRESS]:PORT-[ADDRESS]:PORT"
Result<HostForward> parse_host_forward(std::string_view rule);
/// The part before the dash.
Result<HostForward> parse_host_end(std::string_view text);

/// An address of the guest's network behind which something of the host listens.
struct GuestForward {
    in_addr address{};  // 0: the one after the last that has a meaning
    std::uint16_t port = 0;
    std::string target;  // "cmd:COMMAND", "chardev:ID", or a character device to be made
};
/// "tcp:ADDRESS:PORT-TARGET"
Result<GuestForward> parse_guest_forward(std::string_view rule);

/// A -netdev user.
class UserNetwork : public Client {
public:
    using Client::Client;
    virtual Result<void> add_forward(const HostForward&) = 0;
    /// False: there is none such.
    virtual bool remove_forward(const HostForward&) = 0;
    /// The table of connections of `info usernet`.
    virtual std::string connections() const = 0;
};

/// Whether this program was built with it.
bool user_available();

}  // namespace net
