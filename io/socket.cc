// SPDX-License-Identifier: GPL-2.0-or-later
//
// Sockets by address.
#include "io/socket.h"

#include <fcntl.h>
#include <glib.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <mutex>
#include <thread>

#include "io/raw-address.h"
#include "util/overloaded.h"

namespace io {

namespace {

struct FreeAddresses {
    void operator()(addrinfo* list) const { freeaddrinfo(list); }
};
using AddressList = std::unique_ptr<addrinfo, FreeAddresses>;

Result<AddressList> resolve(const InetAddress& a, bool passive) {
    if (a.ipv4 == false && a.ipv6 == false)
        return fail("Cannot disable IPv4 and IPv6 at same time");
    TRY(check_port(a.port));
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = passive ? AI_PASSIVE : AI_ADDRCONFIG | AI_V4MAPPED;
    hints.ai_family = AF_UNSPEC;
    if (a.ipv6 == false || (a.ipv4 == true && !a.ipv6)) hints.ai_family = AF_INET;
    if (a.ipv4 == false || (a.ipv6 == true && !a.ipv4)) hints.ai_family = AF_INET6;
    addrinfo* list = nullptr;
    const int error =
        getaddrinfo(a.host.empty() ? nullptr : a.host.c_str(), a.port.c_str(), &hints, &list);
    if (error)
        return fail("address resolution failed for {}:{}: {}", a.host, a.port, gai_strerror(error));
    return AddressList(list);
}

void set_port(sockaddr* address, std::uint16_t port) {
    if (address->sa_family == AF_INET6)
        reinterpret_cast<sockaddr_in6*>(address)->sin6_port = htons(port);
    else
        reinterpret_cast<sockaddr_in*>(address)->sin_port = htons(port);
}

unsigned port_of(const sockaddr* address) {
    return ntohs(address->sa_family == AF_INET6
                     ? reinterpret_cast<const sockaddr_in6*>(address)->sin6_port
                     : reinterpret_cast<const sockaddr_in*>(address)->sin_port);
}

UniqueFd new_socket(int family) {
    return UniqueFd(::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0));
}

void set_option(int fd, int level, int name) {
    const int on = 1;
    (void)setsockopt(fd, level, name, &on, sizeof on);
}

Result<UniqueFd> listen_unix(const UnixAddress& a, int backlog) {
    UniqueFd fd = new_socket(AF_UNIX);
    if (!fd) return fail_errno(errno, "Failed to create Unix socket");
    TRY(bind_unix(fd.get(), a));
    if (::listen(fd.get(), backlog) < 0) return fail_errno(errno, "Failed to listen on socket");
    return fd;
}

Result<UniqueFd> listen_inet(const InetAddress& a, int backlog) {
    AddressList list = TRY(resolve(a, true));
    int error = EADDRNOTAVAIL;
    for (addrinfo* e = list.get(); e; e = e->ai_next) {
        const unsigned first = port_of(e->ai_addr);
        const unsigned last = a.to ? std::max(*a.to, first) : first;
        for (unsigned port = first; port <= last && port <= 0xffff; port++) {
            UniqueFd fd = new_socket(e->ai_family);
            if (!fd) {
                error = errno;
                break;
            }
            set_option(fd.get(), SOL_SOCKET, SO_REUSEADDR);
            if (e->ai_family == AF_INET6 && (a.ipv4 != true || a.ipv6 == true) &&
                a.ipv4.has_value())
                set_option(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY);
            set_port(e->ai_addr, static_cast<std::uint16_t>(port));
            // The second of two that race for a port learns it at listen().
            if (bind(fd.get(), e->ai_addr, e->ai_addrlen) == 0 && ::listen(fd.get(), backlog) == 0)
                return fd;
            error = errno;
            if (error != EADDRINUSE) break;
        }
    }
    return fail_errno(error, "Failed to find an available port");
}

Result<UniqueFd> adopt(const FdAddress& a) {
    struct stat status {};
    if (fstat(a.fd, &status) < 0 || !S_ISSOCK(status.st_mode))
        return fail("File descriptor '{}' is not a socket", a.fd);
    (void)fcntl(a.fd, F_SETFD, FD_CLOEXEC);
    return UniqueFd(a.fd);
}

Result<UniqueFd> connect_unix(const UnixAddress& a) {
    const RawAddress name = TRY(raw_address(a));
    UniqueFd fd = new_socket(AF_UNIX);
    if (!fd) return fail_errno(errno, "Failed to create socket");
    while (::connect(fd.get(), name.get(), name.length) < 0)
        if (errno != EINTR)
            return fail_errno(errno, fmt::format("Failed to connect to '{}'", a.path));
    return fd;
}

Result<UniqueFd> connect_inet(const InetAddress& a) {
    AddressList list = TRY(resolve(a, false));
    int error = EADDRNOTAVAIL;
    for (addrinfo* e = list.get(); e; e = e->ai_next) {
        UniqueFd fd = new_socket(e->ai_family);
        if (!fd || ::connect(fd.get(), e->ai_addr, e->ai_addrlen) < 0) {
            error = errno;
            continue;
        }
        if (a.keep_alive) set_option(fd.get(), SOL_SOCKET, SO_KEEPALIVE);
        return fd;
    }
    return fail_errno(error, fmt::format("Failed to connect to '{}:{}'", a.host, a.port));
}

std::string host_and_port(const sockaddr_storage& address, socklen_t length) {
    char host[NI_MAXHOST], port[NI_MAXSERV];
    if (getnameinfo(reinterpret_cast<const sockaddr*>(&address), length, host, sizeof host, port,
                    sizeof port, NI_NUMERICHOST | NI_NUMERICSERV))
        return "?";
    return address.ss_family == AF_INET6 ? fmt::format("[{}]:{}", host, port)
                                         : fmt::format("{}:{}", host, port);
}

}  // namespace

