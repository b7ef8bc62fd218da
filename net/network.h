// SPDX-License-Identifier: GPL-2.0-or-later
//
// The network of one VM: its cards, back ends and hubs by name. A service: cards look up their
// netdev= here, monitors show it. Under the big lock.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "io/watch.h"
#include "net/hub.h"
#include "net/net-client.h"

class Clock;
class Log;
namespace chardev {
class Chardevs;
}
namespace io {
class FdSets;
}
namespace qapi {
class EventSink;
struct Netdev;
}  // namespace qapi
namespace vmstate {
class Registry;
}

namespace net {

/// What back ends stand on.
struct Host {
    io::Context* loop;
    Clock& clock;  // the guest's time
    Log& log;
    vmstate::Registry& states;
    chardev::Chardevs& chardevs;
    io::FdSets& descriptors;
    qapi::EventSink& events;
};

/// 52:54:00:12:34:56 and up are for cards without mac=.
inline constexpr MacAddress default_mac{0x52, 0x54, 0x00, 0x12, 0x34, 0x56};

class Announcements;

class Network {
public:
    explicit Network(Host);
    Network(const Network&) = delete;
    ~Network();

    /// What -netdev and netdev_add do.
    Result<Client*> add(const qapi::Netdev&);
    /// netdev_del. A card at the other end sees its cable pulled.
    Result<void> remove(std::string_view id);
    /// A port of a hub for a card or a back end of the old -net.
    Client& add_hub_port(int hub);
    /// For a back end that came without an id.
    std::string unused_name();

    /// A card or back end.
    Client* find(std::string_view name) const;
    /// In the order they came.
    const std::vector<Client*>& clients() const { return clients_; }
    const std::vector<std::unique_ptr<Hub>>& hubs() const { return hubs_; }

    /// Whether the machine runs; while it does not, nothing reaches its cards.
    bool running() const { return running_; }
    void set_running(bool);

    Announcements& announcements() { return *announcements_; }

    // For cards.
    MacAddress unused_mac() const;
    std::string card_name(std::string_view model) const;
    void add_card(Card&);
    void remove_card(Card&);

private:
    Hub& hub(int id);
    Result<std::unique_ptr<Client>> make_hub_port(const qapi::Netdev&);

    Host host_;
    bool running_ = false;
    unsigned unnamed_ = 0;
    std::vector<std::unique_ptr<Hub>> hubs_;
    std::vector<std::unique_ptr<Client>> backends_;
    std::vector<Client*> clients_;  // the back ends and the cards
    std::unique_ptr<Announcements> announcements_;
};

/// The back ends that `-netdev help` lists.
std::span<const std::string_view> backend_types();

}  // namespace net
