// SPDX-License-Identifier: GPL-2.0-or-later
#include "io/raw-address.h"

#include <netdb.h>
#include <netinet/in.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace io {

Result<RawAddress> raw_address(const UnixAddress& a) {
    RawAddress raw;
    auto& un = reinterpret_cast<sockaddr_un&>(raw.storage);
    un.sun_family = AF_UNIX;
    const std::size_t room = sizeof un.sun_path - (a.abstract ? 1 : 0);
    if (a.path.size() > room)
        return Error{ErrorClass::GenericError,
                     fmt::format("UNIX socket path '{}' is too long", a.path)}
            .with_hint(fmt::format("Path must be less than {} bytes", room));
    std::memcpy(un.sun_path + (a.abstract ? 1 : 0), a.path.data(), a.path.size());
    raw.length = sizeof un;
    if (a.abstract && a.tight)
        raw.length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + a.path.size());
    return raw;
}

Result<void> check_port(const std::string& port) {
    const bool number = !port.empty() && port.find_first_not_of("0123456789") == port.npos;
    if (number && (port.size() > 5 || std::stoul(port) > 0xffff))
        return fail("Invalid port: '{}' is more than 65535", port);
    return {};
}

Result<RawAddress> raw_address(const InetAddress& a) {
    TRY(check_port(a.port));
    addrinfo hints{};
    hints.ai_socktype = SOCK_DGRAM;
    hints.ai_family = AF_INET;
    hints.ai_flags = AI_PASSIVE;
    addrinfo* list = nullptr;
    const int error =
        getaddrinfo(a.host.empty() ? nullptr : a.host.c_str(), a.port.c_str(), &hints, &list);
    if (error)
        return fail("address resolution failed for {}:{}: {}", a.host, a.port, gai_strerror(error));
    RawAddress raw;
    std::memcpy(&raw.storage, list->ai_addr, list->ai_addrlen);
    raw.length = list->ai_addrlen;
    freeaddrinfo(list);
    return raw;
}

std::optional<SocketAddress> socket_address(const RawAddress& raw) {
    if (raw.storage.ss_family == AF_UNIX) {
        const auto& un = reinterpret_cast<const sockaddr_un&>(raw.storage);
        constexpr std::size_t start = offsetof(sockaddr_un, sun_path);
        const std::string name(un.sun_path, raw.length > start ? raw.length - start : 0);
        if (!name.empty() && name[0] == 0) return UnixAddress{name.substr(1), true};
        return UnixAddress{name.c_str()};
    }
    char host[NI_MAXHOST], port[NI_MAXSERV];
    if (getnameinfo(raw.get(), raw.length, host, sizeof host, port, sizeof port,
                    NI_NUMERICHOST | NI_NUMERICSERV))
        return std::nullopt;
    return InetAddress{.host = host, .port = port};
}

Result<void> bind_unix(int socket, const UnixAddress& a) {
    const RawAddress name = TRY(raw_address(a));
    // Anything but a socket by that name is not ours to remove.
    struct stat status {};
    if (!a.abstract && lstat(a.path.c_str(), &status) == 0 && S_ISSOCK(status.st_mode) &&
        unlink(a.path.c_str()) < 0)
        return fail_errno(errno, fmt::format("Failed to unlink socket {}", a.path));
    if (bind(socket, name.get(), name.length) < 0)
        return fail_errno(errno, fmt::format("Failed to bind socket to {}", a.path));
    return {};
}

}  // namespace io