Result<UniqueFd> listen(const SocketAddress& address, int backlog) {
    return std::visit(Overloaded{
                          [&](const UnixAddress& a) { return listen_unix(a, backlog); },
                          [&](const InetAddress& a) { return listen_inet(a, backlog); },
                          [&](const FdAddress& a) -> Result<UniqueFd> {
                              UniqueFd fd = TRY(adopt(a));
                              if (::listen(fd.get(), backlog) < 0)
                                  return fail_errno(errno, "Failed to listen on fd socket");
                              return fd;
                          },
                      },
                      address);
}

Result<UniqueFd> connect(const SocketAddress& address) {
    return std::visit(Overloaded{
                          [](const UnixAddress& a) { return connect_unix(a); },
                          [](const InetAddress& a) { return connect_inet(a); },
                          [](const FdAddress& a) { return adopt(a); },
                      },
                      address);
}

UniqueFd accept(int listener) {
    for (;;) {
        UniqueFd fd(accept4(listener, nullptr, nullptr, SOCK_CLOEXEC));
        if (fd || errno != EINTR) return fd;
    }
}

std::string describe(const SocketAddress& address, const char* prefix) {
    return std::visit(Overloaded{
                          [](const UnixAddress& a) {
                              return fmt::format("unix:{}{}", a.path,
                                                 !a.abstract ? ""
                                                 : a.tight   ? ",abstract=on"
                                                             : ",abstract=on,tight=off");
                          },
                          [&](const InetAddress& a) {
                              return a.host.find(':') == std::string::npos
                                         ? fmt::format("{}:{}:{}", prefix, a.host, a.port)
                                         : fmt::format("{}:[{}]:{}", prefix, a.host, a.port);
                          },
                          [](const FdAddress& a) { return fmt::format("fd:{}", a.fd); },
                      },
                      address);
}

std::string describe_connection(int socket, bool server, const char* prefix) {
    sockaddr_storage own{}, peer{};
    socklen_t own_length = sizeof own, peer_length = sizeof peer;
    const char* role = server ? ",server=on" : "";
    if (getsockname(socket, reinterpret_cast<sockaddr*>(&own), &own_length) < 0 ||
        getpeername(socket, reinterpret_cast<sockaddr*>(&peer), &peer_length) < 0)
        return "unknown";
    if (own.ss_family == AF_UNIX) {
        const auto& un = reinterpret_cast<const sockaddr_un&>(own);
        constexpr std::size_t start = offsetof(sockaddr_un, sun_path);
        std::string name(un.sun_path, own_length > start ? own_length - start : 0);
        if (!name.empty() && name[0] == 0)
            return fmt::format("unix:{}{},abstract=on", name.substr(1), role);
        return fmt::format("unix:{}{}", name.c_str(), role);
    }
    return fmt::format("{}:{}{} <-> {}", prefix, host_and_port(own, own_length), role,
                       host_and_port(peer, peer_length));
}

SocketAddress listening_address(int listener, const SocketAddress& asked) {
    RawAddress own;
    own.length = sizeof own.storage;
    if (getsockname(listener, own.get(), &own.length) < 0) return asked;
    if (own.storage.ss_family == AF_UNIX && !std::holds_alternative<FdAddress>(asked)) return asked;
    return socket_address(own).value_or(asked);
}

struct Connector::Attempt {
    std::mutex mutex;
    std::function<void(Result<UniqueFd>)> done;  // empty: forgotten
};

Connector::Connector(Context* context, SocketAddress address,
                     std::function<void(Result<UniqueFd>)> done)
    : attempt_(std::make_shared<Attempt>()) {
    attempt_->done = std::move(done);
    g_main_context_ref(context);
    std::thread([attempt = attempt_, context, address = std::move(address)] {
        // In a shared_ptr because a std::function must be copyable.
        auto result = std::make_shared<Result<UniqueFd>>(connect(address));
        post(context, [attempt, result] {
            std::function<void(Result<UniqueFd>)> tell;
            {
                std::lock_guard lock(attempt->mutex);
                tell.swap(attempt->done);
            }
            if (tell) tell(std::move(*result));
        });
        g_main_context_unref(context);
    }).detach();
}

Connector::~Connector() {
    std::lock_guard lock(attempt_->mutex);
    attempt_->done = nullptr;
}

}  // namespace io
