// SPDX-License-Identifier: GPL-2.0-or-later
#include "monitor/hmp-net.h"

#include "monitor/hmp.h"
#include "net/forwards.h"
#include "net/network.h"
#include "net/options.h"
#include "qapi/qapi-visit-net.h"

namespace monitor::network {

namespace {

void print_client(Hmp& hmp, const net::Client& c) {
    // Every client has one queue, which is counted as QEMU counts those that may have more.
    hmp.print("{}: index=0,type={},{}\n", c.name(), c.type(), c.info());
    if (!c.taps().empty()) hmp.print("filters:\n");
    for (const net::Client::Tap* t : c.taps())
        hmp.print("  - {}\n", t->info());
}

/// The one of that id, or without an id the one there is.
Result<net::UserNetwork*> find_user(Hmp& hmp, const std::optional<std::string>& id) {
    auto& network = hmp.services().get<net::Network>();
    if (id) {
        auto* found = network.find(*id);
        if (!found) return fail("unrecognized netdev id '{}'", *id);
        if (auto* user = dynamic_cast<net::UserNetwork*>(found)) return user;
        return fail("invalid device specified");
    }
    for (net::Client* c : network.clients())
        if (auto* user = dynamic_cast<net::UserNetwork*>(c)) return user;
    return fail("user mode network stack not in use");
}

/// The arguments of both hostfwd commands: [NETDEV] RULE.
struct Forwarding {
    net::UserNetwork* user;
    std::string rule;
};
Result<Forwarding> forwarding(Hmp& hmp, const HmpArguments& a) {
    const auto second = a.maybe_text("rule");
    const auto id = second ? std::optional(a.text("netdev")) : std::nullopt;
    return Forwarding{TRY(find_user(hmp, id)), second ? *second : a.text("netdev")};
}

}  // namespace

Result<void> info(Hmp& hmp, const HmpArguments&) {
    auto* network = hmp.services().find<net::Network>();
    if (!network) return {};
    // What hangs on a hub is shown with it, its latest port first.
    for (const auto& hub : network->hubs()) {
        if (hub->ports().empty()) continue;
        hmp.print("hub {}\n", hub->id());
        for (auto port = hub->ports().rbegin(); port != hub->ports().rend(); ++port) {
            hmp.print(" \\ {}", (*port)->name());
            if ((*port)->peer()) {
                hmp.print(": ");
                print_client(hmp, *(*port)->peer());
            } else {
                hmp.print("\n");
            }
        }
    }
    for (const net::Client* c : network->clients()) {
        const net::Client* peer = c->peer();
        if (net::hub_of(*c) || (peer && net::hub_of(*peer))) continue;
        if (!peer || c->is_card()) print_client(hmp, *c);
        if (peer && c->is_card()) {
            hmp.print(" \\ ");
            print_client(hmp, *peer);
        }
    }
    return {};
}

Result<void> info_usernet(Hmp& hmp, const HmpArguments&) {
    auto* network = hmp.services().find<net::Network>();
    if (!network) return {};
    for (net::Client* c : network->clients()) {
        auto* user = dynamic_cast<net::UserNetwork*>(c);
        if (!user) continue;
        const net::Hub* hub = user->peer() ? net::hub_of(*user->peer()) : nullptr;
        hmp.print("Hub {} ({}):\n", hub ? hub->id() : -1, user->name());
        hmp.print_text(user->connections());
    }
    return {};
}

Result<void> hostfwd_add(Hmp& hmp, const HmpArguments& a) {
    const auto f = TRY(forwarding(hmp, a));
    const auto rule = TRY(net::parse_host_forward(f.rule));
    auto added = f.user->add_forward(rule);
    if (!added) return fail("{} '{}'", added.error().description(), f.rule);
    return {};
}

Result<void> hostfwd_remove(Hmp& hmp, const HmpArguments& a) {
    const auto f = TRY(forwarding(hmp, a));
    const auto end = net::parse_host_end(f.rule);
    if (!end) return fail("invalid format");
    hmp.print("host forwarding rule for {} {}\n", f.rule,
              f.user->remove_forward(*end) ? "removed" : "not found");
    return {};
}

/// The names of cards are separated by commas.
Result<void> announce_self(Hmp& hmp, const HmpArguments& a) {
    qapi::JsonObject arguments{{"initial", 50}, {"max", 550}, {"rounds", 5}, {"step", 100}};
    if (const auto names = a.maybe_text("interfaces"); names && !names->empty()) {
        qapi::JsonArray list;
        for (std::string_view rest = *names; !rest.empty();) {
            const auto comma = std::min(rest.find(','), rest.size());
            list.push_back(std::string(rest.substr(0, comma)));
            rest.remove_prefix(std::min(comma + 1, rest.size()));
        }
        arguments.set("interfaces", std::move(list));
    }
    if (const auto id = a.maybe_text("id")) arguments.set("id", *id);
    (void)TRY(hmp.qmp("announce-self", std::move(arguments)));
    return {};
}

Result<void> netdev_add(Hmp& hmp, const HmpArguments& a) {
    const auto netdev = TRY(net::netdev_from(qapi::parse_options(a.text("netdev"), "type")));
    (void)TRY(hmp.qmp("netdev_add", *qapi::to_json(netdev).object()));
    return {};
}

Result<void> netdev_del(Hmp& hmp, const HmpArguments& a) {
    (void)TRY(hmp.qmp("netdev_del", {{"id", a.text("id")}}));
    return {};
}

Result<void> set_link(Hmp& hmp, const HmpArguments& a) {
    (void)TRY(hmp.qmp("set_link", {{"name", a.text("name")}, {"up", a.on("up")}}));
    return {};
}

}  // namespace monitor::network
