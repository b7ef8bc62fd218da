// SPDX-License-Identifier: GPL-2.0-or-later
//
// Stream sockets by address: listen, accept, connect, and how an end is named to a person.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>

#include "io/watch.h"
#include "util/result.h"
#include "util/unique-fd.h"

namespace io {

struct UnixAddress {
    std::string path;
    bool abstract = false;  // Linux: a name in no file system
    bool tight = true;      // an abstract name is as long as it is, not padded with zeros
};

struct InetAddress {
    std::string host;  // empty: every address of this host
    std::string port;
    std::optional<unsigned> to;  // listen on the first free port from `port` to this one
    std::optional<bool> ipv4, ipv6;
    bool keep_alive = false;
};

/// A socket this process was started with or was sent: its number.
struct FdAddress {
    int fd = -1;
};

using SocketAddress = std::variant<UnixAddress, InetAddress, FdAddress>;

/// A listening socket. A stale unix socket of that name is replaced, as QEMU does.
Result<UniqueFd> listen(const SocketAddress&, int backlog = 1);
/// A connected socket. Blocks for as long as the other side takes.
Result<UniqueFd> connect(const SocketAddress&);
/// The next connection; an empty one if there is none now (non-blocking).
UniqueFd accept(int listener);

/// "unix:/path", "tcp:127.0.0.1:4444": an address as -chardev's file name, `prefix` for the
/// protocol spoken over TCP.
std::string describe(const SocketAddress&, const char* prefix = "tcp");
/// Both ends of a connection as they turned out: "unix:/path,server=on",
/// "tcp:127.0.0.1:4444,server=on <-> 127.0.0.1:50022".
std::string describe_connection(int socket, bool server, const char* prefix = "tcp");
/// The address a listener got, which differs from the one asked for when that had port 0.
SocketAddress listening_address(int listener, const SocketAddress& asked);

/// Connects in a thread of its own and tells `done` in the context's thread. Name resolution and
/// a peer that does not answer can take minutes; a VM cannot wait that long. Destroying it before
/// that forgets the attempt.
class Connector {
public:
    Connector(Context*, SocketAddress, std::function<void(Result<UniqueFd>)> done);
    ~Connector();

private:
    struct Attempt;
    // Shared with the thread, which may outlive both this object and the VM.
    std::shared_ptr<Attempt> attempt_;
};

}  // namespace io
