// SPDX-License-Identifier: GPL-2.0-or-later
//
// Socket addresses as the kernel has them.
#pragma once

#include <sys/socket.h>

#include <optional>

#include "io/socket.h"

namespace io {

struct RawAddress {
    sockaddr_storage storage{};
    socklen_t length = 0;

    sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
    const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
};

Result<RawAddress> raw_address(const UnixAddress&);
/// For datagrams over IPv4. Blocks while a name is looked up.
Result<RawAddress> raw_address(const InetAddress&);
/// With numbers for names; nothing for a family that is neither.
std::optional<SocketAddress> socket_address(const RawAddress&);

/// A number that is no port; getaddrinfo() takes its lowest 16 bits. Names pass.
Result<void> check_port(const std::string&);

/// Binds it to that name, which a socket of an earlier run may still have.
Result<void> bind_unix(int socket, const UnixAddress&);

}  // namespace io
