// SPDX-License-Identifier: GPL-2.0-or-later
//
// Socket addresses as QMP has them (qapi/sockets.json).
#pragma once

#include "io/socket.h"
#include "qapi/qapi-types-sockets.h"

namespace io {

InetAddress from_qapi(const qapi::InetSocketAddress&);
UnixAddress from_qapi(const qapi::UnixSocketAddress&);
qapi::SocketAddress to_qapi(const SocketAddress&);

}  // namespace io
