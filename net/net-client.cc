// SPDX-License-Identifier: GPL-2.0-or-later
//
// Cables and hubs.
#include "net/net-client.h"

#include <fmt/format.h>

#include <cstdio>

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

Client::~Client() {
    disconnect();
}

Result<void> Client::connect(Client& a, Client& b) {
    for (Client* c : {&a, &b})
        if (c->peer_) return fail("'{}' is already connected to '{}'", c->name_, c->peer_->name_);
    a.peer_ = &b;
    b.peer_ = &a;
    return {};
}

void Client::disconnect() {
    if (peer_) peer_->peer_ = nullptr;
    peer_ = nullptr;
    incoming_.clear();
}

void Client::send(std::span<const std::uint8_t> frame) {
    for (Tap* t : taps_)
        t->frame(frame);
    if (peer_ && link_up_ && peer_->link_up_) peer_->deliver(frame);
}

void Client::deliver(std::span<const std::uint8_t> frame) {
    if (incoming_.empty() && can_receive()) {
        for (Tap* t : taps_)
            t->frame(frame);
        receive(frame);
    } else if (incoming_.size() < queue_limit) {
        incoming_.emplace_back(frame.begin(), frame.end());
    }
}

void Client::flush_incoming() {
    while (!incoming_.empty() && can_receive()) {
        const auto frame = std::move(incoming_.front());
        incoming_.pop_front();
        for (Tap* t : taps_)
            t->frame(frame);
        receive(frame);
    }
}

void Client::set_link(bool up) {
    if (up == link_up_) return;
    link_up_ = up;
    link_changed(up);
    if (peer_) peer_->link_changed(up);
}

// ---- hub --------------------------------------------------------------------------------------

class Hub::Port final : public Client {
public:
    Port(Hub& hub, std::string name) : Client(std::move(name), "hubport"), hub_(hub) {}
    void receive(std::span<const std::uint8_t> frame) override {
        for (const auto& other : hub_.ports_)
            if (other.get() != this) other->send(frame);
    }

private:
    Hub& hub_;
};

Hub::Hub(unsigned id) : id_(id) {}
Hub::~Hub() = default;

Client& Hub::add_port(std::string name) {
    ports_.push_back(std::make_unique<Port>(*this, std::move(name)));
    return *ports_.back();
}

Client* Clients::find(std::string_view name) const {
    for (Client* c : clients_)
        if (c->name() == name) return c;
    return nullptr;
}

MacAddress Clients::default_mac() {
    MacAddress mac{0x52, 0x54, 0x00, 0x12, 0x34, 0x56};
    mac[5] = static_cast<std::uint8_t>(mac[5] + cards_++);
    return mac;
}

}  // namespace net
