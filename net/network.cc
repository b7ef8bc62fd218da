// SPDX-License-Identifier: GPL-2.0-or-later
#include "net/network.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "net/announce.h"
#include "net/backends.h"
#include "qapi/keyval.h"

namespace net {

std::span<const std::string_view> backend_types() {
    return qapi::enum_table(qapi::NetClientDriver{}).names;
}

Network::Network(Host host)
    : host_(host), announcements_(std::make_unique<Announcements>(host.loop, *this)) {}

Network::~Network() {
    // Hubs hold their ports' names, so they go last.
    while (!backends_.empty())
        backends_.pop_back();
}

Client* Network::find(std::string_view name) const {
    const auto found = std::ranges::find(clients_, name, &Client::name);
    return found == clients_.end() ? nullptr : *found;
}

Hub& Network::hub(int id) {
    for (const auto& h : hubs_)
        if (h->id() == id) return *h;
    return *hubs_.emplace_back(std::make_unique<Hub>(id));
}

Result<Client*> Network::add(const qapi::Netdev& netdev) {
    if (!qapi::is_identifier(netdev.id) && !netdev.id.starts_with("#net"))
        return fail("Parameter 'id' expects an identifier")
            .with_hint(
                "Identifiers consist of letters, digits, '-', '.', '_', starting with a letter.");
    if (find(netdev.id)) return fail("Duplicate ID '{}'", netdev.id);
    auto made = [&]() -> Backend {
        switch (netdev.type) {
            case qapi::NetClientDriver::user:
                return make_user(host_, netdev.id, std::get<qapi::NetdevUserOptions>(netdev.u));
            case qapi::NetClientDriver::socket:
                return make_socket(host_, netdev.id, std::get<qapi::NetdevSocketOptions>(netdev.u));
            case qapi::NetClientDriver::stream:
                return make_stream(host_, netdev.id, std::get<qapi::NetdevStreamOptions>(netdev.u));
            case qapi::NetClientDriver::dgram:
                return make_dgram(host_, netdev.id, std::get<qapi::NetdevDgramOptions>(netdev.u));
            case qapi::NetClientDriver::hubport: return make_hub_port(netdev);
        }
        return fail("network backend '{}' is not supported", qapi::name(netdev.type));
    }();
    if (!made) return std::move(made).error();
    backends_.push_back(*std::move(made));
    clients_.push_back(backends_.back().get());
    clients_.back()->run_state_changed(running_);
    return clients_.back();
}

Backend Network::make_hub_port(const qapi::Netdev& netdev) {
    const auto& options = std::get<qapi::NetdevHubPortOptions>(netdev.u);
    Hub& h = hub(options.hubid);
    Client* other = nullptr;
    if (options.netdev) {
        other = find(*options.netdev);
        if (!other || other->is_card()) return fail("netdev '{}' not found", *options.netdev);
        if (other->peer()) return fail("netdev '{}' is already in use", *options.netdev);
        // Two hubs could be joined twice over, and a frame would go round for ever.
        if (hub_of(*other))
            return fail("netdev '{}' is a hub port: hubs cannot be joined", *options.netdev);
    }
    auto port = h.make_port(netdev.id);
    if (other) TRY(Client::connect(*port, *other));
    return port;
}

Client& Network::add_hub_port(int id) {
    backends_.push_back(hub(id).make_port({}));
    clients_.push_back(backends_.back().get());
    return *clients_.back();
}

Result<void> Network::remove(std::string_view id) {
    const auto found = std::ranges::find_if(backends_, [&](auto& b) { return b->name() == id; });
    if (found == backends_.end())
        return fail(ErrorClass::DeviceNotFound, "Device '{}' not found", id);
    std::erase(clients_, found->get());
    backends_.erase(found);
    return {};
}

std::string Network::unused_name() {
    return fmt::format("#net{:03}", unnamed_++);
}

void Network::set_running(bool running) {
    running_ = running;
    for (Client* c : clients_) {
        c->run_state_changed(running);
        if (running && c->is_card()) c->flush_incoming();
    }
}

MacAddress Network::unused_mac() const {
    MacAddress mac = default_mac;
    const auto used = [&](const Client* c) {
        return c->is_card() && static_cast<const Card*>(c)->mac() == mac;
    };
    while (std::ranges::any_of(clients_, used))
        if (!++mac[5]) mac[4]++;
    return mac;
}

std::string Network::card_name(std::string_view model) const {
    std::string name;
    for (unsigned n = 0; name.empty() || find(name); n++)
        name = fmt::format("{}.{}", model, n);
    return name;
}

void Network::add_card(Card& card) {
    clients_.push_back(&card);
}

void Network::remove_card(Card& card) {
    std::erase(clients_, &card);
}

}  // namespace net
