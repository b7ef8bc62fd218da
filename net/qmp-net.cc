// SPDX-License-Identifier: GPL-2.0-or-later
//
// The QMP commands about the network (qapi/net.json).
#include "net/announce.h"
#include "net/network.h"
#include "qapi/context.h"
#include "qapi/qapi-commands-net.h"

namespace qapi {

Result<void> qmp_netdev_add(Context& cx, const Netdev& netdev) {
    (void)TRY(cx.get<net::Network>().add(netdev));
    return {};
}

Result<void> qmp_netdev_del(Context& cx, const NetdevDelArgs& args) {
    return cx.get<net::Network>().remove(args.id);
}

Result<void> qmp_set_link(Context& cx, const SetLinkArgs& args) {
    auto* client = cx.get<net::Network>().find(args.name);
    if (!client) return fail(ErrorClass::DeviceNotFound, "Device '{}' not found", args.name);
    client->set_link(args.up);
    return {};
}

Result<void> qmp_announce_self(Context& cx, const AnnounceParameters& what) {
    return cx.get<net::Network>().announcements().start(what);
}

}  // namespace qapi
