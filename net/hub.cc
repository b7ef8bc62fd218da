// SPDX-License-Identifier: GPL-2.0-or-later
#include "net/hub.h"

#include <fmt/format.h>

#include <cassert>

namespace net {

class Hub::Port final : public Client {
public:
    Port(Hub& hub, std::string name) : Client(std::move(name), "hubport"), hub_(hub) {
        hub_.ports_.push_back(this);
    }
    ~Port() override { std::erase(hub_.ports_, this); }
    std::string info() const override { return {}; }
    void receive(std::span<const std::uint8_t> frame) override {
        for (Client* other : hub_.ports_)
            if (other != this) other->send(frame);
    }
    const Hub& hub() const { return hub_; }

private:
    friend const Hub* hub_of(const Client&);
    Hub& hub_;
};

Hub::~Hub() {
    assert(ports_.empty());
}

std::unique_ptr<Client> Hub::make_port(std::string name) {
    if (name.empty()) name = fmt::format("hub{}port{}", id_, made_);
    made_++;
    return std::make_unique<Port>(*this, std::move(name));
}

const Hub* hub_of(const Client& client) {
    if (client.type() != "hubport") return nullptr;
    // Nothing else calls itself so.
    return &static_cast<const Hub::Port&>(client).hub_;
}

}  // namespace net
