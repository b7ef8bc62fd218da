// SPDX-License-Identifier: GPL-2.0-or-later
//
// Cables between emulators as -netdev socket, stream and dgram describe them.
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/stat.h>

#include <cerrno>

#include "io/fdset.h"
#include "io/qmp-address.h"
#include "net/backends.h"
#include "net/dgram.h"
#include "net/stream.h"

namespace net {

namespace {

Result<io::InetAddress> host_and_port(const std::string& text) {
    const auto colon = text.find(':');
    if (colon == text.npos)
        return fail("host address '{}' doesn't contain ':' separating host from port", text);
    return io::InetAddress{
        .host = text.substr(0, colon), .port = text.substr(colon + 1), .ipv4 = true};
}

Result<io::RawAddress> ipv4_address(const std::string& text) {
    const auto address = TRY(host_and_port(text));
    return io::raw_address(address);
}

std::string text_of(const io::RawAddress& raw) {
    return io::describe(io::socket_address(raw).value_or(io::FdAddress{})).substr(4);
}

bool is_multicast(const io::RawAddress& raw) {
    return IN_MULTICAST(ntohl(reinterpret_cast<const sockaddr_in&>(raw.storage).sin_addr.s_addr));
}

Result<UniqueFd> new_datagram_socket(int family) {
    UniqueFd fd(::socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    if (!fd) return fail_errno(errno, "can't create datagram socket");
    return fd;
}

Result<void> bind_inet(int fd, const io::RawAddress& to) {
    const int on = 1;
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) < 0)
        return fail_errno(errno, "can't set socket option SO_REUSEADDR");
    if (bind(fd, to.get(), to.length) < 0)
        return fail_errno(errno, fmt::format("can't bind ip={} to socket", text_of(to)));
    return {};
}

/// `text` names it in `info network`.
Backend udp_between(const Host& host, const std::string& id, std::string_view type,
                    const io::InetAddress& local, const io::InetAddress& remote,
                    std::string_view text) {
    const auto from = TRY(io::raw_address(local));
    const auto to = TRY(io::raw_address(remote));
    UniqueFd fd = TRY(new_datagram_socket(AF_INET));
    TRY(bind_inet(fd.get(), from));
    return std::make_unique<DatagramNet>(
        host, id, type, std::move(fd), to,
        fmt::format(fmt::runtime(text), fmt::arg("from", text_of(from)),
                    fmt::arg("to", text_of(to))));
}

Backend multicast(const Host& host, const std::string& id, std::string_view type,
                  const io::RawAddress& group, const std::string& local_host,
                  std::string_view prefix) {
    ip_mreq membership{};
    membership.imr_multiaddr = reinterpret_cast<const sockaddr_in&>(group.storage).sin_addr;
    membership.imr_interface.s_addr = htonl(INADDR_ANY);
    if (!local_host.empty() && inet_aton(local_host.c_str(), &membership.imr_interface) == 0)
        return fail("localaddr '{}' is not a valid IPv4 address", local_host);
    UniqueFd fd = TRY(new_datagram_socket(AF_INET));
    TRY(bind_inet(fd.get(), group));
    auto set = [&](int option, const auto& value) {
        return setsockopt(fd.get(), IPPROTO_IP, option, &value, sizeof value) == 0;
    };
    if (!set(IP_ADD_MEMBERSHIP, membership))
        return fail_errno(errno,
                          fmt::format("can't add socket to multicast group {}", text_of(group)));
    const int on = 1;  // members on this host are to hear it too
    if (!set(IP_MULTICAST_LOOP, on))
        return fail_errno(errno, "can't force multicast message to loopback");
    if (!local_host.empty() && !set(IP_MULTICAST_IF, membership.imr_interface))
        return fail_errno(errno, "can't set the default network send interface");
    return std::make_unique<DatagramNet>(host, id, type, std::move(fd), group,
                                         fmt::format("{}mcast={}", prefix, text_of(group)));
}

/// A socket of that name or number, and whether it is one for datagrams.
struct Given {
    UniqueFd fd;
    bool datagrams;
    std::string family;
};
Result<Given> take_socket(const Host& host, const std::string& name) {
    // A number that is no socket of ours stays open: it may be anything.
    struct stat status {};
    const auto is_socket = [&](int fd) {
        return fstat(fd, &status) == 0 && S_ISSOCK(status.st_mode);
    };
    const auto number = io::FdSets::number(name);
    if (number && !is_socket(*number)) return fail("File descriptor '{}' is not a socket", name);
    UniqueFd fd = TRY(host.descriptors.take(name));
    if (!is_socket(fd.get())) return fail("File descriptor '{}' is not a socket", name);
    int type = 0, family = 0;
    for (auto [option, value] : {std::pair{SO_TYPE, &type}, std::pair{SO_DOMAIN, &family}}) {
        socklen_t length = sizeof *value;
        if (getsockopt(fd.get(), SOL_SOCKET, option, value, &length) < 0)
            return fail_errno(errno, fmt::format("cannot use the descriptor '{}'", name));
    }
    if (type != SOCK_DGRAM && type != SOCK_STREAM)
        return fail("socket type={} for fd={} must be either SOCK_DGRAM or SOCK_STREAM", type,
                    name);
    (void)fcntl(fd.get(), F_SETFD, FD_CLOEXEC);
    return Given{std::move(fd), type == SOCK_DGRAM, family == AF_UNIX ? "unix" : "inet"};
}

Backend adopt_datagrams(const Host& host, const std::string& id, std::string_view type, Given given,
                        std::string_view prefix) {
    auto info = fmt::format("{}fd={} {}", prefix, given.fd.get(), given.family);
    return std::make_unique<DatagramNet>(host, id, type, std::move(given.fd), std::nullopt,
                                         std::move(info));
}

/// The address in `q`, which is no descriptor.
template <class Address>
auto address_in(const qapi::SocketAddress& q) {
    return io::from_qapi(std::get<Address>(q.u));
}

}  // namespace

