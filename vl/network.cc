// SPDX-License-Identifier: GPL-2.0-or-later
#include "vl/network.h"

#include "net/forwards.h"
#include "net/options.h"
#include "vl/option-groups.h"

namespace vl {

namespace {

/// The key's text, which then no longer stands among the options.
std::string take(qapi::JsonObject& o, std::string_view key) {
    const auto* v = o.find(key);
    std::string text = v ? word(*v) : std::string();
    o.erase(key);
    return text;
}

Result<std::string> checked_mac(std::string text) {
    if (!text.empty() && !net::parse_mac(text)) return fail("invalid syntax for ethernet address");
    return text;
}

Result<net::Client*> add(net::Network& network, qapi::Argument argument) {
    if (!argument.value.find("id")) argument.value.object()->set("id", network.unused_name());
    const auto netdev = TRY(net::netdev_from(std::move(argument)));
    return network.add(netdev);
}

/// -nic: a back end and the card it belongs to.
Result<void> add_nic(net::Network& network, qapi::Argument argument,
                     std::vector<hw::NicConfig>& cards) {
    auto& o = *argument.value.object();
    if (!o.find("type")) o.set("type", "user");
    if (word(*o.find("type")) == "none") return {};
    hw::NicConfig card{.model = take(o, "model"), .mac = TRY(checked_mac(take(o, "mac")))};
    card.netdev = TRY(add(network, std::move(argument)))->name();
    cards.push_back(std::move(card));
    return {};
}

/// -net: a back end or a card, plugged into hub 0.
Result<void> add_old_net(net::Network& network, qapi::Argument argument,
                         std::vector<hw::NicConfig>& cards) {
    auto& o = *argument.value.object();
    const auto* type = o.find("type");
    if (!type) return fail("Parameter 'type' is missing");
    if (word(*type) == "none") return {};
    if (word(*type) != "nic") {
        net::Client* backend = TRY(add(network, std::move(argument)));
        return net::Client::connect(*backend, network.add_hub_port(0));
    }
    o.erase("type");
    hw::NicConfig card{.model = take(o, "model"),
                       .mac = TRY(checked_mac(take(o, "macaddr"))),
                       .netdev = take(o, "netdev"),
                       .address = take(o, "addr")};
    // How many interrupt vectors a card has is for those that have several.
    o.erase("vectors");
    if (!o.empty()) return fail("Invalid parameter '{}'", o.begin()->key);
    if (card.netdev.empty())
        card.netdev = network.add_hub_port(0).name();
    else if (!network.find(card.netdev))
        return fail("netdev '{}' not found", card.netdev);
    cards.push_back(std::move(card));
    return {};
}

qapi::Argument option(std::string_view type) {
    qapi::Argument a{.form = qapi::Argument::Form::options};
    a.value = qapi::Json::object({{"type", type}});
    return a;
}

bool by_default(const Settings& s) {
    return s.default_devices && s.netdevs.empty() && s.nics.empty() && s.nets.empty();
}

}  // namespace

Result<std::vector<hw::NicConfig>> make_network(const Settings& s, const hw::MachineType& machine,
                                                net::Network& network) {
    std::vector<hw::NicConfig> cards;
    auto each = [](const std::vector<Described>& list, auto&& make) -> Result<void> {
        for (const Described& d : list) {
            Result<void> made = make(d.argument);
            if (!made) return std::move(made).error().prepend(d.where + ": ");
        }
        return {};
    };
    auto add_netdev = [&](qapi::Argument a) -> Result<void> {
        if (!a.value.find("type")) return fail("Parameter 'type' is missing");
        const auto netdev = TRY(net::netdev_from(std::move(a)));
        (void)TRY(network.add(netdev));
        return {};
    };
    TRY(each(s.netdevs, add_netdev));
    TRY(each(s.nics, [&](qapi::Argument a) { return add_nic(network, std::move(a), cards); }));
    TRY(each(s.nets, [&](qapi::Argument a) { return add_old_net(network, std::move(a), cards); }));
    if (by_default(s) && machine.has_net && net::user_available()) {
        TRY(add_old_net(network, option("nic"), cards));
        TRY(add_old_net(network, option("user"), cards));
    }
    return cards;
}

std::vector<std::string> network_warnings(const Settings& s,
                                          const std::vector<hw::NicConfig>& cards,
                                          const net::Network& network) {
    std::vector<std::string> warnings;
    if (by_default(s)) return warnings;
    for (const net::Client* c : network.clients())
        if (!c->peer())
            warnings.push_back(
                fmt::format("{} {} has no peer", c->is_card() ? "nic" : "netdev", c->name()));
    for (const hw::NicConfig& card : cards) {
        const net::Client* backend = network.find(card.netdev);
        if (backend && !backend->peer())
            warnings.push_back(fmt::format(
                "requested NIC ({}, model {}) was not created (not supported by this machine?)",
                card.netdev, card.model.empty() ? "unspecified" : card.model));
    }
    return warnings;
}

}  // namespace vl
