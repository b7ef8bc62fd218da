// SPDX-License-Identifier: GPL-2.0-or-later
#include "io/qmp-address.h"

#include "util/overloaded.h"

namespace io {

InetAddress from_qapi(const qapi::InetSocketAddress& a) {
    return {.host = a.host,
            .port = a.port,
            .to = a.to,
            .ipv4 = a.ipv4,
            .ipv6 = a.ipv6,
            .keep_alive = a.keep_alive.value_or(false)};
}

UnixAddress from_qapi(const qapi::UnixSocketAddress& a) {
    return {
        .path = a.path, .abstract = a.abstract.value_or(false), .tight = a.tight.value_or(true)};
}

qapi::SocketAddress to_qapi(const SocketAddress& address) {
    qapi::SocketAddress q;
    std::visit(Overloaded{
                   [&](const UnixAddress& a) {
                       q.type = qapi::SocketAddressType::q_unix;
                       qapi::UnixSocketAddress u;
                       u.path = a.path;
                       if (a.abstract) u.abstract = true;
                       if (!a.tight) u.tight = false;
                       q.u = std::move(u);
                   },
                   [&](const InetAddress& a) {
                       q.type = qapi::SocketAddressType::inet;
                       qapi::InetSocketAddress i;
                       i.host = a.host;
                       i.port = a.port;
                       i.ipv4 = a.ipv4;
                       i.ipv6 = a.ipv6;
                       q.u = std::move(i);
                   },
                   [&](const FdAddress& a) {
                       q.type = qapi::SocketAddressType::fd;
                       qapi::String s;
                       s.str = fmt::format("{}", a.fd);
                       q.u = std::move(s);
                   },
               },
               address);
    return q;
}

}  // namespace io
