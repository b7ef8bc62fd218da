// SPDX-License-Identifier: GPL-2.0-or-later
//
// What makes each kind of back end but hub ports, which need nothing of the host.
#pragma once

#include "net/network.h"
#include "qapi/qapi-types-net.h"

namespace net {

using Backend = Result<std::unique_ptr<Client>>;

Backend make_user(const Host&, const std::string& id, const qapi::NetdevUserOptions&);
Backend make_socket(const Host&, const std::string& id, const qapi::NetdevSocketOptions&);
Backend make_stream(const Host&, const std::string& id, const qapi::NetdevStreamOptions&);
Backend make_dgram(const Host&, const std::string& id, const qapi::NetdevDgramOptions&);

}  // namespace net
