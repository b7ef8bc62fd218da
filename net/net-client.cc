// SPDX-License-Identifier: GPL-2.0-or-later
#include "net/net-client.h"

#include <fmt/format.h>

#include "net/network.h"

namespace net {

Result<MacAddress> parse_mac(std::string_view text) {
    MacAddress mac{};
    const auto bad = [&] {
        return fail("'{}' is no MAC address: it is six hexadecimal bytes, 52:54:00:12:34:56", text);
    };
    if (text.size() != 17) return bad();
    for (unsigned i = 0; i < 6; i++) {
        if (i && text[3 * i - 1] != ':' && text[3 * i - 1] != '-') return bad();
        unsigned value = 0;
        for (char c : text.substr(3 * i, 2)) {
            const int digit = c >= '0' && c <= '9'   ? c - '0'
                              : c >= 'a' && c <= 'f' ? c - 'a' + 10
                              : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                                     : -1;
            if (digit < 0) return bad();
            value = value << 4 | static_cast<unsigned>(digit);
        }
        mac[i] = static_cast<std::uint8_t>(value);
    }
    return mac;
}

std::string format_mac(const MacAddress& m) {
    return fmt::format("{:02x}:{:02x}:{:02x}:{:02x}:{:02x}:{:02x}", m[0], m[1], m[2], m[3], m[4],
                       m[5]);
}

// ---- any end ----------------------------------------------------------------------------------

Client::~Client() {
    disconnect();
    for (Tap* t : taps_)
        t->client_gone();
}

Result<void> Client::connect(Client& a, Client& b) {
    for (Client* c : {&a, &b})
        if (c->peer_) return fail("'{}' is already connected to '{}'", c->name_, c->peer_->name_);
    a.peer_ = &b;
    b.peer_ = &a;
    return {};
}

void Client::disconnect() {
    incoming_.clear();
    if (!peer_) return;
    Client& other = *peer_;
    other.peer_ = nullptr;
    peer_ = nullptr;
    other.incoming_.clear();
    other.link_up_ = other.link_up_ && !other.is_card();
    other.link_changed(false);
}

bool Client::send(std::span<const std::uint8_t> frame) {
    for (Tap* t : taps_)
        t->frame(frame);
    if (!peer_ || !link_up_ || !peer_->link_up_ || frame.size() > longest_frame) return true;
    return peer_->deliver(frame);
}

/// What comes while a frame is being taken waits for that to end: a card may be told by its guest
/// to receive into its own registers, and these may make it send and receive again.
bool Client::deliver(std::span<const std::uint8_t> frame) {
    if (incoming_.empty() && !delivering_ && can_receive()) {
        take(frame);
    } else if (incoming_.size() < queue_limit) {
        incoming_.emplace_back(frame.begin(), frame.end());
    }
    if (delivering_) return true;
    flush_incoming();
    return incoming_.empty();
}

void Client::take(std::span<const std::uint8_t> frame) {
    delivering_ = true;
    for (Tap* t : taps_)
        t->frame(frame);
    receive(frame);
    delivering_ = false;
}

void Client::flush_incoming() {
    if (incoming_.empty() || delivering_) return;
    // No more than wait now: what they bring about in turn may wait for the next occasion.
    for (std::size_t n = incoming_.size(); n && !incoming_.empty() && can_receive(); n--) {
        const auto frame = std::move(incoming_.front());
        incoming_.pop_front();
        take(frame);
    }
    if (incoming_.empty() && peer_) peer_->drained();
}

void Client::set_link(bool up) {
    if (up == link_up_) return;
    link_up_ = up;
    if (peer_ && peer_->is_card()) peer_->link_up_ = up;
    link_changed(up);
    if (peer_) peer_->link_changed(up);
}

// ---- a card's -----------------------------------------------------------------------------------

Card::~Card() {
    if (network_) network_->remove_card(*this);
}

Result<void> Card::sign_in(Network* network, std::string_view model, std::string_view id,
                           std::string& mac, const std::string& netdev) {
    model_ = model;
    if (!mac.empty()) {
        auto given = parse_mac(mac);
        if (!given) return fail("Property '{}.mac' doesn't take value '{}'", model, mac);
        mac_ = *given;
    } else {
        mac_ = network ? network->unused_mac() : default_mac;
    }
    mac = format_mac(mac_);
    if (!netdev.empty()) {
        Client* other = network ? network->find(netdev) : nullptr;
        if (!other || other->is_card())
            return fail("Property '{}.netdev' can't find value '{}'", model, netdev);
        if (!connect(*this, *other))
            return fail("Property '{}.netdev' can't take value '{}', it's in use", model, netdev);
        restore_link(other->link_up());
    }
    if (!network) return {};
    set_name(id.empty() ? network->card_name(model) : std::string(id));
    network_ = network;
    network->add_card(*this);
    return {};
}

bool Card::can_receive() {
    return (!network_ || network_->running()) && ready();
}

std::string Card::info() const {
    return fmt::format("model={},macaddr={}", model_, format_mac(mac_));
}

}  // namespace net