Backend make_socket(const Host& host, const std::string& id,
                    const qapi::NetdevSocketOptions& options) {
    constexpr std::string_view type = "socket", prefix = "socket: ";
    if (!options.fd.has_value() + !options.listen.has_value() + !options.connect.has_value() +
            !options.mcast.has_value() + !options.udp.has_value() !=
        4)
        return fail("exactly one of listen=, connect=, mcast= or udp= is required");
    if (options.localaddr && !options.mcast && !options.udp)
        return fail("localaddr= is only valid with mcast= or udp=");
    if (options.mcast) {
        const auto group = TRY(ipv4_address(*options.mcast));
        if (!is_multicast(group))
            return fail("specified mcastaddr {} does not contain a multicast address",
                        *options.mcast);
        return multicast(host, id, type, group, options.localaddr.value_or(""), prefix);
    }
    if (options.udp) {
        if (!options.localaddr) return fail("localaddr= is mandatory with udp=");
        const auto local = TRY(host_and_port(*options.localaddr));
        const auto remote = TRY(host_and_port(*options.udp));
        return udp_between(host, id, type, local, remote, "socket: udp={to}");
    }
    auto made = std::make_unique<StreamNet>(host, id, type);
    if (options.fd) {
        Given given = TRY(take_socket(host, *options.fd));
        if (given.datagrams) return adopt_datagrams(host, id, type, std::move(given), prefix);
        made->adopt(std::move(given.fd));
    } else if (options.listen) {
        const auto address = TRY(host_and_port(*options.listen));
        TRY(made->listen(address));
    } else {
        // A name that nobody knows is an error now, not a cable that leads nowhere.
        const auto to = TRY(ipv4_address(*options.connect));
        made->connect(io::socket_address(to).value());
    }
    return made;
}

Backend make_stream(const Host& host, const std::string& id,
                    const qapi::NetdevStreamOptions& options) {
    const bool server = options.server.value_or(false);
    auto made = std::make_unique<StreamNet>(host, id, "stream");
    if (options.addr.type == qapi::SocketAddressType::fd) {
        Given given = TRY(take_socket(host, std::get<qapi::String>(options.addr.u).str));
        if (given.datagrams) return fail("a socket for datagrams is no stream");
        if (server)
            TRY(made->listen(io::FdAddress{given.fd.release()}));
        else
            made->adopt(std::move(given.fd));
        return made;
    }
    const io::SocketAddress address =
        options.addr.type == qapi::SocketAddressType::inet
            ? io::SocketAddress(address_in<qapi::InetSocketAddress>(options.addr))
            : io::SocketAddress(address_in<qapi::UnixSocketAddress>(options.addr));
    if (server)
        TRY(made->listen(address));
    else
        made->connect(address);
    return made;
}

Backend make_dgram(const Host& host, const std::string& id,
                   const qapi::NetdevDgramOptions& options) {
    using Type = qapi::SocketAddressType;
    constexpr std::string_view type = "dgram";
    const auto& local = options.local;
    const auto& remote = options.remote;
    if (remote && remote->type == Type::inet) {
        const auto group = TRY(io::raw_address(address_in<qapi::InetSocketAddress>(*remote)));
        if (is_multicast(group)) {
            if (local && local->type != Type::inet)
                return fail("multicast requires that local is of type inet");
            const auto host_name =
                local ? address_in<qapi::InetSocketAddress>(*local).host : std::string();
            return multicast(host, id, type, group, host_name, {});
        }
    }
    if (!local) return fail("dgram requires local= parameter");
    if (local->type == Type::fd) {
        if (remote) return fail("don't set remote with local.fd");
        Given given = TRY(take_socket(host, std::get<qapi::String>(local->u).str));
        if (!given.datagrams) return fail("a stream socket carries no datagrams");
        return adopt_datagrams(host, id, type, std::move(given), {});
    }
    if (!remote) return fail("type=inet or type=unix requires remote parameter");
    if (remote->type != local->type) return fail("remote and local types must be the same");
    if (local->type == Type::inet)
        return udp_between(host, id, type, address_in<qapi::InetSocketAddress>(*local),
                           address_in<qapi::InetSocketAddress>(*remote), "udp={from}/{to}");
    const auto from = address_in<qapi::UnixSocketAddress>(*local);
    const auto to = address_in<qapi::UnixSocketAddress>(*remote);
    UniqueFd fd = TRY(new_datagram_socket(AF_UNIX));
    TRY(io::bind_unix(fd.get(), from));
    auto made =
        std::make_unique<DatagramNet>(host, id, type, std::move(fd), TRY(io::raw_address(to)),
                                      fmt::format("udp={}:{}", from.path, to.path));
    made->owns(from);
    return made;
}

}  // namespace net
