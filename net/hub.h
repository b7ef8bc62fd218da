// SPDX-License-Identifier: GPL-2.0-or-later
//
// A hub: repeats what one port gets to all the others.
#pragma once

#include <memory>

#include "net/net-client.h"

namespace net {

class Hub {
public:
    explicit Hub(int id) : id_(id) {}
    Hub(const Hub&) = delete;
    ~Hub();

    int id() const { return id_; }
    /// An empty name asks for "hub0port1". The port leaves the hub when it is destroyed.
    std::unique_ptr<Client> make_port(std::string name);
    /// In the order they came.
    const std::vector<Client*>& ports() const { return ports_; }

private:
    class Port;
    friend const Hub* hub_of(const Client&);
    int id_;
    unsigned made_ = 0;
    std::vector<Client*> ports_;
};

/// The hub that this is a port of; null for what is none.
const Hub* hub_of(const Client&);

}  // namespace net
